using System.Text;

namespace Tramontane.Inference.Engine;

/// <summary>
/// Cuts a text that comes in pieces at the smallest position where any of the stop texts occurs. What may still turn
/// out to belong to a stop text is held back, so the released text is the same however the pieces are cut.
/// </summary>
internal sealed class StopTextMatcher
{
    private readonly (string Asked, string Text)[] _stops; // as they were given, and as they occur in decoded text
    private string _held = "";

    /// <param name="stops">Any number; empty ones are ignored. A lone surrogate counts as U+FFFD, as in decoded text.</param>
    public StopTextMatcher(IReadOnlyList<string> stops) =>
        _stops = [.. stops.Where(s => s.Length > 0).Select(s => (s, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(s))))];

    /// <summary>A stop text was found: nothing more is released.</summary>
    public bool IsStopped => Found is not null;

    /// <summary>The stop text that was found; of several at one place the one that was complete first.</summary>
    public string? Found { get; private set; }

    /// <summary>Characters that are held back.</summary>
    public int HeldLength => _held.Length;

    /// <summary>Adds whole characters; returns those that can be released now.</summary>
    public string Append(string text) => _stops.Length == 0 ? text : Release(_held + text, isEnd: false);

    /// <summary>Nothing more follows: returns what was held back, up to a stop text in it.</summary>
    public string Finish() => Release(_held, isEnd: true);

    private string Release(string text, bool isEnd)
    {
        (int match, string? found) = FirstMatch(text);
        int open = isEnd ? text.Length : FirstOpenPrefix(text);
        if (found is not null && match <= open)
        {
            Found = found;
            _held = "";
            return text[..match];
        }

        // A stop text that begins before the match may still complete, and then it is the one that counts.
        _held = text[open..];
        return text[..open];
    }

    private (int Index, string? Found) FirstMatch(string text)
    {
        (int Index, string? Found) first = (-1, null);
        foreach ((string asked, string stop) in _stops)
        {
            int index = text.IndexOf(stop, StringComparison.Ordinal);
            first = index >= 0 && (first.Found is null || index < first.Index) ? (index, asked) : first;
        }

        return first;
    }

    /// <summary>The first position from which the rest of the text is a beginning of a stop text; the length when there is none.</summary>
    private int FirstOpenPrefix(string text)
    {
        int first = text.Length;
        foreach ((_, string stop) in _stops)
        {
            for (int start = Math.Max(0, text.Length - stop.Length + 1); start < first; start++)
            {
                if (stop.AsSpan().StartsWith(text.AsSpan(start)))
                {
                    first = start;
                }
            }
        }

        return first;
    }
}
