using System.Globalization;
using System.Text;

namespace Tramontane.Tokenization.Instruct;

/// <summary>What a <see cref="PythonJsonValue"/> is.</summary>
internal enum JsonKind
{
    Null,
    True,
    False,
    Number,
    String,
    Array,
    Object,
}

/// <summary>
/// A JSON value as Python keeps it: numbers as the text Python would print, objects in insertion order with the last
/// value of a repeated key at the place of its first.
/// </summary>
internal sealed class PythonJsonValue
{
    private static readonly List<PythonJsonValue> s_noItems = [];
    private static readonly List<string> s_noKeys = [];

    private readonly Dictionary<string, int>? _positions;

    public PythonJsonValue(JsonKind kind, string text = "")
    {
        Kind = kind;
        Text = text;
        // Most values of a large document are scalars: they share lists that stay empty.
        Items = kind is JsonKind.Array or JsonKind.Object ? [] : s_noItems;
        Keys = kind == JsonKind.Object ? [] : s_noKeys;
        _positions = kind == JsonKind.Object ? new Dictionary<string, int>(StringComparer.Ordinal) : null;
    }

    public JsonKind Kind { get; }

    /// <summary>A string's characters, or a number as Python prints it.</summary>
    public string Text { get; }

    /// <summary>Elements of an array, or values of an object in the order of <see cref="Keys"/>.</summary>
    public List<PythonJsonValue> Items { get; }

    public List<string> Keys { get; }

    /// <summary>Sets a member of an object.</summary>
    public void Set(string key, PythonJsonValue value)
    {
        if (_positions!.TryAdd(key, Items.Count))
        {
            Keys.Add(key);
            Items.Add(value);
        }
        else
        {
            Items[_positions[key]] = value;
        }
    }
}

/// <summary>How reading JSON text ended.</summary>
internal enum JsonReading
{
    Ok,

    /// <summary>Not JSON as Python's json.loads takes it.</summary>
    Invalid,

    /// <summary>Arrays and objects nested more than <see cref="PythonJson.MaxDepth"/> deep.</summary>
    TooDeep,
}

/// <summary>
/// Python's json.loads and json.dumps, because the model saw tools and arguments in that spelling. Reading accepts NaN
/// and Infinity, keeps integers of any length, and refuses raw control characters in strings.
/// </summary>
internal static class PythonJson
{
    /// <summary>Deeper text is refused, so that no input can overflow the stack.</summary>
    public const int MaxDepth = 256;

    /// <summary>json.loads: one value with white space around it.</summary>
    public static JsonReading Load(ReadOnlySpan<char> text, out PythonJsonValue? value)
    {
        var reader = new PythonJsonReader(text);
        value = reader.ReadDocument();
        return value is not null ? JsonReading.Ok : reader.TooDeep ? JsonReading.TooDeep : JsonReading.Invalid;
    }

    /// <summary>json.dumps with separators <c>", "</c> and <c>": "</c>.</summary>
    /// <param name="value">The value.</param>
    /// <param name="escapeNonAscii">Python's ensure_ascii: write other than printable ASCII as \u escapes.</param>
    public static string Dump(PythonJsonValue value, bool escapeNonAscii = false)
    {
        var text = new StringBuilder();
        Write(value, text, escapeNonAscii);
        return text.ToString();
    }

    /// <summary>Appends a string in quotes.</summary>
    public static void WriteString(string value, StringBuilder text, bool escapeNonAscii = false)
    {
        text.Append('"');
        foreach (char c in value)
        {
            switch (c)
            {
                case '"':
                    text.Append("\\\"");
                    break;
                case '\\':
                    text.Append("\\\\");
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case '\b':
                    text.Append("\\b");
                    break;
                case '\f':
                    text.Append("\\f");
                    break;
                case < ' ':
                    AppendEscape(c, text);
                    break;
                case > '~' when escapeNonAscii:
                    AppendEscape(c, text);
                    break;
                default:
                    text.Append(c);
                    break;
            }
        }

        text.Append('"');
    }

    /// <summary>
    /// A float as Python's repr: shortest digits that read back the same; positional when the decimal exponent lies in
    /// [-4, 16), with ".0" when integral; else with at least two exponent digits.
    /// </summary>
    public static string FormatFloat(double value)
    {
        if (!double.IsFinite(value))
        {
            return double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
        }

        // "E16" would round; "R" is shortest. Take its digits and exponent apart and lay them out again.
        string shortest = value.ToString("R", CultureInfo.InvariantCulture);
        string sign = shortest[0] == '-' ? "-" : "";
        ReadOnlySpan<char> mantissa = shortest.AsSpan(sign.Length);
        int exponent = 0;
        int e = mantissa.IndexOf('E');
        if (e >= 0)
        {
            exponent = int.Parse(mantissa[(e + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
            mantissa = mantissa[..e];
        }

        int point = mantissa.IndexOf('.');
        string digits = string.Concat(mantissa[..(point < 0 ? mantissa.Length : point)], point < 0 ? "" : mantissa[(point + 1)..]);
        exponent += (point < 0 ? mantissa.Length : point) - 1; // of the first digit
        int leadingZeros = digits.Length - digits.TrimStart('0').Length;
        digits = digits.Trim('0');
        if (digits.Length == 0)
        {
            return sign + "0.0";
        }

        exponent -= leadingZeros;
        return sign + (exponent is >= -4 and < 16 ? Positional(digits, exponent) : Scientific(digits, exponent));
    }

    private static string Positional(string digits, int exponent)
    {
        if (exponent < 0)
        {
            return "0." + new string('0', -exponent - 1) + digits;
        }

        return digits.Length <= exponent + 1
            ? digits.PadRight(exponent + 1, '0') + ".0"
            : $"{digits.AsSpan(0, exponent + 1)}.{digits.AsSpan(exponent + 1)}";
    }

    private static string Scientific(string digits, int exponent)
    {
        string fraction = digits.Length > 1 ? "." + digits[1..] : "";
        return $"{digits[0]}{fraction}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
    }

    private static void Write(PythonJsonValue value, StringBuilder text, bool escapeNonAscii)
    {
        switch (value.Kind)
        {
            case JsonKind.Null:
                text.Append("null");
                break;
            case JsonKind.True:
                text.Append("true");
                break;
            case JsonKind.False:
                text.Append("false");
                break;
            case JsonKind.Number:
                text.Append(value.Text);
                break;
            case JsonKind.String:
                WriteString(value.Text, text, escapeNonAscii);
                break;
            case JsonKind.Array:
                text.Append('[');
                for (int i = 0; i < value.Items.Count; i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    Write(value.Items[i], text, escapeNonAscii);
                }

                text.Append(']');
                break;
            default:
                text.Append('{');
                for (int i = 0; i < value.Items.Count; i++)
                {
                    text.Append(i > 0 ? ", " : "");
                    WriteString(value.Keys[i], text, escapeNonAscii);
                    text.Append(": ");
                    Write(value.Items[i], text, escapeNonAscii);
                }

                text.Append('}');
                break;
        }
    }

    private static void AppendEscape(char c, StringBuilder text) => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
}
