using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Robustness;

/// <summary>
/// Whatever a client sends is answered in its dialect's shape, and never with a fault of the server. The environment
/// variable TRAMONTANE_FUZZ_COUNT sets how many bodies each endpoint gets from each test; a failure prints its seed.
/// </summary>
[ContractRow("robustness.fuzz")]
public sealed class FuzzTests
{
    private static readonly int s_count = int.Parse(Environment.GetEnvironmentVariable("TRAMONTANE_FUZZ_COUNT") ?? "150", CultureInfo.InvariantCulture);

    /// <summary>Bodies that use much of what an endpoint knows, beside the smallest ones and the examples of the fields.</summary>
    private static readonly (string Path, string Body)[] s_rich =
    [
        ("/v1/chat/completions", """{"model":"mistral-small-2506","messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text","text":"a"}]},{"role":"assistant","content":null,"tool_calls":[{"id":"abcdefghi","type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]},{"role":"tool","tool_call_id":"abcdefghi","content":"r"}],"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"integer"}}}}}],"tool_choice":"auto","temperature":0.5,"n":2,"stop":["x"],"logit_bias":{"1097":1},"logprobs":true,"top_logprobs":2,"max_tokens":5,"stream":true,"stream_options":{"include_usage":true}}"""),
        ("/v1/completions", """{"model":"mistral-small-2506","prompt":["a",[1097]],"max_tokens":3,"echo":true,"logprobs":2,"n":1,"stream":false,"stop":"z","suffix":null}"""),
        ("/v1/completions", """{"model":"mistral-small-2506","prompt":[1,1097,1098],"max_tokens":0,"echo":true,"logprobs":5}"""),
        ("/v1/responses", """{"model":"mistral-small-2506","instructions":"i","input":[{"role":"user","content":[{"type":"input_text","text":"a"}]},{"type":"function_call","call_id":"abcdefghi","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"abcdefghi","output":"r"},{"type":"reasoning"}],"tools":[{"type":"function","name":"f","parameters":{"type":"object"},"strict":true}],"tool_choice":"auto","text":{"format":{"type":"text"}},"metadata":{"a":"b"},"stream":true,"top_logprobs":1,"store":true}"""),
        ("/v1/messages", """{"model":"mistral-small-2506","max_tokens":9,"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"document","source":{"type":"text","data":"d"}}]},{"role":"assistant","content":[{"type":"thinking","thinking":"t"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"r"}]}]}],"tools":[{"name":"f","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto"},"stop_sequences":["x","y"],"stream":true,"metadata":{"user_id":"u"}}"""),
        ("/v1/messages/count_tokens", """{"model":"mistral-small-2506","system":"s","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"}]}"""),
        ("/tokenize", """{"messages":[{"role":"user","content":"a"}],"return_token_strs":true}"""),
        ("/detokenize", """{"tokens":[1,2,1097]}"""),
    ];

    private static readonly string[] s_values =
        ["null", "true", "-1", "0", "1", "1.5", "1e400", "99999999999999999999", "\"\"", "\"x\"", "\"\\u0000\"", "[]", "[null]", "[[]]", "{}", "{\"type\":\"x\"}", "[{\"role\":\"user\"}]", "-0", "\"tool\"", "128", "{\"type\":\"tool_use\"}", "{\"$ref\":\"#\"}"];

    public static TheoryData<string> Paths => [.. Endpoint.All.Select(e => e.Path)];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Body_WithRandomValues_IsAnsweredWithoutServerFaults(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        string[] bodies = Bodies(path);
        for (int seed = 0; seed < s_count; seed++)
        {
            var random = new Random(seed);
            JsonNode root = JsonNode.Parse(bodies[random.Next(bodies.Length)])!;
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                Mutate(root, random);
            }

            await AssertNoFaultAsync(server, path, Encoding.UTF8.GetBytes(root.ToJsonString()), seed, mustRefuse: false);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Body_WithRandomBytes_IsAnsweredWithoutServerFaults(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        string[] bodies = Bodies(path);
        for (int seed = 0; seed < s_count; seed++)
        {
            var random = new Random(seed);
            List<byte> bytes = [.. Encoding.UTF8.GetBytes(bodies[random.Next(bodies.Length)])];
            for (int i = random.Next(1, 6); i > 0 && bytes.Count > 0; i--)
            {
                int at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0: bytes[at] = (byte)random.Next(256); break;
                    case 1: bytes.RemoveAt(at); break;
                    case 2: bytes.Insert(at, (byte)"\"\\{}[],:u0e-"[random.Next(12)]); break;
                    default: bytes.RemoveRange(at, random.Next(bytes.Count - at)); break;
                }
            }

            await AssertNoFaultAsync(server, path, [.. bytes], seed, mustRefuse: false);
        }
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Body_WithAFieldOfAWrongKind_IsRefused(string path)
    {
        await using TestServer server = await TestServer.StartAsync();
        Endpoint endpoint = Endpoint.All.Single(e => e.Path == path);
        RequestField[] supported = [.. endpoint.Shape.Fields.Where(f => f.Support == FieldSupport.Supported)];
        for (int seed = 0; seed < s_count; seed++)
        {
            var random = new Random(seed);
            RequestField field = supported[random.Next(supported.Length)];
            string value = s_values[random.Next(s_values.Length)];
            JsonNode? node = JsonNode.Parse(value);
            if (node is null || !IsMalformed(field, node))
            {
                continue;
            }

            await AssertNoFaultAsync(server, path, Encoding.UTF8.GetBytes(endpoint.With(field, value)), seed, mustRefuse: true);
        }
    }

    private static string[] Bodies(string path)
    {
        Endpoint endpoint = Endpoint.All.Single(e => e.Path == path);
        return [endpoint.Body, .. s_rich.Where(r => r.Path == path).Select(r => r.Body), .. endpoint.Shape.Fields.Select(f => endpoint.With(f, f.Example))];
    }

    /// <summary>The schema of a shaped field says more than its top, but only that is sure to be looked at.</summary>
    private static bool IsMalformed(RequestField field, JsonNode value)
    {
        JsonObject schema = field.Schema();
        if (field is ShapedField)
        {
            foreach (string key in schema.Select(p => p.Key).Where(key => key is not "type" and not "anyOf").ToArray())
            {
                schema.Remove(key);
            }

            foreach (JsonObject alternative in (schema["anyOf"] as JsonArray ?? []).OfType<JsonObject>())
            {
                foreach (string key in alternative.Select(p => p.Key).Where(key => key != "type").ToArray())
                {
                    alternative.Remove(key);
                }
            }
        }

        return JsonSchemaCheck.Faults(schema, value, schema).Count > 0;
    }

    private static async Task AssertNoFaultAsync(TestServer server, string path, byte[] body, int seed, bool mustRefuse)
    {
        using HttpResponseMessage response = await server.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(body));
        string text = await response.Content.ReadAsStringAsync();
        string message = $"seed {seed}: {(int)response.StatusCode} for {Encoding.UTF8.GetString(body)}: {text}";
        bool isAnthropic = path.StartsWith("/v1/messages", StringComparison.Ordinal);
        if ((int)response.StatusCode == 200 && !mustRefuse)
        {
            Assert.False(text.Contains("server_error", StringComparison.Ordinal) || text.Contains("api_error", StringComparison.Ordinal), message);
            return;
        }

        Assert.True((int)response.StatusCode is 400 or 404, message);
        JsonObject error = JsonSerializer.Deserialize<JsonObject>(text)!;
        string[] keys = isAnthropic ? ["type", "error", "request_id"] : ["error"];
        string[] details = isAnthropic ? ["type", "message"] : ["message", "type", "param", "code"];
        Assert.True(error.Select(p => p.Key).SequenceEqual(keys) && error["error"]!.AsObject().Select(p => p.Key).SequenceEqual(details), message);
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

                    members[name] = JsonNode.Parse(value);
                    return;
                case JsonArray { Count: > 0 } items:
                    int index = random.Next(items.Count);
                    child = items[index];
                    if (child is JsonObject or JsonArray && random.Next(3) > 0)
                    {
                        break;
                    }

                    items[index] = JsonNode.Parse(value);
                    return;
                default:
                    return;
            }

            node = child!;
        }
    }
}
