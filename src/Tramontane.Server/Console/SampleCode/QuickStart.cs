using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.SampleCode;

/// <summary>
/// Writes the samples of the model page, most of them from <see cref="RequestSamples"/>. They need nothing beside the language itself unless they say so, name the server's real
/// address and model, and carry a key only where one is needed. Tests run every one as it is printed.
/// </summary>
/// <param name="baseUrl">Without a slash at the end.</param>
/// <param name="model">The model's id.</param>
/// <param name="needsKey">Keys are configured.</param>
internal sealed class QuickStart(string baseUrl, string model, bool needsKey)
{
    private const string KeyVariable = RequestSamples.KeyVariable;

    private const string Question = "What is Tramontane?";

    /// <summary>One question, one answer, in every language.</summary>
    internal Block Chat() => new Samples("quick-start-chat", "One answer", Requests(SampleReply.Chat));

    /// <summary>The answer as it comes.</summary>
    internal Block Stream() => new Samples("quick-start-stream", "Streaming", Requests(SampleReply.ChatStream));

    /// <summary>With OpenAI's and Anthropic's packages.</summary>
    internal Block Packages() => new Samples("quick-start-sdk", "With the official packages", [OpenAIJavaScript(), OpenAICSharp()]);

    /// <summary>An image from a file.</summary>
    internal Block Image() => new Samples("quick-start-image", "An image from a file", [ImageCurl()]);

    /// <summary>An answer that fits a schema.</summary>
    internal Block Schema() => new Samples("quick-start-schema", "An answer that fits a schema", [SchemaCurl()]);

    /// <summary>Claude Code's settings.</summary>
    internal Block ClaudeCode() => new Samples("claude-code", "Claude Code", [ClaudeCodeShell()]);

    /// <summary>The question in every language, from the templates that the playground and the API reference fill in too.</summary>
    private IReadOnlyList<CodeSample> Requests(SampleReply reply)
    {
        var body = new JsonObject { ["model"] = model, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Question }) };
        if (reply == SampleReply.ChatStream)
        {
            body["stream"] = true;
        }

        return [.. Templates(reply).Select(t => t.Fill(body))];
    }

    private IReadOnlyList<SampleTemplate> Templates(SampleReply reply) => RequestSamples.Create("POST", baseUrl + "/v1/chat/completions", hasBody: true, needsKey, reply);

    private CodeSample OpenAIJavaScript() => new("JavaScript", "javascript", "With OpenAI's package openai of npm", $$"""
        import OpenAI from "openai";

        const client = new OpenAI({ baseURL: {{Json(baseUrl + "/v1")}}, apiKey: {{(needsKey ? "process.env." + KeyVariable : "\"none\"")}} });
        const reply = await client.chat.completions.create({
          model: {{Json(model)}},
          messages: [{ role: "user", content: "{{Question}}" }],
        });
        console.log(reply.choices[0].message.content);
        """);

    private CodeSample OpenAICSharp() => new("C#", "csharp", "With OpenAI's package OpenAI of NuGet", $$"""
        using System.ClientModel;
        using OpenAI;
        using OpenAI.Chat;

        var client = new ChatClient(
            {{Json(model)}},
            new ApiKeyCredential({{(needsKey ? $"Environment.GetEnvironmentVariable(\"{KeyVariable}\")!" : "\"none\"")}}),
            new OpenAIClientOptions { Endpoint = new Uri({{Json(baseUrl + "/v1")}}) });
        ChatCompletion reply = await client.CompleteChatAsync("{{Question}}");
        Console.WriteLine(reply.Content[0].Text);
        """);

    private CodeSample ImageCurl() => new("curl", "bash", "Reading page.png", $$$"""
        base64 page.png | tr -d '\n' > page.base64
        curl {{{baseUrl}}}/v1/chat/completions \
          -H 'Content-Type: application/json' \{{{CurlKey}}}
          -d @- <<EOF
        {"model": {{{Json(model)}}}, "messages": [{"role": "user", "content": [
          {"type": "text", "text": "What does this page say?"},
          {"type": "image_url", "image_url": {"url": "data:image/png;base64,$(cat page.base64)"}}
        ]}]}
        EOF
        """);

    private CodeSample SchemaCurl() => Templates(SampleReply.Chat)[0].Fill(new JsonObject
    {
        ["model"] = model,
        ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = "What is the capital of France?" }),
        ["response_format"] = JsonNode.Parse("""
            {"type": "json_schema", "json_schema": {"name": "city", "schema": {
              "type": "object", "properties": {"city": {"type": "string", "maxLength": 40}, "country": {"type": "string", "maxLength": 40}},
              "required": ["city", "country"], "additionalProperties": false}}}
            """),
    }) with { Caption = "curl: a city and its country as JSON" };

    private CodeSample ClaudeCodeShell() => new("Shell", "bash", "Claude Code with this server", $$"""
        export ANTHROPIC_BASE_URL={{baseUrl}}
        export ANTHROPIC_AUTH_TOKEN={{(needsKey ? $"\"${KeyVariable}\"" : "none")}}
        export ANTHROPIC_MODEL={{Shell(model)}}
        export ANTHROPIC_DEFAULT_OPUS_MODEL={{Shell(model)}}
        export ANTHROPIC_DEFAULT_SONNET_MODEL={{Shell(model)}}
        export ANTHROPIC_DEFAULT_HAIKU_MODEL={{Shell(model)}}
        export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1
        claude
        """);

    private string CurlKey => needsKey ? $"\n  -H \"Authorization: Bearer ${KeyVariable}\" \\" : "";

    /// <summary>A string literal that JSON, Python, JavaScript, C# and, for texts without a dollar sign, PHP share.</summary>
    private static string Json(string text) => "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) + "\"";

    /// <summary>One word for a shell, whatever is in it.</summary>
    private static string Shell(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '_' or ':')
        ? text
        : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
