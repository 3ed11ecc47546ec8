using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>
/// Ends an answer at the first stop text and tells which it was, for dialects that report it. The engine cuts at stop
/// texts too, but says only that there was one. Text that may become a stop text is held back until it is decided, so
/// the result does not depend on how the text is cut into pieces; a tool call decides it.
/// </summary>
/// <param name="stops">Non-empty texts.</param>
/// <param name="promptTokens">For the token counts of an answer that is cut.</param>
internal sealed class StopTextCutter(IReadOnlyList<string> stops, int promptTokens)
{
    private string _held = "";
    private int _tokenCount;

    /// <summary>The update without held or cut text, and the stop text that ended the answer, if it did.</summary>
    internal (GenerationUpdate Update, string? StopText) Cut(GenerationUpdate update)
    {
        _tokenCount += update.TokenIds.Count;
        string text = _held + update.Text;
        bool isEnd = update.FinishReason is not null || update.ToolCalls.Count > 0;
        (int match, string? stop) = FirstMatch(text);
        int open = isEnd ? text.Length : FirstOpenPrefix(text);
        if (stop is not null && match <= open)
        {
            return (update with
            {
                Text = text[..match],
                ToolCalls = [],
                FinishReason = FinishReason.Stop,
                Usage = update.Usage ?? new TokenUsage(promptTokens, _tokenCount, 0),
            }, stop);
        }

        _held = text[open..];
        return (update with { Text = text[..open] }, null);
    }

    /// <summary>The earliest occurrence; of two at one place the one that is listed first.</summary>
    private (int Index, string? Stop) FirstMatch(string text)
    {
        (int Index, string? Stop) first = (-1, null);
        foreach (string stop in stops)
        {
            int index = text.IndexOf(stop, StringComparison.Ordinal);
            if (index >= 0 && (first.Stop is null || index < first.Index))
            {
                first = (index, stop);
            }
        }

        return first;
    }

    /// <summary>The first position from which the rest may still become a stop text; the length when there is none.</summary>
    private int FirstOpenPrefix(string text)
    {
        int first = text.Length;
        foreach (string stop in stops)
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
