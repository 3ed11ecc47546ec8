using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Responses;

public sealed class ProtocolTests
{
    [Theory, ContractRow("routes.unknown", "errors.path")]
    [InlineData("GET", "/v1/nothing")]
    [InlineData("POST", "/v1/embeddings")]
    [InlineData("POST", "/v1/fim/completions")]
    public async Task Route_Unknown_Is404(string method, string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal($"Invalid URL ({method} {path})", ErrorAssert.Is(await TestServer.ReadAsync(response), "unknown_url", null));
    }

    [Theory, ContractRow("routes.method", "errors.method")]
    [InlineData("GET", "/v1/chat/completions", "POST")]
    [InlineData("DELETE", "/v1/completions", "POST")]
    [InlineData("POST", "/v1/models", "GET")]
    [InlineData("PUT", "/tokenize", "POST")]
    public async Task Route_WithAWrongMethod_Is405WithAllow(string method, string path, string allowed)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(405, (int)response.StatusCode);
        Assert.Contains(allowed, response.Content.Headers.Allow);
        ErrorAssert.Is(await TestServer.ReadAsync(response), "method_not_supported", null);
    }

    [Theory, ContractRow("routes.trailing_slash")]
    [InlineData("/health/")]
    [InlineData("/v1/models/")]
    [InlineData("/v1/models?limit=3")]
    public async Task Route_WithATrailingSlashOrQuery_IsFound(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        Assert.Equal(200, (await server.GetAsync(path)).Status);
    }

    [Theory, ContractRow("routes.head")]
    [InlineData("/")]
    [InlineData("/health")]
    [InlineData("/v1/models")]
    public async Task Head_OfAGetRoute_HasHeadersAndNoBody(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Head, path);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
    }

    [Fact, ContractRow("http.request_id")]
    public async Task RequestId_OfEveryReply_IsUniqueAndUnderBothNames()
    {
        await using TestServer server = await TestServer.StartAsync();
        var ids = new HashSet<string>();
        foreach (string path in (string[])["/health", "/v1/models", "/v1/nothing", "/health"])
        {
            using HttpResponseMessage response = await server.Client.GetAsync(new Uri(path, UriKind.Relative));
            string id = Assert.Single(response.Headers.GetValues("x-request-id"));
            Assert.Equal(id, Assert.Single(response.Headers.GetValues("request-id")));
            Assert.StartsWith("req_", id, StringComparison.Ordinal);
            Assert.True(ids.Add(id));
        }
    }

    [Fact, ContractRow("http.preflight")]
    public async Task Preflight_WithoutKey_NamesTheRequestedHeaders()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.ApiKeys.Add("k"));
        using HttpRequestMessage request = new(HttpMethod.Options, "/v1/chat/completions");
        request.Headers.Add("Origin", "https://page.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,x-stainless-os");
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Equal("*", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Origin")));
        Assert.Equal("authorization, x-stainless-os", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Headers")));
        Assert.Equal("GET, POST, PATCH, DELETE, OPTIONS", Assert.Single(response.Headers.GetValues("Access-Control-Allow-Methods")));
        Assert.False(response.Headers.Contains("Access-Control-Allow-Credentials"));
    }

    [Theory, ContractRow("http.cors")]
    [InlineData("https://mine.example", true)]
    [InlineData("https://other.example", false)]
    public async Task Cors_WithConfiguredOrigins_AllowsThemAlone(string origin, bool allowed)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o =>
        {
            o.CorsOrigins.Clear();
            o.CorsOrigins.Add("https://mine.example");
        });
        using HttpRequestMessage request = new(HttpMethod.Get, "/v1/nothing"); // errors carry the header too
        request.Headers.Add("Origin", origin);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(allowed, response.Headers.TryGetValues("Access-Control-Allow-Origin", out IEnumerable<string>? values) && values.Single() == origin);
        Assert.Contains("Origin", response.Headers.Vary);
    }

    [Theory, ContractRow("http.body.content_type")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("application/x-www-form-urlencoded")]
    public async Task Body_OfAForm_Is415(string contentType)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(TestServer.Chat()));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content);
        Assert.Equal(415, (int)response.StatusCode);
        ErrorAssert.Is(await TestServer.ReadAsync(response), "unsupported_content_type", null);
    }

    [Theory, ContractRow("http.body.content_type")]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("text/plain")]
    [InlineData(null)]
    public async Task Body_OfAnyOtherType_IsReadAsJson(string? contentType)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(TestServer.Chat()));
        content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Fact, ContractRow("http.body.size", "errors.size")]
    public async Task Body_AnnouncedTooLarge_Is413BeforeItIsSent()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.MaxBodyBytes = 2000);
        using var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        await client.GetStream().WriteAsync("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2001\r\n\r\n"u8.ToArray());
        using var reader = new StreamReader(client.GetStream());
        Assert.Equal("HTTP/1.1 413 Payload Too Large", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60)));
    }

    [Fact]
    public async Task Error_AboutAVeryLongValue_QuotesItsBeginning()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.AcceptAnyModel = true);
        string name = string.Concat(Enumerable.Repeat("💥", 100_000));
        (int status, JsonObject body) = await server.PostAsync("/v1/chat/completions", $$"""{"model":"{{name}}","messages":[{"role":"user","content":"Hi"}]}""");
        Assert.Equal(404, status);
        string message = ErrorAssert.Is(body, "model_not_found", null);
        Assert.InRange(message.Length, 1900, 2001);
        Assert.EndsWith("💥…", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reply_ThatNobodyReads_IsCutOff()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.SlowReaderTimeoutSeconds = 1);
        using var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        string body = $$"""{"prompt":"{{new string('a', 4 << 20)}}"}"""; // its ids are more than sockets hold
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes($"POST /tokenize HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
        Assert.True(client.Client.Poll(TimeSpan.FromSeconds(60), SelectMode.SelectError), "The connection is still open.");
    }

    [Fact, ContractRow("http.body.size")]
    public async Task Body_ChunkedAndTooLarge_Is413()
    {
        await using TestServer server = await TestServer.StartAsync(configure: o => o.MaxBodyBytes = 2000);
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat($"\"user\":\"{new string('x', 2000)}\"")) };
        request.Headers.TransferEncodingChunked = true;
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(413, (int)response.StatusCode);
        ErrorAssert.Is(await TestServer.ReadAsync(response), "request_too_large", null);
    }

    [Fact, ContractRow("http.body.chunked")]
    public async Task Body_ChunkedOrAfter100Continue_IsRead()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpRequestMessage request = new(HttpMethod.Post, "/v1/chat/completions") { Content = TestServer.Json(TestServer.Chat()) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.ExpectContinue = true;
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        Assert.Equal(200, (int)response.StatusCode);
    }

    [Theory, ContractRow("http.body.json", "errors.json")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"model\":")]
    [InlineData("{} {}")]
    [InlineData("{\"temperature\":NaN}")]
    public async Task Body_ThatIsNoObject_Is400(string body)
    {
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject error) = await server.PostAsync("/v1/chat/completions", body);
        Assert.Equal(400, status);
        Assert.StartsWith("We could not parse the JSON body of your request.", ErrorAssert.Is(error, null, null), StringComparison.Ordinal);
    }
}
