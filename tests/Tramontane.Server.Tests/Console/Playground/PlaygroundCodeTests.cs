using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console.Playground;

/// <summary>The code that the playground shows in Chromium for a state runs in its language, and the server receives that state.</summary>
[Collection(BrowserTests.Collection)]
public sealed class PlaygroundCodeTests
{
    private const string Key = "tm-a-key-of-this-test";

    private static readonly string s_smallImage = Repository.Golden("tokenizer/images/p_red_4x4.png");
    private static readonly string s_largeImage = Repository.Golden("tokenizer/images/p_check_640x480.png");

    /// <summary>What ends strings, comments, documents and lines in one language or another.</summary>
    private const string Awkward =
        "Say \"hi\", 'ho' for $5, ${HOME} $(id) `id` \\ \\n \\u0041 %s {{body}} {$x} #{y} @\"z\"\nJSON\nEOF\n\"\"\"\n'''\n*/ // # <?php ?> </script><!-- é ß 中 🎉 👩‍💻 \u0001\u007f\u0085\u2028\u2029\ttab \\";

    /// <param name="Name">In the test's messages.</param>
    /// <param name="Server">DEMO, KEYED or VISION.</param>
    /// <param name="Setup">Controls by name, as they are typed.</param>
    /// <param name="Messages">The conversation so far, as the playground keeps it.</param>
    /// <param name="Draft">Typed into the message box.</param>
    /// <param name="Image">A file to attach; null for none.</param>
    /// <param name="Expected">Members of the request beside the model and what the playground always sends.</param>
    private sealed record State(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("server")] string Server,
        [property: JsonPropertyName("setup")] Dictionary<string, string> Setup,
        [property: JsonPropertyName("messages")] JsonArray Messages,
        [property: JsonPropertyName("draft")] string Draft,
        [property: JsonPropertyName("image")] string? Image,
        [property: JsonIgnore] JsonObject Expected);

    private sealed record Shown(
        [property: JsonPropertyName("state")] string State,
        [property: JsonPropertyName("stream")] bool IsStreamed,
        [property: JsonPropertyName("language")] string Language,
        [property: JsonPropertyName("code")] string Code,
        [property: JsonPropertyName("note")] string Note);

    [Fact]
    public async Task Code_OfEveryStateAndLanguage_SendsTheState()
    {
        using InferenceEngine demo = TestModel.LoadDemo();
        using InferenceEngine vision = TestModel.LoadTinyWithVision();
        await using TestServer open = await TestServer.StartAsync(demo), keyed = await TestServer.StartAsync(demo, o => o.ApiKeys.Add(Key)), images = await TestServer.StartAsync(vision);
        await using RecordingProxy openProxy = await RecordingProxy.StartAsync(open), keyedProxy = await RecordingProxy.StartAsync(keyed), imageProxy = await RecordingProxy.StartAsync(images);
        var proxies = new Dictionary<string, RecordingProxy> { ["DEMO"] = openProxy, ["KEYED"] = keyedProxy, ["VISION"] = imageProxy };
        State[] states = [.. States()];
        IReadOnlyList<Shown> shown = await ReadCodeAsync(states, proxies);
        Assert.Equal(states.Length * 5 * 2, shown.Count);
        Assert.All(proxies.Values, p => Assert.Empty(p.Chats));
        using SampleRunner runner = new(key: null), keyedRunner = new(Key);
        foreach (Shown sample in shown)
        {
            State state = states.Single(s => s.Name == sample.State);
            if (!sample.IsStreamed && sample.Language == "csharp" && state != states[0])
            {
                continue; // the templates differ in what they do with the reply alone, and compiling takes seconds
            }

            string code = sample.Code;
            Assert.Equal(state.Image == s_largeImage, sample.Note.Contains("put the base64 text of the file in place of \"…\"", StringComparison.Ordinal));
            if (state.Image == s_largeImage)
            {
                code = code.Replace("base64,…", "base64," + Base64(s_largeImage), StringComparison.Ordinal); // as the note says
            }

            RecordingProxy proxy = proxies[state.Server];
            string output = await (state.Server == "KEYED" ? keyedRunner : runner).RunAsync(sample.Language, code);
            Assert.True(output.Trim().Length > 0, $"nothing came of\n{code}");
            Assert.True(proxy.Chats.TryDequeue(out (JsonNode Body, int Status) received), $"nothing was received from\n{code}");
            Assert.Empty(proxy.Chats);
            JsonObject expected = Expected(state, await ModelAsync(state.Server == "VISION" ? images : open), sample.IsStreamed);
            Assert.True(received.Status == 200 && JsonNode.DeepEquals(expected, received.Body),
                $"{state.Name}, {sample.Language}: status {received.Status}, expected\n{expected.ToJsonString()}\nreceived\n{received.Body.ToJsonString()}\nfrom\n{code}\nwhich wrote\n{output}");
        }
    }

    private static IEnumerable<State> States()
    {
        const string System = "You are a helpful AI assistant.";
        Dictionary<string, string> Brief(params (string Name, string Value)[] setup) => new(setup.Select(s => KeyValuePair.Create(s.Name, s.Value))) { ["max_completion_tokens"] = "12" };
        JsonObject Body(string members) => JsonNode.Parse(members)!.AsObject();
        JsonArray Conversation(string? system, params JsonNode[] messages) => [.. system is null ? [] : (JsonNode[])[Message("system", system)], .. messages];

        yield return new("plain", "DEMO", [], [], "What is Tramontane?", null, new JsonObject { ["messages"] = Conversation(System, Message("user", "What is Tramontane?")) });
        yield return new("key", "KEYED", Brief(), [], "Hello", null, Body("""{"max_completion_tokens":12}""").With("messages", Conversation(System, Message("user", "Hello"))));
        yield return new(
            "awkward", "DEMO", Brief(("system", Awkward)),
            [new JsonObject { ["role"] = "user", ["text"] = Awkward + "\r\n" }, new JsonObject { ["role"] = "assistant", ["text"] = Awkward }],
            Awkward, null,
            Body("""{"max_completion_tokens":12}""").With("messages", Conversation(Awkward, Message("user", Awkward + "\r\n"), Message("assistant", Awkward), Message("user", Awkward))));
        yield return new(
            "parameters", "DEMO",
            new()
            {
                ["system"] = "", ["temperature"] = "1.25", ["top_p"] = "0.333", ["max_completion_tokens"] = "9", ["frequency_penalty"] = "-0.5", ["presence_penalty"] = "1e-7",
                ["top_k"] = "40", ["min_p"] = "0.05", ["repetition_penalty"] = "1.1", ["seed"] = "9007199254740991", ["stop"] = "\\n\\n\n$END\n\"'\n\\\\",
                ["logit_bias"] = """{"0": -1.5, "1": 5}""",
            },
            [], "Hello", null,
            Body("""
                {"temperature":1.25,"top_p":0.333,"max_completion_tokens":9,"frequency_penalty":-0.5,"presence_penalty":1e-7,"top_k":40,"min_p":0.05,"repetition_penalty":1.1,
                 "seed":9007199254740991,"stop":["\n\n","$END","\"'","\\"],"logit_bias":{"0":-1.5,"1":5}}
                """).With("messages", Conversation(null, Message("user", "Hello"))));
        const string Schema = """{"type":"object","properties":{"0":{"type":"string","enum":["it's","$5","\\"]},"a b":{"type":"integer","minimum":0,"maximum":9},"e":{"type":"array","items":{"type":"boolean"},"maxItems":2}},"required":["0","a b"],"additionalProperties":false}""";
        yield return new(
            "schema", "DEMO", new() { ["response_format"] = "json_schema", ["schema"] = Schema }, [], "Hello", null,
            Body($$"""{"response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{{Schema}} } } }""").With("messages", Conversation(System, Message("user", "Hello"))));
        const string Tools = """
            [{"type":"function","function":{"name":"weather","description":"It's \"$5\" \\ `x`","parameters":{"type":"object","properties":{"city":{"type":"string","enum":["Marseille","Zürich"]}},"required":["city"],"additionalProperties":false}}},
             {"type":"function","function":{"name":"now","parameters":{"type":"object","properties":{}}}}]
            """;
        const string Arguments = "{\"city\": \"Zürich\"}";
        yield return new(
            "tools", "DEMO", new() { ["tools"] = Tools, ["tool_choice"] = "function:weather", ["parallel_tool_calls"] = "" },
            [
                new JsonObject { ["role"] = "user", ["text"] = "Weather?" },
                new JsonObject { ["role"] = "assistant", ["text"] = "", ["toolCalls"] = new JsonArray(new JsonObject { ["id"] = "call00001", ["name"] = "weather", ["arguments"] = Arguments }) },
                new JsonObject { ["role"] = "tool", ["text"] = "{\"sky\": \"it's $5 \\\\ blue\"}", ["toolCallId"] = "call00001" },
            ],
            "And in Marseille?", null,
            Body("""{"tool_choice":{"type":"function","function":{"name":"weather"}},"parallel_tool_calls":false}""").With("tools", JsonNode.Parse(Tools)!).With("messages", Conversation(
                System,
                Message("user", "Weather?"),
                Message("assistant", "").With("tool_calls", new JsonArray(new JsonObject
                {
                    ["id"] = "call00001", ["type"] = "function", ["function"] = new JsonObject { ["name"] = "weather", ["arguments"] = Arguments },
                })),
                new JsonObject { ["role"] = "tool", ["tool_call_id"] = "call00001", ["content"] = "{\"sky\": \"it's $5 \\\\ blue\"}" },
                Message("user", "And in Marseille?"))));
        foreach ((string name, string image) in ((string, string)[])[("small image", s_smallImage), ("large image", s_largeImage)])
        {
            var content = new JsonArray(
                new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = "data:image/png;base64," + Base64(image) } },
                new JsonObject { ["type"] = "text", ["text"] = "What is this?" });
            yield return new(name, "VISION", Brief(), [], "What is this?", image,
                Body("""{"max_completion_tokens":12}""").With("messages", Conversation(System, new JsonObject { ["role"] = "user", ["content"] = content })));
        }
    }

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };

    private static string Base64(string path) => Convert.ToBase64String(File.ReadAllBytes(path));

    private static async Task<string> ModelAsync(TestServer server) => (string)(await server.GetAsync("/v1/models")).Body["data"]![0]!["id"]!;

    private static JsonObject Expected(State state, string model, bool isStreamed)
    {
        JsonObject body = JsonNode.Parse("""{"temperature":0.7,"top_p":0.9,"max_completion_tokens":1000,"frequency_penalty":0,"presence_penalty":0}""")!.AsObject();
        foreach ((string name, JsonNode? value) in state.Expected)
        {
            body[name] = value?.DeepClone();
        }

        body["model"] = model;
        if (isStreamed)
        {
            body["stream"] = true;
        }

        return body;
    }

    private static async Task<IReadOnlyList<Shown>> ReadCodeAsync(State[] states, Dictionary<string, RecordingProxy> proxies)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("tramontane-code");
        try
        {
            string given = Path.Combine(folder.FullName, "states.json"), code = Path.Combine(folder.FullName, "code.json");
            await File.WriteAllTextAsync(given, JsonSerializer.Serialize(states));
            await BrowserTests.RunAsync(
                "samples", [], [.. proxies.Select(p => KeyValuePair.Create($"TRAMONTANE_{p.Key}_URL", p.Value.Url.ToString())), new("TRAMONTANE_STATES", given), new("TRAMONTANE_CODE", code)]);
            return JsonSerializer.Deserialize<List<Shown>>(await File.ReadAllTextAsync(code))!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

/// <summary>Objects in one expression.</summary>
file static class JsonObjectExtensions
{
    internal static JsonObject With(this JsonObject members, string name, JsonNode value)
    {
        members[name] = value;
        return members;
    }
}
