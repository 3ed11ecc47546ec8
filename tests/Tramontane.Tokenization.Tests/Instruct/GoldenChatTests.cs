using System.Text;
using System.Text.Json;
using Tramontane.Testing;
using Tramontane.Tokenization.Images;
using Tramontane.Tokenization.Instruct;
using Xunit.Abstractions;

namespace Tramontane.Tokenization.Tests.Instruct;

/// <summary>Every case of chat.json (token for token, or the same refusal at the same stage) and of parse.json.</summary>
public sealed class GoldenChatTests(ITestOutputHelper output)
{
    private static readonly Tokenizer s_tokenizer = TestTokenizer.Instance;

    [Fact]
    public void TryEncode_EveryGoldenRequest_GivesTheReferencePromptOrRefusal()
    {
        using JsonDocument golden = Golden("chat.json");
        var failures = new List<string>();
        int prompts = 0, refusals = 0;
        foreach (JsonElement item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            bool isPrompt = item.TryGetProperty("expect", out _);
            (prompts, refusals) = isPrompt ? (prompts + 1, refusals) : (prompts, refusals + 1);
            if (Compare(item) is string difference)
            {
                failures.Add($"{item.GetProperty("name").GetString()}: {difference}");
            }
        }

        output.WriteLine($"chat.json: {prompts + refusals - failures.Count} of {prompts} prompts and {refusals} refusals passed");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal((140, 70), (prompts, refusals));
    }

    [Fact]
    public void TryParse_EveryGoldenIdList_GivesTheReferenceMessageOrError()
    {
        using JsonDocument golden = Golden("parse.json");
        var parser = new GeneratedMessageParser(s_tokenizer, respellArguments: true);
        var failures = new List<string>();
        int count = 0;
        foreach (JsonElement item in golden.RootElement.GetProperty("cases").EnumerateArray())
        {
            count++;
            int[] ids = Integers(item.GetProperty("ids"));
            string actual = parser.TryParse(ids, out GeneratedMessage? message, out GeneratedMessageError? error)
                ? JsonSerializer.Serialize(new
                {
                    content = message.Content,
                    tool_calls = message.ToolCalls.Count == 0 ? null : message.ToolCalls.Select(c => new { id = c.Id, name = c.Name, arguments = c.Arguments }),
                    prefix = message.Prefix,
                })
                : $"error {error.ReferenceType}";
            string expected = item.TryGetProperty("expect", out JsonElement expect)
                ? JsonSerializer.Serialize(expect)
                : $"error {item.GetProperty("error").GetProperty("type").GetString()}";
            if (actual != expected)
            {
                failures.Add($"{item.GetProperty("name").GetString()}: expected {expected}, got {actual}");
            }
        }

        output.WriteLine($"parse.json: {count - failures.Count} of {count} passed");
        Assert.True(failures.Count == 0, string.Join('\n', failures));
        Assert.Equal(31, count);
    }

    private static string? Compare(JsonElement item)
    {
        using JsonDocument request = ReadRequest(item);
        string mode = item.GetProperty("mode").GetString()!;
        var format = new InstructFormat(s_tokenizer, mode == "serving" ? ValidationMode.Serving : ValidationMode.Test);
        EncodedChat? chat = null;
        bool accepted = OpenAIChatParser.TryParse(request.RootElement, out ChatConversation? conversation, out ChatFormatError? error, SizeOf)
            && format.TryEncode(conversation, out chat, out error);
        if (item.TryGetProperty("error", out JsonElement expectedError))
        {
            string expected = $"{expectedError.GetProperty("type").GetString()} at {expectedError.GetProperty("stage").GetString()}";
            string actual = error is null ? "accepted" : $"{error.ReferenceType} at {error.Stage}";
            return string.Equals(expected, actual, StringComparison.OrdinalIgnoreCase) && error!.Message.Length > 20
                ? null
                : $"expected {expected}, got {actual}: {error?.Message}";
        }

        if (!accepted)
        {
            return $"refused: {error}";
        }

        JsonElement expect = item.GetProperty("expect");
        int[] tokens = Integers(expect.GetProperty("tokens"));
        if (!tokens.AsSpan().SequenceEqual(chat!.Tokens))
        {
            return $"expected {s_tokenizer.Decode(tokens, ControlTokens.Keep)}\ngot {s_tokenizer.Decode(chat.Tokens, ControlTokens.Keep)}";
        }

        JsonElement prefix = expect.GetProperty("prefix_ids");
        if (prefix.ValueKind == JsonValueKind.Null ? chat.PrefixTokens is not null : chat.PrefixTokens is null || !Integers(prefix).SequenceEqual(chat.PrefixTokens))
        {
            return $"prefix: expected {prefix.GetRawText()}, got {string.Join(',', chat.PrefixTokens ?? [])}";
        }

        return CompareImages(expect.GetProperty("images"), chat);
    }

    private static string? CompareImages(JsonElement expected, EncodedChat chat)
    {
        string want = string.Join(' ', expected.EnumerateArray().Select(i =>
            $"{i.GetProperty("resized_w")}x{i.GetProperty("resized_h")}/{i.GetProperty("grid_w")}x{i.GetProperty("grid_h")}/{i.GetProperty("n_tokens")}"));
        string have = string.Join(' ', chat.Images.Select(i =>
            $"{i.Grid.ResizedSize.Width}x{i.Grid.ResizedSize.Height}/{i.Grid.Columns}x{i.Grid.Rows}/{i.Grid.TokenCount}"));
        bool inPlace = chat.Images.All(i => chat.Tokens.AsSpan(i.Start, i.Grid.TokenCount) is [SpecialTokens.Image, .., SpecialTokens.ImageEnd]);
        return want == have && inPlace ? null : $"images: expected {want}, got {have}";
    }

    private static JsonDocument ReadRequest(JsonElement item)
    {
        string text = item.TryGetProperty("request_json", out JsonElement raw) ? raw.GetString()! : item.GetProperty("request").GetRawText();
        byte[] json = Encoding.UTF8.GetBytes(text);
        JsonSurrogates.Repair(json);
        return JsonDocument.Parse(json);
    }

    // The goldens write images/NAME.png for a data URL with that file.
    private static ImageSize? SizeOf(string url)
    {
        string data = url.StartsWith("images/", StringComparison.Ordinal)
            ? "data:image/png;base64," + Convert.ToBase64String(File.ReadAllBytes(Repository.Golden("tokenizer/" + url)))
            : url;
        return ImageDataUrl.TryReadSize(data, out ImageSize size) ? size : null;
    }

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(i => i.GetInt32())];

    private static JsonDocument Golden(string name) => JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/" + name)));
}
