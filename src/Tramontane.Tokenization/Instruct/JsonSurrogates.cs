namespace Tramontane.Tokenization.Instruct;

/// <summary>
/// Makes JSON with lone surrogate escapes readable. Python and JavaScript clients send such escapes when they cut a
/// string inside a character; System.Text.Json throws when it meets one.
/// </summary>
public static class JsonSurrogates
{
    /// <summary>Rewrites each lone <c>\uD800</c>–<c>\uDFFF</c> escape to <c>\uFFFD</c>, in place; pairs stay.</summary>
    /// <param name="json">JSON text as UTF-8; need not be valid, and keeps its length.</param>
    /// <returns>How many escapes were rewritten.</returns>
    public static int Repair(Span<byte> json)
    {
        int count = 0;
        for (int position = 0; ;)
        {
            int backslash = json[position..].IndexOf((byte)'\\');
            if (backslash < 0)
            {
                return count;
            }

            position += backslash;
            if (!IsEscape(json, position, out bool high, out bool low))
            {
                position = Math.Min(position + 2, json.Length); // an escaped backslash does not begin an escape
                continue;
            }

            if (high && IsEscape(json, position + 6, out _, out bool paired) && paired)
            {
                position += 12;
                continue;
            }

            if (high || low)
            {
                "FFFD"u8.CopyTo(json[(position + 2)..]);
                count++;
            }

            position += 6;
        }
    }

    // Whether \u and four hexadecimal digits stand here, and which half of a pair they name.
    private static bool IsEscape(ReadOnlySpan<byte> json, int position, out bool high, out bool low)
    {
        high = low = false;
        if (position + 6 > json.Length || json[position] != '\\' || json[position + 1] != 'u')
        {
            return false;
        }

        for (int i = 2; i < 6; i++)
        {
            if (!char.IsAsciiHexDigit((char)json[position + i]))
            {
                return false;
            }
        }

        if (json[position + 2] is (byte)'d' or (byte)'D')
        {
            high = json[position + 3] is (byte)'8' or (byte)'9' or (byte)'a' or (byte)'A' or (byte)'b' or (byte)'B';
            low = !high && json[position + 3] is (byte)'c' or (byte)'C' or (byte)'d' or (byte)'D' or (byte)'e' or (byte)'E' or (byte)'f' or (byte)'F';
        }

        return true;
    }
}
