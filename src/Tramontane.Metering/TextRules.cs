namespace Tramontane.Metering;

/// <summary>Rules for what administrators write.</summary>
internal static class TextRules
{
    internal static string Check(string? value, string name, int longest, int shortest = 1)
    {
        if (value is null || value.Length < shortest || value.Length > longest || value.Any(char.IsControl))
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

    /// <summary>ISO 4217.</summary>
    internal static string CheckCurrency(string? value) => value is { Length: 3 } && value.All(char.IsAsciiLetterUpper)
        ? value
        : throw new MeteringException(MeteringFault.Invalid, "Currency must be a code of three capital letters, such as USD or EUR.");
}
