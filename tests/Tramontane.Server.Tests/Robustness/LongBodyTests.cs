using System.Text.Json.Nodes;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Robustness;

/// <summary>Bodies with tens of thousands of small items: work that grows with their square would take minutes each.</summary>
public sealed class LongBodyTests
{
    private const int Count = 40_000;

    [Theory, ContractRow("robustness.long_bodies")]
    [InlineData("calls")]
    [InlineData("tools")]
    [InlineData("allowed")]
    [InlineData("results")]
    [InlineData("chat calls")]
    public async Task Body_WithVeryManyItems_IsAnswered(string kind)
    {
        static string Join(Func<int, string> item) => string.Join(',', Enumerable.Range(0, Count).Select(item));
        const string Model = $"\"model\":\"{TestServer.ModelName}\"";
        (string path, string body) = kind switch
        {
            "calls" => ("/v1/responses", $$"""{{{Model}},"input":[{{Join(i => $$"""{"type":"function_call","call_id":"c{{i}}","name":"f","arguments":"{}"}""")}}]}"""),
            "tools" => ("/v1/responses", $$"""{{{Model}},"input":"a","tools":[{{Join(i => $$"""{"type":"function","name":"f{{i}}"}""")}}]}"""),
            "allowed" => ("/v1/responses", $$"""{{{Model}},"input":"a","tools":[{{Join(i => $$"""{"type":"function","name":"f{{i}}"}""")}}],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[{{Join(i => $$"""{"name":"f{{Count - 1 - i}}"}""")}}]} }"""),
            "results" => ("/v1/messages", $$"""{{{Model}},"max_tokens":1,"messages":[{"role":"assistant","content":[{{Join(i => $$"""{"type":"tool_use","id":"t{{i}}","name":"f","input":{} }""")}}]},{{Join(i => $$"""{"role":"user","content":[{"type":"text","text":"a"},{"type":"tool_result","tool_use_id":"t{{i}}"}]}""")}}]}"""),
            _ => ("/v1/chat/completions", $$"""{{{Model}},"messages":[{"role":"assistant","tool_calls":[{{Join(i => $$"""{"id":"t{{i}}","function":{"name":"f","arguments":"{}"} }""")}}]},{{Join(i => $$"""{"role":"tool","tool_call_id":"t{{Count - 1 - i}}","content":"r"}""")}}]}"""),
        };
        await using TestServer server = await TestServer.StartAsync();
        (int status, JsonObject reply) = await server.PostAsync(path, body);
        Assert.Equal(400, status); // too long for the context, or refused by name
        string message = (string)reply["error"]!["message"]!;
        Assert.True(message.Contains("context length", StringComparison.Ordinal) || message.Contains("too long", StringComparison.Ordinal) || message.Contains("cannot force", StringComparison.Ordinal), message);
    }
}
