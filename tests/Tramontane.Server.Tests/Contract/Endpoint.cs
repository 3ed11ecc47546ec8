using System.Text.Json.Nodes;
using Tramontane.Server.Anthropic.Messages;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.OpenAI.Completions;
using Tramontane.Server.OpenAI.Responses;
using Tramontane.Server.OpenAI.Tokens;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Tests.Contract;

/// <summary>The endpoints that take a body, each with its fields and a body that it accepts.</summary>
/// <param name="Path">The route.</param>
/// <param name="Shape">What it knows.</param>
/// <param name="Body">The smallest body.</param>
internal sealed record Endpoint(string Path, RequestShape Shape, string Body)
{
    /// <summary>Fields that mean something only beside others.</summary>
    private static readonly Dictionary<string, string> s_companions = new()
    {
        ["stream_options"] = "\"stream\":true",
        ["top_logprobs"] = "\"logprobs\":true",
        ["tool_choice"] = "",
    };

    internal static IReadOnlyList<Endpoint> All { get; } =
    [
        new("/v1/chat/completions", ChatFields.Shape, """{"model":"mistral-small-2506","messages":[{"role":"user","content":"Hi"}]}"""),
        new("/v1/completions", CompletionFields.Shape, """{"model":"mistral-small-2506","prompt":"Hi"}"""),
        new("/v1/responses", ResponseFields.Shape, """{"model":"mistral-small-2506","input":"Hi"}"""),
        new("/v1/responses/input_tokens", ResponseFields.Shape, """{"model":"mistral-small-2506","input":"Hi"}"""),
        new("/v1/messages", MessageFields.Shape, """{"model":"mistral-small-2506","max_tokens":9,"messages":[{"role":"user","content":"Hi"}]}"""),
        new("/v1/messages/count_tokens", MessageFields.CountShape, """{"model":"mistral-small-2506","messages":[{"role":"user","content":"Hi"}]}"""),
        new("/tokenize", TokenFields.TokenizeShape, """{"prompt":"Hi","messages":[{"role":"user","content":"Hi"}]}"""),
        new("/detokenize", TokenFields.DetokenizeShape, """{"tokens":[1072]}"""),
    ];

    /// <summary>All endpoints with all their fields.</summary>
    public static TheoryData<string, string> Fields
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (Endpoint endpoint in All)
            {
                foreach (RequestField known in endpoint.Shape.Fields)
                {
                    data.Add(endpoint.Path, known.Name);
                }
            }

            return data;
        }
    }

    internal static (Endpoint Endpoint, RequestField Field) Find(string path, string field)
    {
        Endpoint endpoint = All.Single(e => e.Path == path);
        return (endpoint, endpoint.Shape.Find(field)!);
    }

    /// <summary>The smallest body with this field, and what it needs beside it.</summary>
    internal string With(RequestField field, string value)
    {
        JsonObject body = JsonNode.Parse(Body)!.AsObject();
        if (s_companions.TryGetValue(field.Name, out string? companion))
        {
            RequestField? tools = Shape.Find("tools");
            foreach ((string key, JsonNode? node) in JsonNode.Parse(companion.Length > 0 ? $"{{{companion}}}" : $"{{\"tools\":{tools!.Example}}}")!.AsObject())
            {
                if (Shape.Find(key) is not null)
                {
                    body[key] = node!.DeepClone();
                }
            }
        }

        body[field.Name] = JsonNode.Parse(value);
        return body.ToJsonString();
    }
}
