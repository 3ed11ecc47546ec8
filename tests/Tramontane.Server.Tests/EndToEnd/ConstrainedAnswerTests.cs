using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Tramontane.Grammar.Tests.JsonSchema;
using Tramontane.Inference.Engine;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Contract;
using Tramontane.Server.Tests.Fakes;
using Xunit.Abstractions;

namespace Tramontane.Server.Tests.EndToEnd;

/// <summary>A model of random weights, held to schemas and tools over HTTP: what it writes fits, streamed or not.</summary>
public sealed class ConstrainedAnswerTests(ITestOutputHelper output) : IAsyncLifetime, IDisposable
{
    private const string Chat = "/v1/chat/completions";

    // Ends of strings, arrays and objects are made likelier, so that most answers come to their end.
    private string Sampling => $$$"""
        "max_tokens":160,"logit_bias":{"{{{Id("\"")}}}":5,"{{{Id("]")}}}":5,"{{{Id("}")}}}":5,"{{{Id(",")}}}":-1,"2":5}
        """;

    private readonly InferenceEngine _engine = TestModel.LoadTiny();
    private readonly CapturedLogs _logs = new();
    private TestServer _server = null!;

    /// <summary>Requests of each kind; TRAMONTANE_GENERATIONS asks for more.</summary>
    private static int Generations => int.TryParse(Environment.GetEnvironmentVariable("TRAMONTANE_GENERATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count : 60;

    private int Id(string character) => _engine.Tokenizer.Encode(character)[0];

    public async Task InitializeAsync() => _server = await TestServer.StartAsync(_engine, logs: _logs);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose()
    {
        _engine.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task Choices_ThatAreWrittenAlike_AreNotTakenForEachOther()
    {
        foreach (string[] choices in (string[][])[["yes\u0001no"], ["yes", "no"], ["yes\u0001no"]])
        {
            (int status, JsonObject body) = await _server.PostAsync(Chat, TestServer.Chat($"\"guided_choice\":{JsonSerializer.Serialize(choices)}"));
            Assert.Equal(200, status);
            Assert.Contains((string?)body["choices"]![0]!["message"]!["content"], choices);
        }
    }

    [Theory]
    [InlineData("""{"type":"integer","multipleOf":999999937}""")]
    [InlineData("""{"type":"object","properties":{"n":{"type":"number","multipleOf":1e9}}}""")]
    public async Task Format_ThatWouldGrowTooLarge_IsRefusedAtOnce(string schema)
    {
        (int status, JsonObject body) = await _server.PostAsync(Chat, TestServer.Chat($$$"""
            "response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{{{schema}}}}}
            """));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "invalid_json_schema", "response_format.json_schema.schema");
    }

    [Fact]
    public async Task Format_BehindAPrefix_IsRefused()
    {
        (int status, JsonObject body) = await _server.PostAsync(Chat, TestServer.Chat(
            """ "response_format":{"type":"json_object"} """, """[{"role":"user","content":"a"},{"role":"assistant","content":"{","prefix":true}]"""));
        Assert.Equal(400, status);
        ErrorAssert.Is(body, "unsupported_value", "response_format");
    }

    [Fact, ContractRow("chat.choice")]
    public async Task Format_OfRandomSchemas_IsAlwaysKept()
    {
        int finished = 0, cut = 0, refused = 0;
        for (int seed = 0; seed < Generations; seed++)
        {
            JsonElement schema = new RandomSchemas(new Random(seed)).Schema();
            string fields = $$$"""{{{Sampling}}},"seed":{{{seed}}},"response_format":{"type":"json_schema","json_schema":{"name":"s","schema":{{{schema.GetRawText()}}}}}""";
            (int status, JsonObject body) = await _server.PostAsync(Chat, TestServer.Chat(fields));
            if (status == 400)
            {
                ErrorAssert.Is(body, "invalid_json_schema", "response_format.json_schema.schema");
                refused++;
                continue;
            }

            Assert.True(status == 200, $"seed {seed}: {body.ToJsonString()} {fields}\n{string.Join('\n', _logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Line))}");
            JsonNode choice = body["choices"]![0]!;
            string text = (string)choice["message"]!["content"]!;
            await AssertStreamIsSameAsync(fields, text, "");
            if ((string)choice["finish_reason"]! != "stop")
            {
                cut++;
                continue;
            }

            finished++;
            using JsonDocument document = JsonDocument.Parse(text);
            Assert.True(PlainValidator.IsValid(schema, document.RootElement), $"seed {seed}: {schema.GetRawText()} gave {text}");
        }

        output.WriteLine($"{finished} answers finished, {cut} were cut, {refused} schemas were refused; each answer once whole and once streamed");
        Assert.True(finished > Generations / 4, $"{finished} finished, {cut} cut, {refused} refused");
    }

    [Fact, ContractRow("chat.choice", "conflicts.forced_tool")]
    public async Task Calls_OfRandomTools_NameOneAndFitItsSchema()
    {
        int calls = 0, refused = 0;
        for (int seed = 0; seed < Generations; seed++)
        {
            var random = new Random(seed);
            var tools = new Dictionary<string, JsonElement>();
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                tools[$"tool_{(char)('a' + random.Next(26))}"] = new RandomSchemas(random).Schema();
            }

            string name = tools.Keys.First();
            string choice = random.Next(4) switch
            {
                0 => "\"auto\"",
                1 => "\"required\"",
                2 => "\"any\"",
                _ => $$$"""{"type":"function","function":{"name":"{{{name}}}"}}""",
            };
            bool parallel = random.Next(2) == 0;
            string fields = $"{Sampling},\"seed\":{seed},\"parallel_tool_calls\":{(parallel ? "true" : "false")},\"tool_choice\":{choice},\"tools\":["
                + string.Join(",", tools.Select(t => $$$"""{"type":"function","function":{"name":"{{{t.Key}}}","parameters":{{{t.Value.GetRawText()}}}}}""")) + "]";
            fields = choice == "\"auto\"" ? fields.Replace("\"2\":5", "\"2\":0,\"9\":9", StringComparison.Ordinal) : fields;
            (int status, JsonObject body) = await _server.PostAsync(Chat, TestServer.Chat(fields));
            if (status == 400)
            {
                Assert.Contains((string)body["error"]!["code"]!, (string[])["invalid_function_parameters", "context_length_exceeded"]);
                refused++;
                continue;
            }

            Assert.True(status == 200, $"seed {seed}: {body.ToJsonString()} {fields}\n{string.Join('\n', _logs.Lines.Where(l => l.Level >= LogLevel.Error).Select(l => l.Line))}");
            JsonNode answer = body["choices"]![0]!;
            JsonArray made = answer["message"]!["tool_calls"]?.AsArray() ?? [];
            string text = (string?)answer["message"]!["content"] ?? "";
            await AssertStreamIsSameAsync(fields, text, string.Concat(made.Select(c => (string)c!["function"]!["name"]! + (string)c["function"]!["arguments"]!)));
            Assert.True(choice == "\"auto\"" || text.Length == 0 || (string)answer["finish_reason"]! == "length", $"seed {seed}: text '{text}' before a forced call");
            Assert.True(parallel || made.Count <= 1);
            for (int i = 0; i < made.Count; i++)
            {
                if (i == made.Count - 1 && (string)answer["finish_reason"]! == "length")
                {
                    continue; // cut
                }

                calls++;
                JsonNode call = made[i]!;
                Assert.Matches("^[A-Za-z0-9]{9}$", (string)call["id"]!);
                string called = (string)call["function"]!["name"]!, arguments = (string)call["function"]!["arguments"]!;
                Assert.True(tools.ContainsKey(called) && (!choice.StartsWith('{') || called == name), $"seed {seed}: called {called}");
                using JsonDocument document = JsonDocument.Parse(arguments);
                Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
                Assert.True(PlainValidator.IsValid(tools[called], document.RootElement), $"seed {seed}: {tools[called].GetRawText()} gave {arguments}");
            }
        }

        output.WriteLine($"{calls} whole calls in {Generations - refused} answers, {refused} sets of tools were refused; each answer once whole and once streamed");
        Assert.True(calls > Generations / 6, $"{calls} calls, {refused} refused");
    }

    [Theory]
    [InlineData("\"guided_choice\":[\"yes\",\"no\",\"perhaps\"]", "^(yes|no|perhaps)$")]
    [InlineData("\"structured_outputs\":{\"regex\":\"[ab]{3}-[0-9]{2}\"}", "^[ab]{3}-[0-9]{2}$")]
    [InlineData("\"guided_grammar\":\"start: \\\"<\\\" WORD \\\">\\\"\\nWORD: /[a-z]{1,5}/\"", "^<[a-z]{1,5}>$")]
    [InlineData("\"guided_grammar\":\"root ::= [0-9]{4} \\\"!\\\"\"", "^[0-9]{4}!$")]
    [InlineData("\"guided_json\":{\"enum\":[1,\"x\",null]}", "^(1|\"x\"|null)$")]
    [InlineData("\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"s\",\"schema\":{\"type\":\"object\",\"properties\":{\"some_long_name\":{\"const\":\"a long constant text\"}},\"required\":[\"some_long_name\"]}}}", "^{\"some_long_name\": ?\"a long constant text\"}$")]
    public async Task Answer_HeldToAForm_HasIt(string field, string pattern)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            string fields = $"\"max_tokens\":90,\"seed\":{seed},\"logit_bias\":{{\"2\":100}},{field}"; // an end is never possible too early
            JsonNode choice = (await _server.PostAsync(Chat, TestServer.Chat(fields))).Body["choices"]![0]!;
            Assert.Matches(pattern, (string)choice["message"]!["content"]!);
            Assert.Equal("stop", (string)choice["finish_reason"]!);
            JsonNode completion = (await _server.PostAsync("/v1/completions", TestServer.Completion("\"Hi\"", fields))).Body["choices"]![0]!;
            Assert.Matches(pattern, (string)completion["text"]!);
        }
    }

    private async Task AssertStreamIsSameAsync(string fields, string text, string calls)
    {
        List<JsonNode> deltas = [.. (await _server.StreamAsync(Chat, TestServer.Chat(fields + ",\"stream\":true")))[..^1]
            .SelectMany(e => TestServer.Parse(e)["choices"]!.AsArray()).Select(c => c!["delta"]!)];
        Assert.Equal(text, string.Concat(deltas.Select(d => (string?)d["content"])));
        Assert.Equal(calls, string.Concat(deltas.SelectMany(d => d["tool_calls"]?.AsArray() ?? []).Select(c => (string?)c!["function"]!["name"] + (string?)c["function"]!["arguments"])));
    }
}
