using System.Text.Json.Nodes;
using Tramontane.Server.OpenApi;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Contract;

/// <summary>The OpenAPI document is true: what the server accepts and answers fits it.</summary>
public sealed class OpenApiTests
{
    [Fact, ContractRow("openapi.document")]
    public async Task Document_IsServedAndItsReferencesLeadSomewhere()
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject document) = await server.GetAsync("/openapi.json");
        Assert.Equal((200, "3.1.1"), (status, (string?)document["openapi"]));
        Assert.Equal(ApiOperations.All.Select(o => o.Path).Distinct(), document["paths"]!.AsObject().Select(p => p.Key));
        foreach (string reference in References(document))
        {
            Assert.StartsWith("#/components/schemas/", reference, StringComparison.Ordinal);
            Assert.NotNull(JsonSchemaCheck.Resolve(document, reference));
        }
    }

    [Theory, ContractRow("openapi.replies")]
    [InlineData("""{"logprobs":true,"top_logprobs":2,"n":2,"return_token_ids":true,"prompt_logprobs":1}""", "/v1/chat/completions")]
    [InlineData("""{"tools":[{"type":"function","function":{"name":"weather"}}]}""", "/v1/chat/completions")]
    [InlineData("""{"temperature":9}""", "/v1/chat/completions")]
    [InlineData("""{"echo":true,"logprobs":1,"prompt_logprobs":1,"return_token_ids":true}""", "/v1/completions")]
    [InlineData("""{"top_logprobs":2,"tools":[{"type":"function","name":"f"}],"metadata":{"a":"b"}}""", "/v1/responses")]
    [InlineData("""{"max_output_tokens":2}""", "/v1/responses")]
    [InlineData("{}", "/v1/responses/input_tokens")]
    [InlineData("""{"stop_sequences":["x"]}""", "/v1/messages")]
    [InlineData("""{"tools":[{"name":"weather","input_schema":{"type":"object"}}]}""", "/v1/messages")]
    [InlineData("""{"max_tokens":0}""", "/v1/messages")]
    [InlineData("{}", "/v1/messages/count_tokens")]
    [InlineData("""{"return_token_strs":true}""", "/tokenize")]
    [InlineData("{}", "/detokenize")]
    public async Task Reply_StreamedOrNot_FitsTheDocument(string fields, string path)
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = ToolScript.Play });
        JsonObject document = OpenApiDocument.Create(needsKey: false);
        Endpoint endpoint = Endpoint.All.Single(e => e.Path == path);
        JsonObject request = JsonNode.Parse(endpoint.Body)!.AsObject();
        foreach ((string key, JsonNode? value) in JsonNode.Parse(fields)!.AsObject())
        {
            request[key] = value!.DeepClone();
        }

        JsonNode operation = document["paths"]![path]!["post"]!;
        JsonNode described = operation["responses"]!["200"]!["content"]!;
        (int status, JsonObject reply) = await server.PostAsync(path, request.ToJsonString());
        JsonNode schema = status == 200 ? described["application/json"]!["schema"]! : operation["responses"]!["default"]!["content"]!["application/json"]!["schema"]!;
        Assert.Empty(JsonSchemaCheck.Faults(document, reply, schema));
        if (status != 200 || described["text/event-stream"] is not { } stream || request.ContainsKey("prompt_logprobs"))
        {
            return;
        }

        Assert.Empty(JsonSchemaCheck.Faults(document, request, operation["requestBody"]!["content"]!["application/json"]!["schema"]!));
        request["stream"] = true;
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(request.ToJsonString()));
        string text = await response.Content.ReadAsStringAsync();
        string[] events = [.. text.Split('\n').Where(l => l.StartsWith("data: {", StringComparison.Ordinal))];
        Assert.NotEmpty(events);
        Assert.All(events, data => Assert.Empty(JsonSchemaCheck.Faults(document, JsonNode.Parse(data["data: ".Length..]), stream["schema"]!)));
    }

    [Theory, ContractRow("openapi.replies")]
    [InlineData("/v1/models")]
    [InlineData("/v1/models/{id}")]
    [InlineData("/health")]
    [InlineData("/ready")]
    public async Task Reply_ToGet_FitsTheDocument(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        JsonObject document = OpenApiDocument.Create(needsKey: true);
        JsonNode schema = document["paths"]![path]!["get"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
        Assert.Empty(JsonSchemaCheck.Faults(document, (await server.GetAsync(path.Replace("{id}", "mistral-small-2506"))).Body, schema));
    }

    [Fact, ContractRow("openapi.requests")]
    public void Document_OfEachBody_HasEveryFieldThatIsRead()
    {
        JsonObject document = OpenApiDocument.Create(needsKey: false);
        Assert.All(Endpoint.All, endpoint =>
        {
            JsonObject schema = document["components"]!["schemas"]![$"{endpoint.Shape.Name}_request"]!.AsObject();
            Assert.Equal(endpoint.Shape.Fields.Select(f => f.Name), schema["properties"]!.AsObject().Select(p => p.Key));
            Assert.Equal(endpoint.Shape.Fields.Where((RequestField f) => f.IsRequired).Select(f => f.Name), schema["required"]!.AsArray().Select(n => (string)n!));
        });
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(m => m.Key == "$ref" ? [(string)m.Value!] : References(m.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
