using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Images;

/// <summary>Images in requests of every dialect, over the tiny model and its vision encoder.</summary>
public sealed class ImageRequestTests
{
    private const string Chat = "/v1/chat/completions";

    private static string Png => "data:image/png;base64," + Convert.ToBase64String(ImageSite.Png);

    [Fact, ContractRow("chat.images", "mistral.image_url_text")]
    public async Task Images_OfEveryDialect_GiveTheSamePromptTokens()
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using ImageSite site = await ImageSite.StartAsync();
        await using TestServer server = await TestServer.StartAsync(engine, o => o.Images.AllowedOrigins.Add(site.Origin));
        string openAI = Part("image_url", $$"""{"url":"{{Png}}","detail":"low"}"""), mistral = Part("image_url", $"\"{Png}\""), remote = Part("image_url", $"\"{site.Origin}/image.png\"");
        var counts = new List<int>();
        foreach (string part in (string[])[openAI, mistral, remote])
        {
            (int status, JsonObject body) = await server.PostAsync(Chat, TestServer.Chat("\"max_tokens\":1", $$"""[{"role":"user","content":[{"type":"text","text":"a"},{{part}}]}]"""));
            Assert.True(status == 200, body.ToJsonString());
            counts.Add((int)body["usage"]!["prompt_tokens"]!);
        }

        string anthropic = $$"""{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"{{Convert.ToBase64String(ImageSite.Png)}}"} }""";
        string anthropicUrl = $$"""{"type":"image","source":{"type":"url","url":"{{site.Origin}}/image.png"} }""";
        foreach (string block in (string[])[anthropic, anthropicUrl])
        {
            string request = $$"""{"model":"{{TestServer.ModelName}}","max_tokens":1,"messages":[{"role":"user","content":[{"type":"text","text":"a"},{{block}}]}]}""";
            (_, JsonObject counted) = await server.PostAsync("/v1/messages/count_tokens", request);
            counts.Add((int)counted["input_tokens"]!);
            (_, JsonObject message) = await server.PostAsync("/v1/messages", request);
            counts.Add((int)message["usage"]!["input_tokens"]! + (int)message["usage"]!["cache_read_input_tokens"]!);
        }

        (_, JsonObject response) = await server.PostAsync(
            "/v1/responses", $$"""{"model":"{{TestServer.ModelName}}","max_output_tokens":1,"input":[{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"{{Png}}"}]}]}""");
        counts.Add((int)response["usage"]!["input_tokens"]!);

        // Begin, instruction, two rows of three squares with their ends, the text, end of instruction.
        Assert.All(counts, count => Assert.Equal(1 + 1 + ((3 + 1) * 2) + 1 + 1, count));
        Assert.Equal(1, engine.Statistics.EncodedImages);
    }

    [Fact]
    public async Task ModelCard_WithVision_SaysSo()
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await TestServer.StartAsync(engine);
        (_, JsonObject list) = await server.GetAsync("/v1/models");
        Assert.True((bool)list["data"]![0]!["capabilities"]!["vision"]!);
        Assert.Equal("image", (string?)list["data"]![0]!["architecture"]!["input_modalities"]![1]);
    }

    [Theory]
    [InlineData("\"data:image/png;base64,\"", "unsupported_image_media_type")]
    [InlineData("\"data:image/png;base64,A\"", "invalid_base64_image")]
    [InlineData("\"data:image/png,nothing\"", "unsupported_image_media_type")]
    [InlineData("\"data:text/plain;base64,QUJD\"", "invalid_base64_image")]
    [InlineData("\"data:image/png;base64,QUJDREVGR0hJSktMTU5PUA==\"", "unsupported_image_media_type")]
    [InlineData("\"file:///etc/passwd\"", "invalid_image_url")]
    [InlineData("\"javascript:alert(1)\"", "invalid_image_url")]
    [InlineData("\"ftp://example.org/a.png\"", "invalid_image_url")]
    [InlineData("\"\"", "invalid_image_url")]
    [InlineData("\"http://169.254.169.254/latest/meta-data/\"", "failed_to_download_image")]
    [InlineData("\"http://localhost:1/a.png\"", "failed_to_download_image")]
    [InlineData("\"BOMB\"", "image_file_too_large")]
    [InlineData("\"CUT\"", "image_parse_error")]
    [InlineData("\"THIN\"", "image_parse_error")]
    [InlineData("{}", "missing_required_parameter")]
    [InlineData("7", "invalid_type")]
    public async Task Image_ThatIsBad_Is400AndHarmsNoOther(string imageUrl, string code)
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await TestServer.StartAsync(engine);
        string body = imageUrl.Replace("BOMB", Bomb()).Replace("CUT", Url(ImageSite.Png[..^400])).Replace("THIN", Url(Golden("p_thin_4000x1.png")));
        Task<(int Status, JsonObject Body)> other = server.PostAsync(Chat, TestServer.Chat("\"max_tokens\":3"));
        (int status, JsonObject reply) = await server.PostAsync(Chat, TestServer.Chat(messages: $$"""[{"role":"user","content":[{{Part("image_url", body)}}]}]"""));
        Assert.Equal(400, status);
        Assert.Equal(code, (string?)reply["error"]!["code"]);
        Assert.StartsWith("messages[0].content[0].image_url", (string?)reply["error"]!["param"], StringComparison.Ordinal);
        Assert.Equal(200, (await other).Status);
    }

    [Theory]
    [InlineData("system")]
    [InlineData("assistant")]
    [InlineData("tool")]
    public async Task Image_OutsideUserMessages_Is400ThatNamesThePart(string role)
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await TestServer.StartAsync(engine);
        (int status, JsonObject body) = await server.PostAsync(
            Chat, TestServer.Chat(messages: $$"""[{"role":"user","content":"x"},{"role":"{{role}}","content":[{"type":"text","text":"a"},{{Part("image_url", $"\"{Png}\"")}}]}]"""));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "unsupported_value", "messages[1].content[1]");
    }

    [Fact]
    public async Task Images_TooManyOrTooLargeTogether_AreRefused()
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await TestServer.StartAsync(engine, o => (o.Images.MaxPerRequest, o.Images.MaxBytesInFlight) = (2, 1 << 20));
        string part = Part("image_url", $"\"{Png}\"");
        (int status, JsonObject body) = await server.PostAsync(Chat, TestServer.Chat(messages: $$"""[{"role":"user","content":[{{part}},{{part}},{{part}}]}]"""));
        Assert.Equal((400, "too_many_images"), (status, (string?)body["error"]!["code"]));

        string large = Part("image_url", $"\"{Url(Golden("p_check_640x480.png"))}\""); // 3.9 MB of samples
        (status, _) = await server.PostAsync(Chat, TestServer.Chat(messages: $$"""[{"role":"user","content":[{{large}}]}]"""));
        Assert.Equal(429, status);
        (status, _) = await server.PostAsync(Chat, TestServer.Chat("\"max_tokens\":1", $$"""[{"role":"user","content":[{{part}},{{part}}]}]"""));
        Assert.Equal(200, status); // what the refused request held was given back
    }

    [Fact]
    public async Task Image_ThatAnthropicsClientSends_IsRefusedInItsShape()
    {
        using InferenceEngine engine = TestModel.LoadTinyWithVision();
        await using TestServer server = await TestServer.StartAsync(engine);
        (int status, JsonObject body) = await server.PostAsync(
            "/v1/messages", $$"""{"model":"{{TestServer.ModelName}}","max_tokens":1,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"http://10.0.0.1/a.png"} }]}]}""");
        Assert.Equal((400, "error", "invalid_request_error"), (status, (string?)body["type"], (string?)body["error"]!["type"]));
        string message = (string)body["error"]!["message"]!;
        Assert.StartsWith("messages.0.content.0: ", message, StringComparison.Ordinal);
        Assert.Contains("private address", message, StringComparison.Ordinal);
    }

    private static string Part(string type, string url) => $$"""{"type":"{{type}}","image_url":{{url}}}""";

    private static string Url(byte[] file) => "data:image/png;base64," + Convert.ToBase64String(file);

    private static byte[] Golden(string name) => File.ReadAllBytes(Repository.Golden($"tokenizer/images/{name}"));

    // A bitmap whose header promises more than the limit.
    private static string Bomb()
    {
        byte[] bmp = File.ReadAllBytes(Repository.Golden("images/rgb.bmp"));
        BitConverter.TryWriteBytes(bmp.AsSpan(18), 60_000);
        BitConverter.TryWriteBytes(bmp.AsSpan(22), 60_000);
        return Url(bmp);
    }
}
