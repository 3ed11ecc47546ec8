using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Tramontane.Server.Console.Playground;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Playground;

/// <summary>What the playground's page hands to its scripts and to those who have none.</summary>
public sealed partial class PlaygroundPageTests
{
    private static async Task<(string Html, JsonObject Config)> LoadAsync(TestServer server)
    {
        using HttpResponseMessage response = await ConsoleRouteTests.GetAsync(server, "/playground");
        string html = await response.Content.ReadAsStringAsync();
        return (html, JsonNode.Parse(WebUtility.HtmlDecode(Config().Match(html).Groups[1].Value))!.AsObject());
    }

    [Fact]
    public async Task Controls_ForEveryNumberOfSampling_HaveTheFieldsOwnBoundsAndDefaults()
    {
        await using TestServer server = await TestServer.StartAsync();
        (string html, JsonObject config) = await LoadAsync(server);
        string[] numbers = [.. SamplingFields.All.Where(f => f is DecimalField or IntegerField).Select(f => f.Name).Append("seed").Append(ChatFields.MaxCompletionTokens.Name)];
        Assert.Equal(numbers.Order(), config["controls"]!.AsArray().Select(c => (string)c!["name"]!).Order());
        foreach (JsonNode? control in config["controls"]!.AsArray())
        {
            RequestField field = ChatFields.Shape.Find((string)control!["name"]!)!;
            JsonObject schema = field.Schema();
            Assert.Equal(Number(schema["minimum"]), Number(control["minimum"]));
            Assert.Equal(Number(schema["maximum"]), Number(control["maximum"]));
            Assert.Equal(field.DefaultValue?.ToJsonString(), (string?)control["apiDefault"]);
            Assert.Contains($"name=\"{field.Name}\"", html, StringComparison.Ordinal);
        }

        foreach (string name in (string[])["stop", "logit_bias", "response_format", "schema", "tools", "tool_choice", "parallel_tool_calls", "system"])
        {
            Assert.Contains($"name=\"{name}\"", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Presets_AreThoseThatPlaygroundsForThisModelBeginWith() => Assert.Equal(
        ["temperature=0.7", "top_p=0.9", "max_completion_tokens=1000", "frequency_penalty=0", "presence_penalty=0"],
        SamplingControl.All.Where(c => c.Preset is not null).Select(c => $"{c.Name}={c.Preset}"));

    [Fact]
    public async Task Starters_AreFourAndWhatTheySetIsValid()
    {
        foreach (bool isDemo in (bool[])[true, false])
        {
            Assert.Equal(4, PlaygroundExamples.Starters(isDemo).Count);
            foreach (string json in PlaygroundExamples.Starters(isDemo).SelectMany(s => s.Setup).Where(s => s.Key is "schema" or "tools").Select(s => s.Value))
            {
                Assert.NotNull(JsonNode.Parse(json));
            }
        }

        await using TestServer server = await TestServer.StartAsync();
        foreach (EditorExample example in PlaygroundExamples.Tools)
        {
            Assert.Equal(200, (await server.PostAsync("/v1/chat/completions", TestServer.Chat($"\"tools\":{example.Text}"))).Status);
            Assert.All(JsonNode.Parse(example.Text)!.AsArray(), tool => Assert.NotNull(JsonNode.Parse(PlaygroundExamples.Results[(string)tool!["function"]!["name"]!])));
        }

        foreach (EditorExample example in PlaygroundExamples.Schemas)
        {
            string format = $$$"""{"type":"json_schema","json_schema":{"name":"answer","schema":{{{example.Text}}}}}""";
            Assert.Equal(200, (await server.PostAsync("/v1/chat/completions", TestServer.Chat($"\"response_format\":{format}"))).Status);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Page_WithKeys_SaysThatItNeedsOneAndHoldsNone(bool hasKey)
    {
        await using TestServer server = await TestServer.StartAsync(configure: o =>
        {
            if (hasKey)
            {
                o.ApiKeys.Add("tm-secret-of-the-operator");
            }
        });
        (string html, JsonObject config) = await LoadAsync(server);
        Assert.Equal(hasKey, (bool)config["needsKey"]!);
        Assert.Equal(hasKey, html.Contains("Authorization: Bearer", StringComparison.Ordinal));
        Assert.DoesNotContain("tm-secret", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithoutScripts_ExplainsItselfAndShowsTheCommand()
    {
        await using TestServer server = await TestServer.StartAsync();
        (string html, _) = await LoadAsync(server);
        using HttpResponseMessage markdown = await ConsoleRouteTests.GetAsync(server, "/playground.md", accept: null);
        foreach (string text in (string[])[html, await markdown.Content.ReadAsStringAsync()])
        {
            Assert.Contains("JavaScript", text, StringComparison.Ordinal);
            Assert.Contains($"{server.Url}v1/chat/completions", text, StringComparison.Ordinal);
            Assert.Contains("max_completion_tokens", text, StringComparison.Ordinal);
        }
    }

    private static double? Number(JsonNode? node) => node is null ? null : double.Parse(node.ToJsonString(), CultureInfo.InvariantCulture);

    [GeneratedRegex("data-config=\"([^\"]+)\"")]
    private static partial Regex Config();
}
