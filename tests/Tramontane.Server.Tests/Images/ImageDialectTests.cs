using System.Buffers.Binary;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Images;

/// <summary>Every dialect's way to hold an image leads to the same prompt and the same pixels.</summary>
public sealed class ImageDialectTests
{
    private static readonly string s_base64 = Convert.ToBase64String(Bitmap(56, 56));

    [Theory, ContractRow("chat.images", "mistral.image_url_text")]
    [InlineData("/v1/chat/completions", """{"model":"M","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"URL","detail":"low"}}]}]}""")]
    [InlineData("/v1/chat/completions", """{"model":"M","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":"URL"}]}]}""")]
    [InlineData("/v1/responses", """{"model":"M","input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"URL","detail":"auto"}]}]}""")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"BASE64"}}]}]}""")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"URL"}}]}]}""")]
    public async Task Image_InAnyDialect_ReachesTheEngineAndIsCounted(string path, string body)
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true };
        await using TestServer server = await TestServer.StartAsync(engine);
        string request = Fill(body);
        (int status, JsonObject reply) = await server.PostAsync(path, request);
        Assert.True(status == 200, reply.ToJsonString());
        GenerationRequest asked = Assert.Single(engine.Requests);
        int[] image = [SpecialTokens.Image, SpecialTokens.Image, SpecialTokens.ImageBreak, SpecialTokens.Image, SpecialTokens.Image, SpecialTokens.ImageEnd];
        Assert.Equal([SpecialTokens.Bos, SpecialTokens.BeginInstruction, .. image, .. ByteTokenizer.Ids("a"), SpecialTokens.EndInstruction], asked.PromptTokens);
        Assert.Equal(2, Assert.Single(asked.Images).Start); // before the text, as mistral-common has it
        string? counter = path switch
        {
            "/v1/messages" => "/v1/messages/count_tokens",
            "/v1/responses" => "/v1/responses/input_tokens",
            _ => null,
        };
        if (counter is not null)
        {
            Assert.Equal(asked.PromptTokens.Count, (int)(await server.PostAsync(counter, request)).Body["input_tokens"]!);
        }
    }

    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"M","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"URL"}}]}]}""")]
    [InlineData("/v1/responses", """{"model":"M","input":[{"role":"user","content":[{"type":"input_image","image_url":"URL"}]}]}""")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"BASE64"}}]}]}""")]
    public async Task Image_WithoutText_IsATurnOfItsOwn(string path, string body)
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true };
        await using TestServer server = await TestServer.StartAsync(engine);
        (int status, JsonObject reply) = await server.PostAsync(path, Fill(body));
        Assert.True(status == 200, reply.ToJsonString());
        Assert.Equal("<s>[INST][IMG][IMG][IMG_BREAK][IMG][IMG][IMG_END][/INST]", ByteTokenizer.Instance.Decode([.. Assert.Single(engine.Requests).PromptTokens], ControlTokens.Keep));
    }

    [Fact]
    public async Task Image_OfTenMegabytes_IsReadAndScaledDown()
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true };
        await using TestServer server = await TestServer.StartAsync(engine);
        byte[] large = Bitmap(1_904, 1_904); // rows whose length is a multiple of four
        Assert.True(large.Length > 10 << 20);
        (int status, JsonObject reply) = await server.PostAsync("/v1/chat/completions", TestServer.Chat(messages: """[{"role":"user","content":[{"type":"image_url","image_url":{"url":"URL"}}]}]""".Replace("URL", "data:image/bmp;base64," + Convert.ToBase64String(large), StringComparison.Ordinal)));
        Assert.True(status == 200, reply.ToJsonString());
        GenerationRequest asked = Assert.Single(engine.Requests);
        Assert.Equal(55 * (55 + 1), asked.PromptTokens.Count - 3); // 1540 / 28 squares a side, with the ends of the rows
    }

    [Theory, ContractRow("errors.image")]
    [InlineData("/v1/responses", """{"model":"M","input":[{"role":"user","content":[{"type":"input_image","image_url":"ftp://x/y"}]}]}""", "invalid_image_url", "input[0].content[0].image_url")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"!!"}}]}]}""", null, "messages.0.content.0: ")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/tiff","data":"AAAA"}}]}]}""", null, "messages.0.content.0.source.media_type: Input should be ")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"file","file_id":"f"}}]}]}""", null, "messages.0.content.0.source.type: Input should be 'base64' or 'url'")]
    public async Task Image_ThatIsNone_Is400InTheDialectsShape(string path, string body, string? code, string place)
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true };
        await using TestServer server = await TestServer.StartAsync(engine);
        (int status, JsonObject error) = await server.PostAsync(path, Fill(body));
        Assert.Equal(400, status);
        if (path == "/v1/messages")
        {
            Assert.StartsWith(place, AnthropicAssert.IsError(error, "invalid_request_error"), StringComparison.Ordinal);
        }
        else
        {
            ErrorAssert.Is(error, code, place);
        }
    }

    [Theory, ContractRow("chat.images.tool_results")]
    [InlineData("/v1/responses", """{"model":"M","input":[{"role":"user","content":"a"},{"type":"function_call","call_id":"abcdefghi","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"abcdefghi","output":[{"type":"input_text","text":"r"},{"type":"input_image","image_url":"URL"}]},{"role":"user","content":"b"}]}""")]
    [InlineData("/v1/messages", """{"model":"M","max_tokens":9,"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"abcdefghi","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"abcdefghi","content":[{"type":"text","text":"r"},{"type":"image","source":{"type":"url","url":"URL"}}]},{"type":"text","text":"b"}]}]}""")]
    public async Task Image_InAToolResult_FollowsItInTheUsersTurn(string path, string body)
    {
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true };
        await using TestServer server = await TestServer.StartAsync(engine);
        (int status, JsonObject reply) = await server.PostAsync(path, Fill(body));
        Assert.True(status == 200, reply.ToJsonString());
        const string Image = "[IMG][IMG][IMG_BREAK][IMG][IMG][IMG_END]";
        Assert.Equal(
            $"<s>[INST]a[/INST][TOOL_CALLS]f[CALL_ID]abcdefghi[ARGS]{{}}</s>[TOOL_RESULTS]abcdefghi[TOOL_CONTENT]r[/TOOL_RESULTS][INST]{Image}b[/INST]",
            ByteTokenizer.Instance.Decode([.. Assert.Single(engine.Requests).PromptTokens], ControlTokens.Keep));
    }

    private static string Fill(string body) => body.Replace("\"M\"", $"\"{TestServer.ModelName}\"").Replace("URL", $"data:image/png;base64,{s_base64}").Replace("BASE64", s_base64);

    /// <summary>A grey picture, declared as a PNG to show that the bytes count.</summary>
    private static byte[] Bitmap(int width, int height)
    {
        const int HeadLength = 54;
        byte[] bytes = new byte[HeadLength + (width * height * 3)]; // rows of 56 pixels need no padding
        bytes.AsSpan(HeadLength).Fill(128);
        "BM"u8.CopyTo(bytes);
        void Write(int at, int value) => BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(at), value);
        Write(2, bytes.Length);
        Write(10, HeadLength);
        Write(14, 40);
        Write(18, width);
        Write(22, height);
        Write(26, 1 | (24 << 16)); // planes, bits per pixel
        return bytes;
    }
}
