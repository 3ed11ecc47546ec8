namespace Tramontane.Inference.Engine;

/// <summary>Ids of tool calls: nine letters or digits, the only form that the model's prompt format takes.</summary>
internal static class ToolCallIds
{
    private const int Length = 9;
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>Whether an id that the model wrote can be used as it is.</summary>
    public static bool IsWellFormed(string id) => id.Length == Length && id.All(char.IsAsciiLetterOrDigit);

    /// <summary>An id for a call that came without one: a function of the answer's seed and the call's index, so that one seed gives one answer.</summary>
    public static string Derive(ulong seed, int index)
    {
        // SplitMix64's finaliser over both numbers (Steele, Lea, Flood 2014); 62^9 is about 2^53.6.
        ulong z = seed + (((ulong)index + 1) * 0x9E3779B97F4A7C15);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        Span<char> id = stackalloc char[Length];
        for (int i = 0; i < Length; i++)
        {
            id[i] = Alphabet[(int)(z % 62)];
            z /= 62;
        }

        return new string(id);
    }
}
