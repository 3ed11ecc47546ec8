using System.ClientModel;
using System.Text;
using System.Text.Json.Nodes;
using OpenAI.Responses;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

#pragma warning disable OPENAI001 // the whole client is marked as a preview of the package

namespace Tramontane.Server.Tests.Clients;

/// <summary>The Responses client of OpenAI's official .NET package.</summary>
[ContractRow("clients.openai_nuget")]
public sealed class OpenAIResponsesSdkTests
{
    private const string Model = "mistral-small-2506";

    [Fact]
    public async Task Response_StreamedOrNot_IsTheSame()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine("Bonjour 💥"));
        ResponsesClient client = Client(server);
        ResponseResult whole = await client.CreateResponseAsync(Model, "Hi", null);
        var text = new StringBuilder();
        ResponseResult? last = null;
        await foreach (StreamingResponseUpdate update in await client.CreateResponseStreamingAsync(Model, "Hi", null))
        {
            text.Append((update as StreamingResponseOutputTextDeltaUpdate)?.Delta);
            last = (update as StreamingResponseCompletedUpdate)?.Response ?? last;
        }

        Assert.Equal("Bonjour 💥", whole.GetOutputText());
        Assert.Equal(("Bonjour 💥", "Bonjour 💥"), (text.ToString(), last!.GetOutputText()));
    }

    [Fact]
    public async Task Response_ThatIsKept_IsGoneOnFromWithAToolsResultAndDeleted()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = ToolScript.Play });
        ResponsesClient client = Client(server);
        var options = new CreateResponseOptions(Model, [ResponseItem.CreateUserMessageItem("Weather?")])
        {
            Tools = { ResponseTool.CreateFunctionTool("weather", BinaryData.FromString("""{"type":"object"}"""), strictModeEnabled: false) },
        };
        ResponseResult first = await client.CreateResponseAsync(options);
        FunctionCallResponseItem call = Assert.IsType<FunctionCallResponseItem>(Assert.Single(first.OutputItems));
        Assert.Equal("Marseille", (string?)JsonNode.Parse(call.FunctionArguments)!["city"]);
        ResponseResult second = await client.CreateResponseAsync(Model, [ResponseItem.CreateFunctionCallOutputItem(call.CallId, "sunny")], first.Id);
        Assert.Equal("The result is sunny.", second.GetOutputText());
        Assert.Equal(first.Id, ((ResponseResult)await client.GetResponseAsync(first.Id)).Id);
        await client.DeleteResponseAsync(first.Id);
        var gone = await Assert.ThrowsAsync<ClientResultException>(() => client.GetResponseAsync(first.Id));
        Assert.Equal(404, gone.Status);
    }

    private static ResponsesClient Client(TestServer server) =>
        new(new ApiKeyCredential("sk-test"), new ResponsesClientOptions { Endpoint = new Uri(server.Url, "v1") });
}
