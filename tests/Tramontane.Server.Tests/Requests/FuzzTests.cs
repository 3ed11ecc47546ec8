using System.Text;
using System.Text.Json.Nodes;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Requests;

/// <summary>Whatever a client sends is answered, and never with a fault of the server.</summary>
public sealed class FuzzTests
{
    private static readonly (string Path, string Body)[] s_valid =
    [
        ("/v1/chat/completions", """{"model":"mistral-small-2506","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"abcdefghi","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"abcdefghi","content":"r"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}],"tool_choice":"auto","temperature":0.5,"top_p":0.9,"top_k":5,"min_p":0.1,"n":2,"stop":["x"],"seed":1,"logit_bias":{"1097":1},"logprobs":true,"top_logprobs":2,"max_tokens":5,"stream":true,"stream_options":{"include_usage":true},"response_format":{"type":"text"},"metadata":{"a":"b"}}"""),
        ("/v1/completions", """{"model":"mistral-small-2506","prompt":["a",[1097]],"max_tokens":3,"echo":true,"logprobs":2,"n":1,"stream":false,"stop":"z","suffix":null}"""),
        ("/v1/completions", """{"model":"mistral-small-2506","prompt":[1,1097,1098],"max_tokens":0,"echo":true,"logprobs":5}"""),
        ("/tokenize", """{"messages":[{"role":"user","content":"a"}],"return_token_strs":true}"""),
        ("/detokenize", """{"tokens":[1,2,1097]}"""),
    ];

    private static readonly string[] s_values =
        ["null", "true", "-1", "0", "1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"x\"", "\"\\ud800\"", "[]", "[null]", "[[]]", "{}", "{\"type\":\"x\"}", "[{\"role\":\"user\"}]", "-0", "\"tool\"", "128"];

    [Fact]
    public async Task Body_WithRandomValues_IsAnsweredWithoutServerFaults()
    {
        await using TestServer server = await TestServer.StartAsync();
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            (string path, string body) = s_valid[random.Next(s_valid.Length)];
            JsonNode root = JsonNode.Parse(body)!;
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                Mutate(root, random);
            }

            await AssertNoFaultAsync(server, path, Encoding.UTF8.GetBytes(root.ToJsonString()), seed);
        }
    }

    [Fact]
    public async Task Body_WithRandomBytes_IsAnsweredWithoutServerFaults()
    {
        await using TestServer server = await TestServer.StartAsync();
        for (int seed = 0; seed < 1500; seed++)
        {
            var random = new Random(seed);
            (string path, string body) = s_valid[random.Next(s_valid.Length)];
            List<byte> bytes = [.. Encoding.UTF8.GetBytes(body)];
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveAt(at); break;
                    case 2: bytes.Insert(at, (byte)"\"\\{}[],:u0e-"[random.Next(12)]); break;
                    default: bytes.RemoveRange(at, random.Next(bytes.Count - at)); break;
                }

                if (bytes.Count == 0)
                {
                    break;
                }
            }

            await AssertNoFaultAsync(server, path, [.. bytes], seed);
        }
    }

    private static async Task AssertNoFaultAsync(TestServer server, string path, byte[] body, int seed)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(body));
        string text = await response.Content.ReadAsStringAsync();
        string message = $"seed {seed}: {(int)response.StatusCode} for {Encoding.UTF8.GetString(body)}: {text}";
        Assert.True((int)response.StatusCode is 200 or 400 or 404, message);
        Assert.False(text.Contains("server_error", StringComparison.Ordinal), message);
    }

    /// <summary>Replaces a random value somewhere in the tree.</summary>
    private static void Mutate(JsonNode node, Random random)
    {
        while (true)
        {
            JsonNode? child;
            string value = s_values[random.Next(s_values.Length)];
            switch (node)
            {
                case JsonObject { Count: > 0 } members:
                    string name = members.Select(p => p.Key).ElementAt(random.Next(members.Count));
                    child = members[name];
                    if (child is JsonObject or JsonArray && random.Next(3) > 0)
                    {
                        break;
                    }

                    members[name] = Raw(value);
                    return;
                case JsonArray { Count: > 0 } items:
                    int index = random.Next(items.Count);
                    child = items[index];
                    if (child is JsonObject or JsonArray && random.Next(3) > 0)
                    {
                        break;
                    }

                    items[index] = Raw(value);
                    return;
                default:
                    return;
            }

            node = child!;
        }
    }

    // A lone surrogate cannot be parsed into a node: it is written as a character that the server meets elsewhere.
    private static JsonNode? Raw(string value) => JsonNode.Parse(value.Replace("\\ud800", "\\u0000", StringComparison.Ordinal));
}
