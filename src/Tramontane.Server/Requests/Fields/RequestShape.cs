using System.Text.Json.Nodes;

namespace Tramontane.Server.Requests.Fields;

/// <summary>The known fields of an endpoint's body.</summary>
/// <param name="name">What rows of the documentation call it: <c>chat</c>, <c>messages</c>.</param>
/// <param name="fields">All fields, those without effect and those that are refused included.</param>
internal sealed class RequestShape(string name, IEnumerable<RequestField> fields)
{
    /// <summary>What values there are, in a few words; an extension of OpenAPI.</summary>
    internal const string ValuesKey = "x-values";

    /// <summary><c>supported</c>, <c>ignored</c> or <c>refused</c>; an extension of OpenAPI.</summary>
    internal const string SupportKey = "x-support";

    private readonly Dictionary<string, RequestField> _byName = fields.ToDictionary(f => f.Name, StringComparer.Ordinal);

    internal string Name { get; } = name;

    /// <summary>Unknown fields are refused whatever the server's options say: a misspelt one would do harm.</summary>
    internal bool IsStrict { get; init; }

    internal IReadOnlyCollection<RequestField> Fields => _byName.Values;

    internal RequestField? Find(string field) => _byName.GetValueOrDefault(field);

    /// <summary>JSON Schema of the body. Null is the same as absent for every field that is not required.</summary>
    internal JsonObject Schema()
    {
        var properties = new JsonObject();
        foreach (RequestField field in Fields)
        {
            JsonObject schema = field.Schema();
            if (!field.IsRequired)
            {
                schema = new JsonObject { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) };
            }

            if (field.DefaultValue is { } value)
            {
                schema["default"] = value;
            }

            if (field.Support != FieldSupport.Refused)
            {
                schema["examples"] = new JsonArray(JsonNode.Parse(field.Example));
            }

            schema[ValuesKey] = field.Values;
            schema[SupportKey] = field.Support.ToString().ToLowerInvariant();
            schema["description"] = field.Support switch
            {
                FieldSupport.Ignored => "Accepted without effect. " + field.Note,
                FieldSupport.Refused => "Refused. " + field.Note,
                _ => field.Note,
            };
            properties[field.Name] = schema;
        }

        var body = new JsonObject
        {
            ["type"] = "object",
            ["required"] = new JsonArray([.. Fields.Where(f => f.IsRequired).Select(f => JsonValue.Create(f.Name))]),
            ["properties"] = properties,
        };
        if (IsStrict)
        {
            body["additionalProperties"] = false;
        }

        return body;
    }
}
