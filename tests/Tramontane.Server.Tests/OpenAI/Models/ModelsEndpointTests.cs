using System.Text.Json.Nodes;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.OpenAI.Models;

public sealed class ModelsEndpointTests
{
    [Fact, ContractRow("models.card", "mistral.models", "conflicts.models")]
    public async Task List_OfTheRealModel_HasOneCardWithEveryName()
    {
        await using TestServer server = await TestServer.StartAsync();
        (_, JsonObject body) = await server.GetAsync("/v1/models");
        Assert.Equal("list", (string)body["object"]!);
        JsonNode card = Assert.Single(body["data"]!.AsArray())!;
        Assert.Equal("mistralai/Mistral-Small-3.2-24B-Instruct-2506", (string)card["id"]!);
        Assert.Equal(("model", "base", 4096, 4096, 4096), ((string)card["object"]!, (string)card["type"]!, (int)card["max_model_len"]!, (int)card["context_length"]!, (int)card["max_context_length"]!));
        Assert.Contains("mistral-small-2506", card["aliases"]!.AsArray().Select(a => (string)a!));
        Assert.False((bool)card["capabilities"]!["vision"]!);
        Assert.Equal("""["text"]""", card["architecture"]!["input_modalities"]!.ToJsonString());
        string[] parameters = [.. card["supported_parameters"]!.AsArray().Select(p => (string)p!)];
        Assert.Superset(
            new HashSet<string> { "temperature", "tools", "parallel_tool_calls", "prompt_logprobs", "guided_json", "guided_regex", "guided_choice", "guided_grammar", "response_format" },
            parameters.ToHashSet());
        Assert.DoesNotContain(parameters, name => name is "model" or "messages" or "user" or "audio");
    }

    [Fact]
    public async Task List_OfTheDemoModel_SaysSoAndKeepsTheRealNamesAsAliases()
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { IsDemo = true };
        await using TestServer server = await TestServer.StartAsync(engine);
        JsonNode card = (await server.GetAsync("/v1/models")).Body["data"]![0]!;
        Assert.Equal("tramontane-demo", (string)card["id"]!);
        Assert.Contains("demo model", (string)card["description"]!, StringComparison.Ordinal);
        Assert.Contains("--model", (string)card["description"]!, StringComparison.Ordinal);
        Assert.Contains("mistralai/Mistral-Small-3.2-24B-Instruct-2506", card["aliases"]!.AsArray().Select(a => (string)a!));
        Assert.Equal(200, (await server.PostAsync("/v1/chat/completions", TestServer.Chat())).Status);
    }

    [Theory, ContractRow("models.names", "routes.models.escaping")]
    [InlineData("/v1/models/mistral-small-2506", "mistral-small-2506")]
    [InlineData("/v1/models/mistralai/Mistral-Small-3.2-24B-Instruct-2506", "mistralai/Mistral-Small-3.2-24B-Instruct-2506")]
    [InlineData("/v1/models/mistralai/mistral-small-3.2-24b-instruct", "mistralai/mistral-small-3.2-24b-instruct")]
    [InlineData("/v1/models/mistral-small-3.2-24b-instruct", "mistral-small-3.2-24b-instruct")]
    [InlineData("/v1/models/mistralai-mistral-small-3.2-24b-instruct", "mistralai-mistral-small-3.2-24b-instruct")]
    [InlineData("/v1/models/mistral-small-3-2-24b-instruct", "mistral-small-3-2-24b-instruct")]
    [InlineData("/v1/models/mistralai/mistral-small-3-2-24b-instruct", "mistralai/mistral-small-3-2-24b-instruct")]
    [InlineData("/v1/models/mistralai%2Fmistral-small-3.2-24b-instruct", "mistralai/mistral-small-3.2-24b-instruct")]
    [InlineData("/v1/models/mistralai%2fmistral-small-3.2-24b-instruct/", "mistralai/mistral-small-3.2-24b-instruct")]
    [InlineData("/v1/models/my%20own", "my own")]
    public async Task Retrieve_UnderAnyName_EchoesIt(string path, string id)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ServedModelNames.Add("my own"));
        (int status, JsonObject body) = await server.GetAsync(path);
        Assert.Equal(200, status);
        Assert.Equal(id, (string)body["id"]!);
    }

    [Theory, ContractRow("errors.model")]
    [InlineData("tramontane-demo")]
    [InlineData("Mistral-Small-2506")]
    [InlineData("gpt-9")]
    public async Task Retrieve_OfAnUnknownModel_Is404(string id)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject body) = await server.GetAsync("/v1/models/" + id);
        Assert.Equal(404, status);
        ErrorAssert.Is(body, "model_not_found", null);
    }

    [Fact, ContractRow("models.any")]
    public async Task AnyModel_WhenConfigured_IsAccepted()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.AcceptAnyModel = true);
        Assert.Equal(200, (await server.GetAsync("/v1/models/gpt-9")).Status);
    }
}
