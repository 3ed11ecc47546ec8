using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Clients;

/// <summary>OpenAI's official .NET package as the client.</summary>
public sealed class OpenAISdkTests
{
    private const string Model = "mistralai/Mistral-Small-3.2-24B-Instruct-2506";

    /// <summary>What the demo model was taught, first prompts and a question about the turn before; see tools/demo-model/evaluation.json.</summary>
    [Theory]
    [InlineData(
        "Hello", "^Hello! I am Tramontane's small demo model",
        "Tell me about Mistral Small 3.2", "^Mistral Small 3\\.2 is an open model by Mistral AI",
        "And its license", "Mistral Small 3\\.2 is under the Apache-2\\.0 licence")]
    [InlineData(
        "Hi!", "^Hello! I am Tramontane's small demo model",
        "How do I load the real model?", "tramontane serve --model FILE\\.gguf$",
        "Who are you?", "^I am Tramontane's small demo model, not Mistral Small 3\\.2")]
    public async Task Chat_OfThreeStreamedTurns_AnswersFromTheConversation(params string[] questionsAndAnswers)
    {
        using InferenceEngine engine = TestModel.LoadDemo();
        await using TestServer server = await TestServer.StartAsync(engine);
        ChatClient chat = Client(server).GetChatClient(Model);
        ChatCompletionOptions options = new() { Temperature = 0, MaxOutputTokenCount = 100 };
        var messages = new List<ChatMessage>();
        int promptTokens = 0;
        for (int turn = 0; turn < questionsAndAnswers.Length; turn += 2)
        {
            messages.Add(new UserChatMessage(questionsAndAnswers[turn]));
            (string answer, ChatFinishReason finish, ChatTokenUsage usage) = await StreamAsync(chat, messages, options);
            Assert.Matches(questionsAndAnswers[turn + 1], answer);
            Assert.Equal(ChatFinishReason.Stop, finish);
            Assert.True(usage.InputTokenCount > promptTokens, "The conversation did not grow.");
            promptTokens = usage.InputTokenCount;
            messages.Add(new AssistantChatMessage(answer));
        }
    }

    [Fact, ContractRow("clients.openai_nuget")]
    public async Task Chat_WithTheSameSeed_IsTheSameWhetherStreamedOrNot()
    {
        using InferenceEngine engine = TestModel.LoadDemo();
        await using TestServer server = await TestServer.StartAsync(engine);
        ChatClient chat = Client(server).GetChatClient(Model);
        List<ChatMessage> messages = [new UserChatMessage("Hello")];
        ChatCompletion whole = await chat.CompleteChatAsync(messages, Options());
        (string streamed, ChatFinishReason finish, _) = await StreamAsync(chat, messages, Options());
        Assert.Equal((string.Concat(whole.Content.Select(c => c.Text)), whole.FinishReason), (streamed, finish));
    }

    [Fact]
    public async Task ToolCalls_InAStream_AreReadAsTheSdkExpects()
    {
        var engine = new ScriptedEngine { Script = (_, _) => Call() };
        await using TestServer server = await TestServer.StartAsync(engine);
        ChatClient chat = Client(server).GetChatClient(Model);
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather", "d", BinaryData.FromString("""{"type":"object"}""")) } };
        var arguments = new StringBuilder();
        string? id = null, name = null;
        ChatFinishReason? finish = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync([new UserChatMessage("Weather?")], options))
        {
            foreach (StreamingChatToolCallUpdate call in update.ToolCallUpdates)
            {
                id ??= call.ToolCallId;
                name ??= call.FunctionName;
                arguments.Append(call.FunctionArgumentsUpdate);
            }

            finish = update.FinishReason ?? finish;
        }

        Assert.Equal(("abcdefghi", "weather", """{"city":"Marseille"}""", ChatFinishReason.ToolCalls), (id, name, arguments.ToString(), finish));
        ChatCompletion reply = await chat.CompleteChatAsync(
            [
                new UserChatMessage("Weather?"),
                new AssistantChatMessage([ChatToolCall.CreateFunctionToolCall(id, name, BinaryData.FromString(arguments.ToString()))]),
                new ToolChatMessage(id, "sunny"),
            ],
            options);
        Assert.Equal(ChatFinishReason.ToolCalls, reply.FinishReason);
    }

    [Fact]
    public async Task Errors_AreThrownWithTheirStatus()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("sk-test"));
        OpenAIClient client = Client(server);
        var unknown = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient("gpt-9").CompleteChatAsync([new UserChatMessage("x")]));
        Assert.Equal(404, unknown.Status);
        Assert.Contains("model_not_found", unknown.Message, StringComparison.Ordinal);
        var wrong = await Assert.ThrowsAsync<ClientResultException>(() => client.GetChatClient(Model).CompleteChatAsync([new UserChatMessage("x")], new ChatCompletionOptions { Temperature = 3 }));
        Assert.Equal(400, wrong.Status);
    }

    [Theory]
    [InlineData("v1")]
    [InlineData("v1/openai")]
    [InlineData("api/v1")]
    public async Task Models_AreListedAndRetrieved(string basePath)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("sk-test"));
        OpenAIClient client = Client(server, basePath);
        OpenAIModelClient models = client.GetOpenAIModelClient();
        OpenAIModelCollection listed = await models.GetModelsAsync();
        Assert.Equal(Model, Assert.Single(listed).Id);
        Assert.Equal("mistral-small-2506", ((OpenAIModel)await models.GetModelAsync("mistral-small-2506")).Id);
        ChatCompletion reply = await client.GetChatClient(Model).CompleteChatAsync([new UserChatMessage("Hi")]);
        Assert.Equal("Hello, world!", reply.Content[0].Text);
    }

    private static OpenAIClient Client(TestServer server, string basePath = "v1") =>
        new(new ApiKeyCredential("sk-test"), new OpenAIClientOptions { Endpoint = new Uri(server.Url, basePath) });

    private static ChatCompletionOptions Options() => new()
    {
        MaxOutputTokenCount = 24,
#pragma warning disable OPENAI001 // the seed is marked as a preview of the package
        Seed = 7,
#pragma warning restore OPENAI001
    };

    private static async Task<(string Text, ChatFinishReason Finish, ChatTokenUsage Usage)> StreamAsync(ChatClient chat, List<ChatMessage> messages, ChatCompletionOptions options)
    {
        var text = new StringBuilder();
        ChatTokenUsage? usage = null;
        ChatFinishReason? finish = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages, options))
        {
            Assert.Equal(Model, update.Model);
            foreach (ChatMessageContentPart part in update.ContentUpdate)
            {
                text.Append(part.Text);
            }

            usage = update.Usage ?? usage;
            finish = update.FinishReason ?? finish;
        }

        Assert.NotNull(finish);
        return (text.ToString(), finish.Value, usage!);
    }

    private static async IAsyncEnumerable<GenerationUpdate> Call()
    {
        await Task.Yield();
        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, "abcdefghi", "weather", "")], TokenIds = [9] };
        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, null, null, """{"city":""")], TokenIds = [1050] };
        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, null, null, "\"Marseille\"}")], TokenIds = [1051] };
        yield return new GenerationUpdate { FinishReason = FinishReason.ToolCalls, Usage = new TokenUsage(5, 4, 0) };
    }
}
