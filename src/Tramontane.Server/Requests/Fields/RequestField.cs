using System.Text.Json.Nodes;

namespace Tramontane.Server.Requests.Fields;

/// <summary>What becomes of a field that a client sends.</summary>
internal enum FieldSupport
{
    /// <summary>It does what the API's documentation says.</summary>
    Supported,

    /// <summary>Accepted without effect; the reply's <see cref="IgnoredFields.Header"/> names it.</summary>
    Ignored,

    /// <summary>Refused by name, at least with a value that asks for something.</summary>
    Refused,
}

/// <summary>
/// A field of a request body: how it is read and how it is described. Readers, the list of known fields, the OpenAPI
/// document and the table in docs/api.md all come from these.
/// </summary>
/// <param name="name">The key.</param>
/// <param name="note">What it does, for people; Markdown.</param>
internal abstract class RequestField(string name, string note)
{
    internal string Name { get; } = name;

    internal string Note { get; } = note;

    internal FieldSupport Support { get; init; } = FieldSupport.Supported;

    internal bool IsRequired { get; init; }

    /// <summary>What becomes of the members of an object; null when a reader of its own knows.</summary>
    internal IReadOnlyDictionary<string, FieldSupport>? Members { get; init; }

    /// <summary>JSON text of a value that is accepted; for a refused field, of one that is refused.</summary>
    internal required string Example { get; init; }

    /// <summary>What values there are, in a few words.</summary>
    internal abstract string Values { get; }

    /// <summary>What holds when the field is left out; null when there is no such value, or none that is always the same.</summary>
    internal virtual JsonNode? DefaultValue => null;

    /// <summary>JSON Schema (2020-12) of the values, null left out.</summary>
    internal abstract JsonObject Schema();
}

/// <summary>A number within bounds, both allowed.</summary>
internal sealed class DecimalField(string name, double minimum, double maximum, string note) : RequestField(name, note)
{
    internal double Minimum => minimum;

    internal double Maximum => maximum;

    internal double? Default { get; init; }

    internal override string Values => FormattableString.Invariant($"{minimum} – {maximum}");

    internal override JsonNode? DefaultValue => Default;

    internal double? Read(JsonField body) => body[Name].Decimal(minimum, maximum);

    /// <exception cref="InvalidOperationException">The field has no default.</exception>
    internal double ReadOrDefault(JsonField body) => Read(body) ?? Default ?? throw new InvalidOperationException($"'{Name}' has no default.");

    internal override JsonObject Schema() => new() { ["type"] = "number", ["minimum"] = minimum, ["maximum"] = maximum };
}

/// <summary>An integer within bounds, both allowed. Without an upper one, large values are cut to what fits.</summary>
internal sealed class IntegerField(string name, long minimum, long maximum, string note) : RequestField(name, note)
{
    /// <summary>Null for none.</summary>
    internal long? Minimum => minimum == long.MinValue ? null : minimum;

    /// <summary>Null for none.</summary>
    internal long? Maximum => maximum == long.MaxValue ? null : maximum;

    internal int? Default { get; init; }

    internal override JsonNode? DefaultValue => Default;

    internal override string Values => maximum == long.MaxValue
        ? minimum == long.MinValue ? "64-bit integer" : $"≥ {minimum}"
        : $"{minimum} – {maximum}";

    internal int? Count(JsonField body) => maximum == long.MaxValue ? body[Name].Count(minimum) : body[Name].Count(minimum, maximum);

    /// <exception cref="InvalidOperationException">The field has no default.</exception>
    internal int CountOrDefault(JsonField body) => Count(body) ?? Default ?? throw new InvalidOperationException($"'{Name}' has no default.");

    internal override JsonObject Schema()
    {
        var schema = new JsonObject { ["type"] = "integer" };
        if (Minimum is { } low)
        {
            schema["minimum"] = low;
        }

        if (Maximum is { } high)
        {
            schema["maximum"] = high;
        }

        return schema;
    }
}

/// <summary>True or false.</summary>
internal sealed class BooleanField(string name, string note) : RequestField(name, note)
{
    internal bool? Default { get; init; }

    internal override JsonNode? DefaultValue => Default;

    internal override string Values => "boolean";

    internal bool? Read(JsonField body) => body[Name].Boolean();

    /// <exception cref="InvalidOperationException">The field has no default.</exception>
    internal bool ReadOrDefault(JsonField body) => Read(body) ?? Default ?? throw new InvalidOperationException($"'{Name}' has no default.");

    internal override JsonObject Schema() => new() { ["type"] = "boolean" };
}

/// <summary>A field that a reader of its own takes apart; its schema is given as JSON text.</summary>
internal sealed class ShapedField(string name, string values, string schema, string note) : RequestField(name, note)
{
    internal override string Values { get; } = values;

    internal override JsonObject Schema() => JsonNode.Parse(schema)!.AsObject();
}
