using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Tramontane.Server.Responses;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Responses;

public sealed class BareRefusalTests
{
    [Theory, ContractRow("http.bare_refusals")]
    [InlineData("GET /LONG HTTP/1.1\r\nHost: x\r\n\r\n", 414, "uri_too_long")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nx-a: LONGLONGLONGLONG\r\n\r\n", 431, "headers_too_large")]
    [InlineData("GET / HTTP/1.1\r\nHost: x\r\nx-a\r\n\r\n", 400, "invalid_http")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", 400, "invalid_http")]
    [InlineData("nonsense\r\n\r\n", 400, "invalid_http")]
    [InlineData("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400, "invalid_http")]
    public async Task Request_ThatIsNoHttp_GetsABody(string request, int status, string code)
    {
        await using TestServer server = await TestServer.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(server.Url.Host, server.Url.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request.Replace("LONG", new string('a', 10_000))));
        using var reader = new StreamReader(client.GetStream());
        string reply;
        try
        {
            reply = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (IOException) when (request.Contains("LONG", StringComparison.Ordinal))
        {
            return; // closed with bytes unread: the network may drop the reply, whoever wrote it
        }

        Assert.StartsWith($"HTTP/1.1 {status} ", reply, StringComparison.Ordinal);
        Assert.Contains("x-request-id: req_", reply, StringComparison.Ordinal);
        ErrorAssert.Is(JsonNode.Parse(reply[reply.IndexOf("\r\n\r\n", StringComparison.Ordinal)..])!.AsObject(), code, null);
    }

    [Theory, ContractRow("http.bare_refusals")]
    [InlineData("HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", true)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nx-request-id: req_1\r\n\r\n", false)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false)]
    [InlineData("HTTP/1.1 400 Bad Request\r\nContent-Length: 7\r\n\r\n", false)]
    [InlineData("HTTP/1.1 4", false)]
    [InlineData("", false)]
    public void Describe_OfARefusalWithoutABody_AddsOne(string written, bool described) =>
        Assert.Equal(described, BareRefusalWriter.Describe(Encoding.ASCII.GetBytes(written)) is not null);
}
