using System.Globalization;
using System.Text.Json;

namespace Tramontane.Server.Requests;

/// <summary>
/// A field of a request together with its path. Reading it as the wrong type, or out of range, records an error
/// that names the path and gives null; null and absent are the same.
/// </summary>
internal readonly struct JsonField
{
    private const double TwoToThe63 = 9223372036854775808;

    private readonly RequestErrors _errors;
    private readonly JsonElement _value;

    internal JsonField(RequestErrors errors, JsonElement value, string path)
    {
        _errors = errors;
        _value = value;
        Path = path;
    }

    /// <summary>Where the field stands, in OpenAI's notation: <c>messages[0].content</c>. Empty for the body itself.</summary>
    internal string Path { get; }

    internal bool IsPresent => _value.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Null);

    /// <summary>Given, and given as null, where that means something else than leaving it out.</summary>
    internal bool IsNull => _value.ValueKind == JsonValueKind.Null;

    internal bool IsString => _value.ValueKind == JsonValueKind.String;

    internal bool IsArray => _value.ValueKind == JsonValueKind.Array;

    internal bool IsObject => _value.ValueKind == JsonValueKind.Object;

    internal bool IsNumber => _value.ValueKind == JsonValueKind.Number;

    internal bool IsBoolean => _value.ValueKind is JsonValueKind.True or JsonValueKind.False;

    /// <summary>Present and something else than an empty string, array or object.</summary>
    internal bool IsNonEmpty => _value.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => false,
        JsonValueKind.String => !_value.ValueEquals(ReadOnlySpan<byte>.Empty),
        JsonValueKind.Array => _value.GetArrayLength() > 0,
        JsonValueKind.Object => _value.EnumerateObject().MoveNext(),
        _ => true,
    };

    /// <summary>A member of an object; of duplicates the last. Absent when this is no object.</summary>
    internal JsonField this[string name] => new(
        _errors,
        IsObject && _value.TryGetProperty(name, out JsonElement member) ? member : default,
        PathOf(name));

    /// <summary>This field, after recording an error when it is absent.</summary>
    internal JsonField Required()
    {
        if (!IsPresent)
        {
            _errors.Add(ApiError.Missing(Path));
        }

        return this;
    }

    /// <summary>Notes that this value has no effect; the reply says so.</summary>
    internal void LeaveOut() => _errors.LeftOut.Add(Path);

    internal void Refuse(ApiError error) => _errors.Add(error);

    internal void RefuseType(string expected) => _errors.Add(ApiError.WrongType(Path, expected, Describe(_value)));

    /// <summary>The JSON text of the field, as it was sent.</summary>
    internal string RawText() => _value.GetRawText();

    internal string? String()
    {
        if (IsString)
        {
            return _value.GetString();
        }

        RefuseTypeWhenPresent("a string");
        return null;
    }

    internal bool? Boolean()
    {
        if (IsBoolean)
        {
            return _value.GetBoolean();
        }

        RefuseTypeWhenPresent("a boolean");
        return null;
    }

    /// <summary>One of a few strings.</summary>
    internal string? Choice(params ReadOnlySpan<string> choices)
    {
        string? text = String();
        if (text is not null && !choices.Contains(text))
        {
            _errors.Add(ApiError.NotOneOf(Path, text, choices.ToArray()));
            return null;
        }

        return text;
    }

    /// <summary>A finite number within bounds, both allowed.</summary>
    internal double? Decimal(double minimum, double maximum)
    {
        if (!IsNumber)
        {
            RefuseTypeWhenPresent("a decimal");
            return null;
        }

        double value = _value.GetDouble();
        if (!double.IsFinite(value))
        {
            RefuseType("a finite decimal");
            return null;
        }

        return WithinRange("decimal", value < minimum, value > maximum, minimum, maximum) ? value : null;
    }

    /// <summary>A whole number within bounds, both allowed; <c>16.0</c> is one.</summary>
    internal long? Integer(long minimum, long maximum)
    {
        if (!IsNumber)
        {
            RefuseTypeWhenPresent("an integer");
            return null;
        }

        if (_value.TryGetInt64(out long exact))
        {
            return WithinRange("integer", exact.CompareTo(minimum) < 0, exact.CompareTo(maximum) > 0, minimum, maximum) ? exact : null;
        }

        double value = _value.GetDouble();
        if (!double.IsInteger(value))
        {
            RefuseType("an integer");
            return null;
        }

        // Doubles between the bounds of 64 bits convert exactly; 2^63 itself is one too many.
        bool isBelow = value < long.MinValue || (value < TwoToThe63 && (long)value < minimum);
        bool isAbove = value >= TwoToThe63 || (long)Math.Max(value, long.MinValue) > maximum;
        return WithinRange("integer", isBelow, isAbove, minimum, maximum) ? (long)value : null;
    }

    /// <summary>An integer that fits 32 bits; larger ones are cut to <see cref="int.MaxValue"/>.</summary>
    internal int? Count(long minimum, long maximum) => Integer(minimum, maximum) is { } value ? (int)Math.Min(value, int.MaxValue) : null;

    /// <summary>An integer without an upper bound, cut to <see cref="int.MaxValue"/>: <c>1e30</c> is one too.</summary>
    internal int? Count(long minimum)
    {
        bool isHuge = IsNumber && !_value.TryGetInt64(out _) && _value.GetDouble() is >= TwoToThe63 and < double.PositiveInfinity;
        return isHuge ? int.MaxValue : Count(minimum, long.MaxValue);
    }

    /// <summary>
    /// The items of an array, up to the first one that is refused; nothing when the field is absent or no array, which is an error.
    /// Lazy, so that an array of millions costs no memory before its first bad item is seen.
    /// </summary>
    internal IEnumerable<JsonField> Items(string expected = "an array")
    {
        if (!IsArray)
        {
            RefuseTypeWhenPresent(expected);
            yield break;
        }

        int index = 0;
        foreach (JsonElement item in _value.EnumerateArray())
        {
            yield return new JsonField(_errors, item, $"{Path}[{index++}]");
            if (_errors.First is not null)
            {
                yield break;
            }
        }
    }

    /// <summary>Number of items; 0 when the field is no array.</summary>
    internal int Length => IsArray ? _value.GetArrayLength() : 0;

    /// <summary>The members of an object, duplicates included; nothing when the field is absent or no object, which is an error.</summary>
    internal IEnumerable<KeyValuePair<string, JsonField>> Members()
    {
        if (!IsObject)
        {
            RefuseTypeWhenPresent("an object");
            yield break;
        }

        foreach (JsonProperty member in _value.EnumerateObject())
        {
            yield return new(member.Name, new JsonField(_errors, member.Value, PathOf(member.Name)));
        }
    }

    /// <summary>This field, after recording an error when it is present and no object.</summary>
    internal JsonField Object()
    {
        if (!IsObject)
        {
            RefuseTypeWhenPresent("an object");
        }

        return this;
    }

    /// <summary>What a JSON value is, with its article.</summary>
    internal static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => value.TryGetInt64(out _) ? "an integer" : "a decimal",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    private string PathOf(string member) => Path.Length == 0 ? member : $"{Path}.{member}";

    private void RefuseTypeWhenPresent(string expected)
    {
        if (IsPresent)
        {
            RefuseType(expected);
        }
    }

    private bool WithinRange(string kind, bool isBelow, bool isAbove, IFormattable minimum, IFormattable maximum)
    {
        if (!isBelow && !isAbove)
        {
            return true;
        }

        (string side, string words, string sign, IFormattable bound) = isBelow ? ("below_min_value", "below minimum", ">=", minimum) : ("above_max_value", "above maximum", "<=", maximum);
        string limit = bound.ToString(null, CultureInfo.InvariantCulture);
        _errors.Add(ApiError.BadRequest(
            $"Invalid '{Path}': {kind} {words} value. Expected a value {sign} {limit}, but got {_value.GetRawText()} instead.",
            $"{kind}_{side}",
            Path,
            $"Input should be {(isBelow ? "greater" : "less")} than or equal to {limit}"));
        return false;
    }
}
