using System.Text.Json;
using System.Text.Json.Nodes;
using Tramontane.Testing;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Tokenization.Tests.Instruct;

public sealed class OpenAIChatParserTests
{
    private const string Call = "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[CALL]}]}";
    private const string Tool = "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"tools\":[TOOL]}";
    private const string Chunk = "{\"messages\":[{\"role\":\"user\",\"content\":[CHUNK]}]}";

    [Theory]
    [InlineData(Call, "{\"id\":null,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}")]
    [InlineData(Call, "{\"type\":null,\"function\":{\"name\":\"f\",\"arguments\":\"\"}}")]
    [InlineData(Call, "{\"type\":\"other\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}")]
    [InlineData(Call, "{\"function\":{\"name\":\"f\",\"arguments\":\"\",\"extra\":1}}")]
    [InlineData(Call, "{\"function\":{\"name\":\"f\"}}")]
    [InlineData(Call, "{\"function\":{\"name\":\"f\",\"arguments\":5}}")]
    [InlineData(Call, "{\"function\":{\"arguments\":\"\"}}")]
    [InlineData(Call, "{\"function\":null}")]
    [InlineData(Call, "7")]
    [InlineData(Tool, "{\"type\":null,\"function\":{\"name\":\"f\"}}")]
    [InlineData(Tool, "{\"type\":\"code\",\"function\":{\"name\":\"f\"}}")]
    [InlineData(Tool, "{\"function\":{\"name\":\"f\",\"strict\":null}}")]
    [InlineData(Tool, "{\"function\":{\"name\":\"f\",\"description\":5}}")]
    [InlineData(Tool, "{\"function\":{\"name\":\"f\",\"parameters\":[]}}")]
    [InlineData(Tool, "{\"function\":{}}")]
    [InlineData(Tool, "{}")]
    [InlineData(Chunk, "{\"type\":\"text\"}")]
    [InlineData(Chunk, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\",\"extra\":1}}")]
    [InlineData(Chunk, "{\"type\":\"image_url\",\"image_url\":{}}")]
    [InlineData(Chunk, "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\",\"detail\":5}}")]
    [InlineData(Chunk, "{\"type\":\"image_url\",\"image_url\":5}")]
    public void TryParse_WrongTypeInside_IsAValidationError(string request, string part)
    {
        ChatFormatError error = Refusal(request.Replace("CALL", part).Replace("TOOL", part).Replace("CHUNK", part));
        Assert.Equal((ChatFormatErrorKind.WrongType, ChatFormatStage.Parse), (error.Kind, error.Stage));
    }

    [Theory]
    [InlineData("[]", ChatFormatErrorKind.UnknownValue)]
    [InlineData("{}", ChatFormatErrorKind.MissingKey)]
    [InlineData("{\"messages\":5}", ChatFormatErrorKind.WrongType)]
    [InlineData("{\"messages\":[5]}", ChatFormatErrorKind.UnknownValue)]
    [InlineData("{\"messages\":[{\"role\":\"tool\",\"content\":\"x\",\"tool_call_id\":5}]}", ChatFormatErrorKind.WrongType)]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image\"}]}]}", ChatFormatErrorKind.UnsupportedContent)]
    public void TryParse_WrongShape_IsRefused(string request, ChatFormatErrorKind kind) => Assert.Equal(kind, Refusal(request).Kind);

    [Fact]
    public void TryParse_FaultInAMessage_NamesItsIndex()
    {
        ChatFormatError error = Refusal("{\"messages\":[{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"robot\"}]}");
        Assert.Equal(1, error.MessageIndex);
        Assert.Contains("Message 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("use system, user, assistant or tool", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TryParse_AddressOutsideTheRequest_IsLeftToTheCaller()
    {
        const string Request = "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"image_url\",\"image_url\":\"https://example.org/a.png\"}]}]}";
        using JsonDocument document = JsonDocument.Parse(Request);
        var format = new InstructFormat(TestTokenizer.Instance);
        Assert.True(OpenAIChatParser.TryParse(document.RootElement, out ChatConversation? unknown, out _));
        Assert.False(format.TryEncode(unknown, out _, out ChatFormatError? error));
        Assert.Equal(ChatFormatErrorKind.UnidentifiedImage, error.Kind);
        Assert.True(OpenAIChatParser.TryParse(document.RootElement, out ChatConversation? known, out _, _ => new(28, 28)));
        Assert.True(format.TryEncode(known, out EncodedChat? chat, out _));
        Assert.Equal([1, 3, 10, 13, 4], chat.Tokens);
        Assert.Equal("https://example.org/a.png", chat.Images.Single().Image.Source);
    }

    [Fact]
    public void TryParse_DamagedRequests_AreReadOrRefusedNeverThrown()
    {
        using JsonDocument golden = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/chat.json")));
        string[] requests = [.. golden.RootElement.GetProperty("cases").EnumerateArray()
            .Where(c => c.TryGetProperty("request", out _)).Select(c => c.GetProperty("request").GetRawText())];
        var format = new InstructFormat(TestTokenizer.Instance);
        for (int seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            JsonNode request = JsonNode.Parse(requests[random.Next(requests.Length)])!;
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                Damage(request, random);
            }

            using JsonDocument document = JsonDocument.Parse(request.ToJsonString());
            try
            {
                if (OpenAIChatParser.TryParse(document.RootElement, out ChatConversation? conversation, out ChatFormatError? error)
                    && format.TryEncode(conversation, out EncodedChat? chat, out error))
                {
                    Assert.Equal(SpecialTokens.Bos, chat.Tokens[0]);
                }
                else
                {
                    Assert.NotNull(error);
                }
            }
            catch (Exception exception)
            {
                Assert.Fail($"seed {seed}: {request.ToJsonString()}\n{exception}");
            }
        }
    }

    // Replaces, removes or doubles a random value somewhere inside.
    private static void Damage(JsonNode node, Random random)
    {
        string[] values = ["null", "5", "true", "\"\"", "\"x\"", "[]", "{}", "-1.5e300", "[null]", "{\"type\":\"text\"}", "\"null\"", "\"assistant\"", "\"tool\""];
        JsonNode? value = JsonNode.Parse(values[random.Next(values.Length)]);
        if (node is JsonObject { Count: > 0 } item)
        {
            string key = item.ElementAt(random.Next(item.Count)).Key;
            if (item[key] is JsonNode child && random.Next(3) > 0)
            {
                Damage(child, random);
            }
            else if (random.Next(3) == 0)
            {
                item.Remove(key);
            }
            else
            {
                item[key] = value;
            }
        }
        else if (node is JsonArray { Count: > 0 } list)
        {
            int index = random.Next(list.Count);
            if (list[index] is JsonNode child && random.Next(4) > 0)
            {
                Damage(child, random);
            }
            else if (random.Next(2) == 0)
            {
                list.Insert(index, list[index]?.DeepClone());
            }
            else
            {
                list[index] = value;
            }
        }
    }

    private static ChatFormatError Refusal(string request)
    {
        using JsonDocument document = JsonDocument.Parse(request);
        Assert.False(OpenAIChatParser.TryParse(document.RootElement, out _, out ChatFormatError? error));
        return error;
    }
}
