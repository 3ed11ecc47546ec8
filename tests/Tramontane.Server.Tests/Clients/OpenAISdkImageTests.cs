using System.ClientModel;
using System.Text;
using System.Text.RegularExpressions;
using OpenAI;
using OpenAI.Chat;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;
using Xunit.Abstractions;

namespace Tramontane.Server.Tests.Clients;

/// <summary>OpenAI's official .NET package sends images.</summary>
public sealed class OpenAISdkImageTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Chat_WithTwoImagesStreamed_ReusesThemInTheSecondTurn()
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await TestServer.StartAsync(engine);
        ChatClient chat = new OpenAIClient(new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Url, "v1") })
            .GetChatClient("mistralai/Mistral-Small-3.2-24B-Instruct-2506");
        var messages = new List<ChatMessage>
        {
            new UserChatMessage(
                ChatMessageContentPart.CreateTextPart("Compare "),
                ChatMessageContentPart.CreateImagePart(Image("tokenizer/images/p_check_640x480.png"), "image/png"),
                ChatMessageContentPart.CreateTextPart(" and "),
                ChatMessageContentPart.CreateImagePart(Image("images/rgb.jpg"), "image/jpeg")),
        };
        (string answer, ChatTokenUsage usage) = await StreamAsync(chat, messages);
        Assert.True(usage.InputTokenCount > 432, "image tokens are counted"); // 432 of the first image alone
        Assert.Equal((2, 0), (await CounterAsync(server, "encoded_images"), await CounterAsync(server, "cached_images")));

        messages.Add(new AssistantChatMessage(answer.Length > 0 ? answer : "a"));
        messages.Add(new UserChatMessage("Once more"));
        (_, ChatTokenUsage second) = await StreamAsync(chat, messages);
        int encoded = await CounterAsync(server, "encoded_images"), reused = await CounterAsync(server, "cached_images") + await CounterAsync(server, "shared_images");
        output.WriteLine($"second turn: {second.InputTokenCount} prompt tokens, {second.InputTokenDetails.CachedTokenCount} cached; images encoded {encoded}, reused {reused}");
        Assert.Equal((2, 2), (encoded, reused));
        Assert.True(second.InputTokenDetails.CachedTokenCount > 432);
    }

    private static BinaryData Image(string name) => BinaryData.FromBytes(File.ReadAllBytes(Repository.Golden(name)));

    private static async Task<(string Answer, ChatTokenUsage Usage)> StreamAsync(ChatClient chat, IEnumerable<ChatMessage> messages)
    {
        var answer = new StringBuilder();
        ChatTokenUsage? usage = null;
        await foreach (StreamingChatCompletionUpdate update in chat.CompleteChatStreamingAsync(messages, new ChatCompletionOptions { Temperature = 0, MaxOutputTokenCount = 6 }))
        {
            answer.Append(string.Concat(update.ContentUpdate.Select(part => part.Text)));
            usage = update.Usage ?? usage;
        }

        return (answer.ToString(), usage!);
    }

    private static async Task<int> CounterAsync(TestServer server, string name)
    {
        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        return int.Parse(Regex.Match(metrics, $@"^tramontane_engine_{name}_total (\d+)$", RegexOptions.Multiline).Groups[1].Value);
    }
}
