using System.Text.Json.Nodes;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Console.Reference;

/// <summary>A field of a request's body, or a parameter.</summary>
/// <param name="Name">The key.</param>
/// <param name="Values">What values there are, in a few words.</param>
/// <param name="Default">JSON text of what holds without it; null for nothing fixed.</param>
/// <param name="Support">What becomes of it.</param>
/// <param name="IsRequired">Whether it must be there.</param>
/// <param name="Note">What it does; inline Markdown.</param>
internal sealed record ReferenceField(string Name, string Values, string? Default, FieldSupport Support, bool IsRequired, string Note);

/// <summary>A member of a JSON object, with the way to it.</summary>
/// <param name="Path">Such as <c>choices[].message.content</c>.</param>
/// <param name="Type">In words: <c>string or null</c>.</param>
internal sealed record ReferenceMember(string Path, string Type);

/// <summary>A named schema of the document.</summary>
/// <param name="Name">As the document calls it.</param>
/// <param name="Members">Flat, in the order of the document.</param>
internal sealed record ReferenceSchema(string Name, IReadOnlyList<ReferenceMember> Members);

/// <summary>A route.</summary>
internal sealed record ReferenceOperation
{
    /// <summary>Anchor.</summary>
    public required string Id { get; init; }

    /// <summary>In capitals.</summary>
    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<ReferenceField> Parameters { get; init; }

    /// <summary>Of the body; empty without one.</summary>
    public required IReadOnlyList<ReferenceField> Fields { get; init; }

    /// <summary>A body that is accepted; null for none.</summary>
    public required JsonObject? Example { get; init; }

    /// <summary>HTTP status of the reply.</summary>
    public required string Status { get; init; }

    /// <summary>Media types of the reply, with the names of their schemas.</summary>
    public required IReadOnlyList<(string MediaType, IReadOnlyList<string> Schemas)> Replies { get; init; }

    /// <summary>Names of the schemas of its errors.</summary>
    public required IReadOnlyList<string> Errors { get; init; }

    /// <summary>Whether it is for those who run the server.</summary>
    internal bool IsAdministration => Path.StartsWith("/v1/admin", StringComparison.Ordinal);

    internal IEnumerable<ReferenceField> With(FieldSupport support) => Fields.Where(f => f.Support == support);
}

/// <summary>The OpenAPI document in the form in which people read it. It knows nothing but the document.</summary>
/// <param name="Operations">In the document's order.</param>
/// <param name="Schemas">Of replies, events and errors.</param>
internal sealed record ApiReference(IReadOnlyList<ReferenceOperation> Operations, IReadOnlyList<ReferenceSchema> Schemas)
{
    private const string RequestSuffix = "_request";
    private const int MaxDepth = 12;

    internal static ApiReference Of(JsonObject document)
    {
        JsonObject schemas = document["components"]!["schemas"]!.AsObject();
        return new(
            [.. document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => Operation(path.Key, o.Key, o.Value!.AsObject(), schemas)))],
            [.. schemas.Where(s => !s.Key.EndsWith(RequestSuffix, StringComparison.Ordinal)).Select(s => new ReferenceSchema(s.Key, [.. Members(s.Value!, "", document, 0)]))]);
    }

    private static ReferenceOperation Operation(string path, string method, JsonObject operation, JsonObject schemas)
    {
        JsonObject? body = Names(operation["requestBody"]?["content"]?["application/json"]?["schema"]) is [{ } name, ..] ? schemas[name]!.AsObject() : null;
        (string status, JsonNode? reply) = operation["responses"]!.AsObject().First(r => r.Key != "default");
        return new ReferenceOperation
        {
            Id = $"{method}-{string.Join('-', path.Split('/', '{', '}', '_').Where(p => p.Length > 0))}",
            Method = method.ToUpperInvariant(),
            Path = path,
            Summary = (string)operation["summary"]!,
            Parameters = [.. (operation["parameters"]?.AsArray() ?? []).Select(p => new ReferenceField(
                (string)p!["name"]!, $"{TypeOf(p["schema"]!)}, in the {(string)p["in"]!}", null, FieldSupport.Supported, (bool?)p["required"] ?? false, (string?)p["description"] ?? ""))],
            Fields = body is null ? [] : [.. body["properties"]!.AsObject().Select(p => Field(p.Key, p.Value!.AsObject(), body))],
            Example = body is null ? null : ExampleOf(body),
            Status = status,
            Replies = [.. (reply!["content"]?.AsObject() ?? []).Select(c => (c.Key, Names(c.Value!["schema"])))],
            Errors = Names(operation["responses"]!["default"]?["content"]?["application/json"]?["schema"]),
        };
    }

    private static ReferenceField Field(string name, JsonObject schema, JsonObject body) => new(
        name,
        (string?)schema[RequestShape.ValuesKey] ?? TypeOf(schema),
        schema["default"]?.ToJsonString(),
        Enum.Parse<FieldSupport>((string?)schema[RequestShape.SupportKey] ?? nameof(FieldSupport.Supported), ignoreCase: true),
        IsRequired(name, body),
        ((string?)schema["description"] ?? "").Replace("Accepted without effect. ", "", StringComparison.Ordinal).Replace("Refused. ", "", StringComparison.Ordinal));

    private static bool IsRequired(string name, JsonObject body) => body["required"]?.AsArray().Any(r => (string)r! == name) == true;

    /// <summary>The fields that must be there; where none must, the first that does something.</summary>
    private static JsonObject ExampleOf(JsonObject body)
    {
        JsonObject properties = body["properties"]!.AsObject();
        string[] names = [.. properties.Select(p => p.Key).Where(p => IsRequired(p, body))];
        if (names.Length == 0)
        {
            names = [.. properties.Where(p => p.Key != "model" && p.Value!["examples"] is not null).Select(p => p.Key).Take(1)];
        }

        return new JsonObject(names.Select(n => KeyValuePair.Create(n, properties[n]!["examples"]?[0]?.DeepClone())));
    }

    /// <summary>Names of the components that a schema refers to.</summary>
    private static IReadOnlyList<string> Names(JsonNode? schema) => schema switch
    {
        null => [],
        _ when (string?)schema["$ref"] is { } reference => [reference[(reference.LastIndexOf('/') + 1)..]],
        _ when schema["anyOf"] is JsonArray alternatives => [.. alternatives.SelectMany(Names)],
        _ => [],
    };

    private static IEnumerable<ReferenceMember> Members(JsonNode schema, string path, JsonObject document, int depth)
    {
        if (depth > MaxDepth || Resolve(schema, document) is not JsonObject resolved) // true stands for any value
        {
            yield break;
        }

        if (resolved["anyOf"] is JsonArray alternatives)
        {
            foreach (ReferenceMember member in alternatives.SelectMany(a => Members(a!, path, document, depth + 1)))
            {
                yield return member;
            }
        }

        if (resolved["items"] is { } items)
        {
            foreach (ReferenceMember member in Members(items, path + "[]", document, depth + 1))
            {
                yield return member;
            }
        }

        foreach ((string name, JsonNode? property) in resolved["properties"]?.AsObject() ?? [])
        {
            string full = path.Length == 0 ? name : $"{path}.{name}";
            yield return new ReferenceMember(full, TypeOf(Resolve(property!, document)));
            foreach (ReferenceMember member in Members(property!, full, document, depth + 1))
            {
                yield return member;
            }
        }
    }

    private static JsonNode Resolve(JsonNode schema, JsonObject document)
    {
        for (int i = 0; i < MaxDepth && schema is JsonObject && (string?)schema["$ref"] is { } reference; i++)
        {
            JsonNode? target = reference.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries).Aggregate((JsonNode?)document, (at, part) => at switch
            {
                JsonObject members => members[part],
                JsonArray list when int.TryParse(part, out int index) && index < list.Count => list[index],
                _ => null,
            });
            schema = target ?? throw new InvalidOperationException($"The OpenAPI document refers to '{reference}', which is not there.");
        }

        return schema;
    }

    private static string TypeOf(JsonNode schema) => schema switch
    {
        not JsonObject => "any",
        _ when schema["enum"] is JsonArray values => string.Join(" or ", values.Select(v => v?.ToJsonString() ?? "null")),
        _ when schema["anyOf"] is JsonArray alternatives => string.Join(" or ", alternatives.Select(a => TypeOf(a!)).Distinct()),
        _ when schema["type"] is JsonArray types => string.Join(" or ", types.Select(t => (string)t!)),
        _ => (string?)schema["type"] ?? "any",
    };
}
