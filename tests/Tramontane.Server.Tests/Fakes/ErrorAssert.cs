using System.Text.Json.Nodes;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>What every OpenAI error must look like.</summary>
internal static class ErrorAssert
{
    internal static string Is(JsonObject body, string? code, string? param, string type = "invalid_request_error")
    {
        JsonObject error = body["error"]!.AsObject();
        Assert.Equal(["message", "type", "param", "code"], error.Select(p => p.Key));
        Assert.Equal((code, param, type), ((string?)error["code"], (string?)error["param"], (string?)error["type"]));
        return (string)error["message"]!;
    }
}
