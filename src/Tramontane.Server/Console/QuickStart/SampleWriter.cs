using System.Text.Encodings.Web;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.QuickStart;

/// <summary>
/// Writes the samples of the pages. They need nothing beside the language itself unless they say so, name the server's real
/// address and model, and carry a key only where one is needed. Tests run every one as it is printed.
/// </summary>
/// <param name="baseUrl">Without a slash at the end.</param>
/// <param name="model">The model's id.</param>
/// <param name="needsKey">Keys are configured.</param>
internal sealed class SampleWriter(string baseUrl, string model, bool needsKey)
{
    /// <summary>The variable that samples read the key from.</summary>
    internal const string KeyVariable = "TRAMONTANE_API_KEY";

    private const string Question = "What is Tramontane?";

    /// <summary>One question, one answer, in every language.</summary>
    internal Block Chat() => new Samples("quick-start-chat", "One answer", [ChatCurl(), ChatPython(), ChatJavaScript(), ChatCSharp(), ChatPhp()]);

    /// <summary>The answer as it comes.</summary>
    internal Block Stream() => new Samples("quick-start-stream", "Streaming", [StreamCurl(), StreamPython(), StreamJavaScript()]);

    /// <summary>With OpenAI's and Anthropic's packages.</summary>
    internal Block Packages() => new Samples("quick-start-sdk", "With the official packages", [OpenAIJavaScript(), OpenAICSharp()]);

    /// <summary>An image from a file.</summary>
    internal Block Image() => new Samples("quick-start-image", "An image from a file", [ImageCurl()]);

    /// <summary>An answer that fits a schema.</summary>
    internal Block Schema() => new Samples("quick-start-schema", "An answer that fits a schema", [SchemaCurl()]);

    /// <summary>Claude Code's settings.</summary>
    internal Block ClaudeCode() => new Samples("claude-code", "Claude Code", [ClaudeCodeShell()]);

    private CodeSample ChatCurl() => new("curl", "bash", "One answer with curl", $$"""
        curl {{baseUrl}}/v1/chat/completions \
          -H 'Content-Type: application/json' \{{CurlKey}}
          -d {{Shell($$"""{"model": {{Json(model)}}, "messages": [{"role": "user", "content": "{{Question}}"}]}""")}}
        """);

    private CodeSample ChatPython() => new("Python", "python", "One answer with Python's standard library", $$"""
        import json{{(needsKey ? ", os" : "")}}, urllib.request

        request = urllib.request.Request(
            {{Json(baseUrl + "/v1/chat/completions")}},
            headers={"Content-Type": "application/json"{{PythonKey}}},
            data=json.dumps({
                "model": {{Json(model)}},
                "messages": [{"role": "user", "content": "{{Question}}"}],
            }).encode(),
        )
        with urllib.request.urlopen(request) as response:
            reply = json.load(response)
        print(reply["choices"][0]["message"]["content"])
        """);

    private CodeSample ChatJavaScript() => new("JavaScript", "javascript", "One answer with fetch, as a module", $$"""
        const response = await fetch({{Json(baseUrl + "/v1/chat/completions")}}, {
          method: "POST",
          headers: { "Content-Type": "application/json"{{JavaScriptKey}} },
          body: JSON.stringify({
            model: {{Json(model)}},
            messages: [{ role: "user", content: "{{Question}}" }],
          }),
        });
        if (!response.ok) throw new Error(await response.text());
        const reply = await response.json();
        console.log(reply.choices[0].message.content);
        """);

    private CodeSample ChatCSharp() => new("C#", "csharp", "One answer with HttpClient", $$"""
        using System.Net.Http.Json;
        using System.Text.Json.Nodes;

        using var client = new HttpClient();
        {{(needsKey ? $"client.DefaultRequestHeaders.Authorization = new(\"Bearer\", Environment.GetEnvironmentVariable(\"{KeyVariable}\"));\n" : "")}}using HttpResponseMessage response = await client.PostAsJsonAsync({{Json(baseUrl + "/v1/chat/completions")}}, new
        {
            model = {{Json(model)}},
            messages = new[] { new { role = "user", content = "{{Question}}" } },
        });
        response.EnsureSuccessStatusCode();
        JsonNode reply = (await response.Content.ReadFromJsonAsync<JsonNode>())!;
        Console.WriteLine(reply["choices"]![0]!["message"]!["content"]);
        """);

    private CodeSample ChatPhp() => new("PHP", "php", "One answer with PHP's streams", $$"""
        <?php
        $reply = json_decode(file_get_contents({{Json(baseUrl + "/v1/chat/completions")}}, false, stream_context_create(["http" => [
            "method" => "POST",
            "header" => ["Content-Type: application/json"{{(needsKey ? $", \"Authorization: Bearer \" . getenv(\"{KeyVariable}\")" : "")}}],
            "content" => json_encode([
                "model" => {{Json(model)}},
                "messages" => [["role" => "user", "content" => "{{Question}}"]],
            ]),
        ]])));
        echo $reply->choices[0]->message->content, "\n";
        """);

    private CodeSample StreamCurl() => new("curl", "bash", "Streaming with curl", $$"""
        curl -N {{baseUrl}}/v1/chat/completions \
          -H 'Content-Type: application/json' \{{CurlKey}}
          -d {{Shell($$"""{"model": {{Json(model)}}, "stream": true, "messages": [{"role": "user", "content": "{{Question}}"}]}""")}}
        """);

    private CodeSample StreamPython() => new("Python", "python", "Streaming with Python's standard library", $$"""
        import json{{(needsKey ? ", os" : "")}}, urllib.request

        request = urllib.request.Request(
            {{Json(baseUrl + "/v1/chat/completions")}},
            headers={"Content-Type": "application/json"{{PythonKey}}},
            data=json.dumps({
                "model": {{Json(model)}},
                "messages": [{"role": "user", "content": "{{Question}}"}],
                "stream": True,
            }).encode(),
        )
        with urllib.request.urlopen(request) as response:
            for line in response:
                data = line.decode().strip().removeprefix("data: ")
                if data.startswith("{"):
                    for choice in json.loads(data)["choices"]:
                        print(choice["delta"].get("content") or "", end="", flush=True)
        print()
        """);

    private CodeSample StreamJavaScript() => new("JavaScript", "javascript", "Streaming with fetch, as a module", $$"""
        const response = await fetch({{Json(baseUrl + "/v1/chat/completions")}}, {
          method: "POST",
          headers: { "Content-Type": "application/json"{{JavaScriptKey}} },
          body: JSON.stringify({
            model: {{Json(model)}},
            messages: [{ role: "user", content: "{{Question}}" }],
            stream: true,
          }),
        });
        let text = "", rest = "";
        for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
          const lines = (rest + piece).split("\n");
          rest = lines.pop();
          for (const line of lines.filter((l) => l.startsWith("data: {"))) {
            text += JSON.parse(line.slice(6)).choices[0]?.delta.content ?? "";
          }
        }
        console.log(text);
        """);

    private CodeSample OpenAIJavaScript() => new("JavaScript", "javascript", "With OpenAI's package: npm install openai", $$"""
        import OpenAI from "openai";

        const client = new OpenAI({ baseURL: {{Json(baseUrl + "/v1")}}, apiKey: {{(needsKey ? "process.env." + KeyVariable : "\"none\"")}} });
        const reply = await client.chat.completions.create({
          model: {{Json(model)}},
          messages: [{ role: "user", content: "{{Question}}" }],
        });
        console.log(reply.choices[0].message.content);
        """);

    private CodeSample OpenAICSharp() => new("C#", "csharp", "With OpenAI's package: dotnet add package OpenAI", $$"""
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

    private CodeSample SchemaCurl() => new("curl", "bash", "A city and its country as JSON", $$$"""
        curl {{{baseUrl}}}/v1/chat/completions \
          -H 'Content-Type: application/json' \{{{CurlKey}}}
          -d @- <<'EOF'
        {"model": {{{Json(model)}}},
         "messages": [{"role": "user", "content": "What is the capital of France?"}],
         "response_format": {"type": "json_schema", "json_schema": {"name": "city", "schema": {
           "type": "object", "properties": {"city": {"type": "string", "maxLength": 40}, "country": {"type": "string", "maxLength": 40}},
           "required": ["city", "country"], "additionalProperties": false} } } }
        EOF
        """);

    private CodeSample ClaudeCodeShell() => new("Shell", "bash", "Claude Code with this server", $$"""
        export ANTHROPIC_BASE_URL={{baseUrl}}
        export ANTHROPIC_AUTH_TOKEN={{(needsKey ? $"\"${KeyVariable}\"" : "none")}}
        export ANTHROPIC_MODEL={{Shell(model)}}
        export ANTHROPIC_DEFAULT_HAIKU_MODEL={{Shell(model)}}
        claude
        """);

    private string CurlKey => needsKey ? $"\n  -H \"Authorization: Bearer ${KeyVariable}\" \\" : "";

    private string PythonKey => needsKey ? $", \"Authorization\": f\"Bearer {{os.environ['{KeyVariable}']}}\"" : "";

    private string JavaScriptKey => needsKey ? $", Authorization: `Bearer ${{process.env.{KeyVariable}}}`" : "";

    /// <summary>A string literal that JSON, Python, JavaScript, C# and, for texts without a dollar sign, PHP share.</summary>
    private static string Json(string text) => "\"" + JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text) + "\"";

    /// <summary>One word for a shell, whatever is in it.</summary>
    private static string Shell(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '_' or ':')
        ? text
        : "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
