using System.Text;
using Anthropic;
using Anthropic.Core;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Clients;

/// <summary>Anthropic's official .NET package as the client, with its checks of replies switched on.</summary>
[ContractRow("clients.anthropic_nuget")]
public sealed class AnthropicSdkTests
{
    private const string ModelName = "mistralai/Mistral-Small-3.2-24B-Instruct-2506";

    [Fact]
    public async Task Message_StreamedOrNot_IsTheSame()
    {
        using InferenceEngine engine = TestModel.LoadDemo();
        await using TestServer server = await TestServer.StartAsync(engine, o => o.DefaultTemperature = 0);
        AnthropicClient client = Client(server);
        Message whole = await client.Messages.Create(Ask("Hello"));
        Assert.True(whole.Content[0].TryPickText(out TextBlock? block));
        Assert.StartsWith("Hello! I am Tramontane's small demo model", block!.Text, StringComparison.Ordinal);
        Assert.Equal("end_turn", whole.StopReason!.Raw());
        var text = new StringBuilder();
        long outputTokens = 0;
        await foreach (RawMessageStreamEvent streamed in client.Messages.CreateStreaming(Ask("Hello")))
        {
            if (streamed.TryPickContentBlockDelta(out RawContentBlockDeltaEvent? delta) && delta!.Delta.TryPickText(out TextDelta? piece))
            {
                text.Append(piece!.Text);
            }

            if (streamed.TryPickDelta(out RawMessageDeltaEvent? end))
            {
                outputTokens = end!.Usage.OutputTokens;
            }
        }

        Assert.Equal((block.Text, whole.Usage.OutputTokens), (text.ToString(), outputTokens));
    }

    [Fact]
    public async Task ToolUse_IsReadAsTheSdkExpects()
    {
        await using TestServer server = await TestServer.StartAsync(new ScriptedEngine { Script = ToolScript.Play });
        MessageCreateParams ask = Ask("Weather?") with { Tools = [new Tool { Name = "weather", InputSchema = new InputSchema() }] };
        Message message = await Client(server).Messages.Create(ask);
        Assert.True(message.Content[0].TryPickToolUse(out ToolUseBlock? call));
        Assert.Equal(("weather", "Marseille"), (call!.Name, call.Input["city"].GetString()));
    }

    [Fact]
    public async Task Tokens_AreCountedAsTheyAreBilled()
    {
        await using TestServer server = await TestServer.StartAsync();
        AnthropicClient client = Client(server);
        MessageTokensCount count = await client.Messages.CountTokens(new MessageCountTokensParams { Model = ModelName, Messages = [new UserMessageParam("Hi")] });
        Message message = await client.Messages.Create(Ask("Hi"));
        Assert.Equal(count.InputTokens, message.Usage.InputTokens + message.Usage.CacheReadInputTokens + message.Usage.CacheCreationInputTokens);
    }

    [Fact]
    public async Task Errors_AreThrownAsTheirClasses()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("sk-test"));
        AnthropicClient client = Client(server);
        await Assert.ThrowsAsync<AnthropicNotFoundException>(() => client.Messages.Create(Ask("Hi") with { Model = "claude-9" }));
        await Assert.ThrowsAsync<AnthropicBadRequestException>(() => client.Messages.Create(Ask("Hi") with { MaxTokens = 0 }));
        await Assert.ThrowsAsync<AnthropicUnauthorizedException>(() => Client(server, "sk-wrong").Messages.Create(Ask("Hi")));
    }

    [Fact]
    public async Task Models_AreListedAndRetrieved()
    {
        await using TestServer server = await TestServer.StartAsync();
        AnthropicClient client = Client(server, validate: false); // the package wants Anthropic's own plans for a model
        Assert.Equal(ModelName, Assert.Single((await client.Models.List()).Items).ID);
        Assert.Equal("mistral-small-2506", (await client.Models.Retrieve("mistral-small-2506")).ID);
    }

    private static AnthropicClient Client(TestServer server, string key = "sk-test", bool validate = true) =>
        new(new ClientOptions { BaseUrl = server.Url.ToString().TrimEnd('/'), ApiKey = key, MaxRetries = 0, ResponseValidation = validate });

    private static MessageCreateParams Ask(string text) => new()
    {
        Model = ModelName,
        MaxTokens = 60,
        Messages = [new UserMessageParam(text)],
    };
}
