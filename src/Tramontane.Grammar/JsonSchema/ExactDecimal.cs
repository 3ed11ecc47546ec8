using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>An exact decimal number, digits · 10^(-scale), as JSON writes them; the scale is the smallest that serves and at least 0.</summary>
internal readonly record struct ExactDecimal(BigInteger Digits, int Scale)
{
    private const int MaxExponent = 2000;

    /// <summary>Digits before the point, without sign; at least one.</summary>
    public string IntegerText
    {
        get
        {
            string digits = BigInteger.Abs(Digits).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
            return digits[..^Scale];
        }
    }

    /// <summary>Digits after the point, without trailing zeros; may be empty.</summary>
    public string FractionText
    {
        get
        {
            string digits = BigInteger.Abs(Digits).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
            return digits[^Scale..];
        }
    }

    public bool IsNegative => Digits.Sign < 0;

    public bool IsInteger => Scale == 0;

    /// <summary>Reads a JSON number exactly; false when its exponent is beyond what is worth writing out.</summary>
    public static bool TryRead(JsonElement number, out ExactDecimal value)
    {
        value = default;
        string text = number.GetRawText();
        int e = text.AsSpan().IndexOfAny('e', 'E');
        int exponent = 0;
        if (e >= 0 && (!int.TryParse(text.AsSpan(e + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent) || Math.Abs(exponent) > MaxExponent))
        {
            return false;
        }

        string mantissa = e >= 0 ? text[..e] : text;
        int point = mantissa.IndexOf('.', StringComparison.Ordinal);
        int scale = point < 0 ? 0 : mantissa.Length - point - 1;
        if (mantissa.Length > MaxExponent)
        {
            return false;
        }

        var digits = BigInteger.Parse(mantissa.Replace(".", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        scale -= exponent;
        if (scale < 0)
        {
            digits *= BigInteger.Pow(10, -scale);
            scale = 0;
        }

        value = Of(digits, scale);
        return true;
    }

    /// <summary>The number digits · 10^(-scale) with the smallest scale that serves.</summary>
    public static ExactDecimal Of(BigInteger digits, int scale)
    {
        while (scale > 0 && digits % 10 == 0)
        {
            digits /= 10;
            scale--;
        }

        return new ExactDecimal(digits, scale);
    }

    public static int Compare(ExactDecimal a, ExactDecimal b) =>
        BigInteger.Compare(a.Digits * BigInteger.Pow(10, b.Scale), b.Digits * BigInteger.Pow(10, a.Scale));
}
