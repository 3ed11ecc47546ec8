using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenApi;

/// <summary>
/// The OpenAPI 3.1 document, made from the fields that requests are read with and the types that replies are written with.
/// </summary>
internal static class OpenApiDocument
{
    private static readonly JsonSchemaExporterOptions s_exporter = new()
    {
        TransformSchemaNode = RequireWhatIsAlwaysWritten,
    };

    /// <summary>The whole document.</summary>
    /// <param name="needsKey">Keys are configured.</param>
    internal static JsonObject Create(bool needsKey)
    {
        var schemas = new JsonObject();
        var paths = new JsonObject();
        foreach (IGrouping<string, ApiOperation> path in ApiOperations.All.GroupBy(o => o.Path))
        {
            paths[path.Key] = new JsonObject(path.Select(o => KeyValuePair.Create(o.Method, (JsonNode?)Describe(o, schemas))));
        }

        var document = new JsonObject
        {
            ["openapi"] = "3.1.1",
            ["info"] = new JsonObject
            {
                ["title"] = "Tramontane",
                ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version?.ToString(3),
                ["description"] = "Mistral Small 3.2 over HTTP, in the dialects of OpenAI, Anthropic and Mistral.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["bearer"] = new JsonObject { ["type"] = "http", ["scheme"] = "bearer" },
                    ["x-api-key"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "x-api-key" },
                },
            },
        };
        if (needsKey)
        {
            document["security"] = new JsonArray(new JsonObject { ["bearer"] = new JsonArray() }, new JsonObject { ["x-api-key"] = new JsonArray() });
        }

        return document;
    }

    /// <summary>JSON Schema of a type as it is written.</summary>
    internal static JsonObject SchemaOf(JsonTypeInfo type) => type.GetJsonSchemaAsNode(s_exporter).AsObject();

    private static JsonObject Describe(ApiOperation operation, JsonObject schemas)
    {
        var described = new JsonObject { ["summary"] = operation.Summary };
        if (operation.Path.Contains("{id}", StringComparison.Ordinal))
        {
            described["parameters"] = new JsonArray(new JsonObject
            {
                ["name"] = "id", ["in"] = "path", ["required"] = true, ["schema"] = new JsonObject { ["type"] = "string" },
            });
        }

        if (operation.Body is { } body)
        {
            string name = $"{body.Name}_request";
            schemas[name] ??= body.Schema();
            described["requestBody"] = new JsonObject { ["required"] = true, ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = Reference(name) } } };
        }

        var content = new JsonObject();
        if (operation.Reply is not null)
        {
            content["application/json"] = new JsonObject { ["schema"] = AnyOf([operation.Reply, .. operation.OtherReplies], schemas) };
        }

        if (operation.TextReply is not null)
        {
            content[operation.TextReply] = new JsonObject { ["schema"] = new JsonObject { ["type"] = "string" } };
        }

        if (operation.Events.Count > 0)
        {
            // The schema is that of one event's data; OpenAPI 3.1 has no words for a sequence.
            content["text/event-stream"] = new JsonObject { ["schema"] = AnyOf(operation.Events, schemas) };
        }

        described["responses"] = new JsonObject
        {
            [operation.Status.ToString(CultureInfo.InvariantCulture)] = new JsonObject
            {
                ["description"] = operation.Status == 201 ? "Created" : "OK",
                ["headers"] = new JsonObject
                {
                    ["x-request-id"] = StringHeader("Unique per request; also as request-id."),
                    [IgnoredFields.Header] = StringHeader("Fields of the request that had no effect."),
                },
                ["content"] = content,
            },
            ["default"] = new JsonObject
            {
                ["description"] = "An error.",
                ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = AnyOf([operation.Error], schemas) } },
            },
        };
        return described;
    }

    private static JsonObject AnyOf(IReadOnlyList<JsonTypeInfo> types, JsonObject schemas)
    {
        foreach (JsonTypeInfo type in types)
        {
            schemas[NameOf(type.Type)] ??= Rebase(SchemaOf(type), $"#/components/schemas/{NameOf(type.Type)}");
        }

        return types.Count == 1 ? Reference(NameOf(types[0].Type)) : new JsonObject { ["anyOf"] = new JsonArray([.. types.Select(t => Reference(NameOf(t.Type)))]) };
    }

    /// <summary>The exporter refers to a repeated type from the schema's own root, which now stands deeper.</summary>
    private static JsonNode? Rebase(JsonNode? schema, string root)
    {
        foreach (JsonNode? child in (schema as JsonObject)?.Select(m => m.Value) ?? (schema as JsonArray)?.AsEnumerable() ?? [])
        {
            Rebase(child, root);
        }

        if (schema is JsonObject node && node["$ref"] is JsonValue reference && (string)reference! is ['#', .. var rest])
        {
            node["$ref"] = root + rest;
        }

        return schema;
    }

    private static string NameOf(Type type) => type.IsGenericType ? type.GetGenericArguments()[0].Name + "List" : type.Name;

    private static JsonObject Reference(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };

    private static JsonObject StringHeader(string description) =>
        new() { ["description"] = description, ["schema"] = new JsonObject { ["type"] = "string" } };

    /// <summary>The exporter demands only what a reader would; these types are written, and leave out nothing but what says so.</summary>
    private static JsonNode RequireWhatIsAlwaysWritten(JsonSchemaExporterContext context, JsonNode schema)
    {
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object && schema is JsonObject node && node.ContainsKey("properties"))
        {
            node["required"] = new JsonArray([.. context.TypeInfo.Properties.Where(p => p.ShouldSerialize is null).Select(p => (JsonNode?)p.Name)]);
        }

        return schema;
    }
}
