using System.Globalization;

namespace Tramontane.LoadGenerator;

/// <summary>
/// One kind of request. Written <c>name,rate=0.5,prompt=200,output=100</c>, or <c>parallel=4</c> instead of a rate.
/// </summary>
/// <param name="Name">For the report.</param>
/// <param name="RatePerSecond">Mean arrivals per second, at random times whatever the server does (open loop); 0 with <paramref name="Parallel"/>.</param>
/// <param name="Parallel">Streams that are always under way, each followed by the next (closed loop); 0 with a rate.</param>
/// <param name="PromptWords">Words of the prompt; a word is one to two tokens.</param>
/// <param name="SharedWords">How many of them, at the beginning, are the same in all requests of the class.</param>
/// <param name="OutputTokens">Most tokens of the answer.</param>
/// <param name="Distinct">How many different requests there are; later ones repeat them, and their answers must be the same text. 0 for all different.</param>
/// <param name="AbortShare">Share of requests that leave in the middle of their answer.</param>
internal sealed record RequestClass(
    string Name, double RatePerSecond, int Parallel, int PromptWords, int SharedWords, int OutputTokens, int Distinct, double AbortShare)
{
    /// <summary>Reads the written form.</summary>
    /// <exception cref="FormatException">It is none; the message says why.</exception>
    public static RequestClass Parse(string text)
    {
        string[] parts = text.Split(',');
        var read = new RequestClass(parts[0], 0, 0, 100, 0, 100, 0, 0);
        foreach (string part in parts[1..])
        {
            string[] pair = part.Split('=');
            if (pair.Length != 2 || !double.TryParse(pair[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double value) || value < 0)
            {
                throw new FormatException($"'{part}' is not of the form name=number.");
            }

            read = pair[0] switch
            {
                "rate" => read with { RatePerSecond = value },
                "parallel" => read with { Parallel = (int)value },
                "prompt" => read with { PromptWords = (int)value },
                "shared" => read with { SharedWords = (int)value },
                "output" => read with { OutputTokens = (int)value },
                "distinct" => read with { Distinct = (int)value },
                "abort" => read with { AbortShare = value },
                _ => throw new FormatException($"There is no '{pair[0]}': known are rate, parallel, prompt, shared, output, distinct and abort."),
            };
        }

        return read.RatePerSecond > 0 != read.Parallel > 0 ? read : throw new FormatException($"'{text}' needs either a rate or a number of parallel streams.");
    }

    /// <summary>The prompt of the class's n-th request: the same in every run with the same seed.</summary>
    public string Prompt(int seed, int index)
    {
        var shared = new Random(HashCode.Combine(seed));
        var own = new Random((seed * 1_000_003) + index);
        return string.Join(' ', Enumerable.Range(0, Math.Max(1, PromptWords)).Select(i => s_words[(i < SharedWords ? shared : own).Next(s_words.Length)]));
    }

    // Common words, most of them one token in any vocabulary.
    private static readonly string[] s_words =
        ("the of and to in is that it was for on are as with his they at be this from have or by one had not but what all were when we there can "
        + "an your which their said if do will each about how up out them then she many some so these would other into has more her two like him see "
        + "time could no make than first been its who now people my made over did down only way find use may water long little very after words called "
        + "just where most know get through back much go good new write our me man too any day same right look think also around another came come work").Split(' ');
}
