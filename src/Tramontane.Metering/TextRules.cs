namespace Tramontane.Metering;

/// <summary>Rules for what administrators write.</summary>
internal static class TextRules
{
    internal static string Check(string? value, string name, int longest, int shortest = 1)
    {
        if (value is null || value.Length < shortest || value.Length > longest || value.Any(char.IsControl) || !IsStorable(value))
        {
            throw new MeteringException(MeteringFault.Invalid, $"{name} must have {shortest} to {longest} characters and no control characters.");
        }

        return value;
    }

    /// <summary>Letters, digits, and <c>- _ . : / @</c>.</summary>
    internal static string CheckId(string? value, string name)
    {
        if (value is null || value.Length is 0 or > 128 || !value.All(c => char.IsAsciiLetterOrDigit(c) || "-_.:/@".Contains(c)))
        {
            throw new MeteringException(MeteringFault.Invalid, $"{name} must have 1 to 128 letters, digits, or characters of '-_.:/@'.");
        }

        return value;
    }

    /// <summary>Letters, digits, and <c>- _ . : @</c>: a segment of a path by itself, as which accounts are addressed.</summary>
    internal static string CheckAccountId(string? value)
    {
        if (value is null or "." or ".." || value.Length is 0 or > 128 || !value.All(c => char.IsAsciiLetterOrDigit(c) || "-_.:@".Contains(c)))
        {
            throw new MeteringException(MeteringFault.Invalid, "The account's id must have 1 to 128 letters, digits, or characters of '-_.:@', and not be '.' or '..'.");
        }

        return value;
    }

    /// <summary>Both databases can hold it: neither NUL nor half of a surrogate pair.</summary>
    internal static bool IsStorable(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] == '\0' || (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i]))))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>ISO 4217.</summary>
    internal static string CheckCurrency(string? value) => value is { Length: 3 } && value.All(char.IsAsciiLetterUpper)
        ? value
        : throw new MeteringException(MeteringFault.Invalid, "Currency must be a code of three capital letters, such as USD or EUR.");
}
