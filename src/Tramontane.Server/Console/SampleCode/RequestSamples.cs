namespace Tramontane.Server.Console.SampleCode;

/// <summary>What a sample does with the reply.</summary>
internal enum SampleReply
{
    /// <summary>Prints it whole.</summary>
    Json,

    /// <summary>Prints it as text.</summary>
    Text,

    /// <summary>Prints the message of a chat completion.</summary>
    Chat,

    /// <summary>Prints a chat completion as it is drawn.</summary>
    ChatStream,
}

/// <summary>
/// The one source of code that calls this server, in five languages, with nothing but what each brings along. The model page, the
/// API reference and the playground fill these in; tests run them.
/// </summary>
internal static class RequestSamples
{
    /// <summary>Where samples take the key from.</summary>
    internal const string KeyVariable = "TRAMONTANE_API_KEY";

    /// <param name="method">GET, POST or DELETE.</param>
    /// <param name="url">The whole address, plain enough for a shell's double quotes.</param>
    /// <param name="hasBody">Whether the request has a JSON body.</param>
    /// <param name="needsKey">Whether the server asks for a key.</param>
    /// <param name="reply">What happens to the reply.</param>
    internal static IReadOnlyList<SampleTemplate> Create(string method, string url, bool hasBody, bool needsKey, SampleReply reply) =>
    [
        Curl(method, url, hasBody, needsKey, reply),
        Python(method, url, hasBody, needsKey, reply),
        JavaScript(method, url, hasBody, needsKey, reply),
        CSharp(method, url, hasBody, needsKey, reply),
        Php(method, url, hasBody, needsKey, reply),
    ];

    private static SampleTemplate Curl(string method, string url, bool hasBody, bool needsKey, SampleReply reply)
    {
        string options = (reply == SampleReply.ChatStream ? "-N " : "") + (method is "GET" or "POST" ? "" : $"-X {method} ");
        List<string> lines = [$"curl {options}{url}"];
        if (needsKey)
        {
            lines.Add($"  -H \"Authorization: Bearer ${KeyVariable}\"");
        }

        if (hasBody)
        {
            lines.Add("  -H \"Content-Type: application/json\"");
            lines.Add($"  -d @- <<'JSON'\n{SampleTemplate.Place}\nJSON");
        }

        return new("curl", "bash", "curl", "json", "", string.Join(" \\\n", lines));
    }

    private static SampleTemplate Python(string method, string url, bool hasBody, bool needsKey, SampleReply reply)
    {
        string headers = Headers(hasBody, needsKey, $"\"Authorization\": \"Bearer \" + os.environ[\"{KeyVariable}\"]", "\"Content-Type\": \"application/json\"");
        string arguments = string.Join("", ((string?[])[$"    \"{url}\",\n", hasBody ? "    data=json.dumps(body).encode(),\n" : null, headers.Length > 0 ? $"    headers={{{headers}}},\n" : null,
            method is "GET" or "POST" ? null : $"    method=\"{method}\",\n"]));
        string[] modules = [.. ((string?[])[hasBody || reply != SampleReply.Text ? "json" : null, needsKey ? "os" : null, "urllib.request"]).OfType<string>()];
        return new("Python", "python", "Python, standard library", "python", "", $$"""
            import {{string.Join(", ", modules)}}
            {{(hasBody ? $"\nbody = {SampleTemplate.Place}" : "")}}
            request = urllib.request.Request(
            {{arguments}})
            with urllib.request.urlopen(request) as response:
            {{reply switch
            {
                SampleReply.ChatStream => """
                        for line in response:
                            if line.startswith(b"data: {"):
                                chunk = json.loads(line[6:])
                                if "error" in chunk:
                                    raise SystemExit(chunk["error"]["message"])
                                for choice in chunk["choices"]:
                                    delta = choice["delta"]
                                    print(delta.get("content") or delta.get("tool_calls") or "", end="", flush=True)
                    print()
                    """,
                SampleReply.Chat => """
                        reply = json.load(response)
                    message = reply["choices"][0]["message"]
                    print(message["content"] or json.dumps(message["tool_calls"], indent=2))
                    """,
                SampleReply.Text => "    print(response.read().decode())",
                _ => "    print(json.dumps(json.load(response), indent=2))",
            }}}
            """);
    }

    private static SampleTemplate JavaScript(string method, string url, bool hasBody, bool needsKey, SampleReply reply)
    {
        string headers = Headers(hasBody, needsKey, $"Authorization: `Bearer ${{process.env.{KeyVariable}}}`", "\"Content-Type\": \"application/json\"");
        string[] options = [.. ((string?[])[method == "GET" ? null : $"  method: \"{method}\",\n", headers.Length > 0 ? $"  headers: {{ {headers} }},\n" : null,
            hasBody ? $"  body: JSON.stringify({SampleTemplate.Place}),\n" : null]).OfType<string>()];
        return new("JavaScript", "javascript", "JavaScript, Node 18 or later", "javascript", "  ", $$"""
            const response = await fetch("{{url}}"{{(options.Length > 0 ? $", {{\n{string.Concat(options)}}}" : "")}});
            if (!response.ok) throw new Error(await response.text());
            {{reply switch
            {
                SampleReply.ChatStream => """
                    const decoder = new TextDecoder();
                    let rest = "";
                    for await (const bytes of response.body) {
                      const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
                      rest = lines.pop();
                      for (const line of lines.filter((l) => l.startsWith("data: {"))) {
                        const { choices, error } = JSON.parse(line.slice(6));
                        if (error) throw new Error(error.message);
                        const delta = choices[0]?.delta ?? {};
                        process.stdout.write(delta.content || JSON.stringify(delta.tool_calls) || "");
                      }
                    }
                    console.log();
                    """,
                SampleReply.Chat => """
                    const { message } = (await response.json()).choices[0];
                    console.log(message.content || message.tool_calls);
                    """,
                SampleReply.Text => "console.log(await response.text());",
                _ => "console.log(JSON.stringify(await response.json(), null, 2));",
            }}}
            """);
    }

    private static SampleTemplate CSharp(string method, string url, bool hasBody, bool needsKey, SampleReply reply)
    {
        string verb = method switch { "GET" => "Get", "DELETE" => "Delete", _ => "Post" };
        string key = needsKey ? $"client.DefaultRequestHeaders.Authorization = new(\"Bearer\", Environment.GetEnvironmentVariable(\"{KeyVariable}\"));\n" : "";
        string content = hasBody ? $$""""""
            string body = """
            {{SampleTemplate.Place}}
            """;
            using var content = new StringContent(body, Encoding.UTF8, "application/json");

            """""" : "";
        string usings = string.Concat(((string?[])[hasBody ? "using System.Text;\n" : null, reply is SampleReply.Chat or SampleReply.ChatStream ? "using System.Text.Json.Nodes;\n" : null]).OfType<string>());
        string send = reply == SampleReply.ChatStream
            ? $"using var request = new HttpRequestMessage(HttpMethod.Post, \"{url}\") {{ Content = content }};\nusing HttpResponseMessage response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);"
            : $"using HttpResponseMessage response = await client.{verb}Async(\"{url}\"{(hasBody ? ", content" : "")});";
        return new("C#", "csharp", "C#, .NET 10", "json", "", $$"""
            {{usings}}{{(usings.Length > 0 ? "\n" : "")}}using var client = new HttpClient();
            {{key}}{{content}}{{send}}
            response.EnsureSuccessStatusCode();
            {{reply switch
            {
                SampleReply.ChatStream => """
                    using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
                    while (await reader.ReadLineAsync() is { } line)
                    {
                        if (line.StartsWith("data: {"))
                        {
                            JsonNode chunk = JsonNode.Parse(line[6..])!;
                            if (chunk["error"] is { } error)
                            {
                                throw new HttpRequestException((string?)error["message"]);
                            }
                            JsonArray choices = chunk["choices"]!.AsArray();
                            JsonNode? delta = choices.Count > 0 ? choices[0]!["delta"] : null;
                            Console.Write(delta?["content"] ?? delta?["tool_calls"]);
                        }
                    }
                    Console.WriteLine();
                    """,
                SampleReply.Chat => """
                    JsonNode message = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!;
                    Console.WriteLine(message["content"] ?? message["tool_calls"]);
                    """,
                _ => "Console.WriteLine(await response.Content.ReadAsStringAsync());",
            }}}
            """);
    }

    private static SampleTemplate Php(string method, string url, bool hasBody, bool needsKey, SampleReply reply)
    {
        string headers = Headers(hasBody, needsKey, $"\"Authorization: Bearer \" . getenv(\"{KeyVariable}\")", "\"Content-Type: application/json\"");
        string options = string.Concat(((string?[])[$"    \"method\" => \"{method}\",\n", headers.Length > 0 ? $"    \"header\" => [{headers}],\n" : null,
            hasBody ? "    \"content\" => json_encode($body),\n" : null]).OfType<string>());
        string open = $"fopen(\"{url}\", \"r\", false, $context)", read = $"file_get_contents(\"{url}\", false, $context)";
        return new("PHP", "php", "PHP, without extensions", "php", "", $$"""
            <?php
            {{(hasBody ? $"$body = {SampleTemplate.Place};\n" : "")}}$context = stream_context_create(["http" => [
            {{options}}]]);
            {{reply switch
            {
                SampleReply.ChatStream => $$"""
                    $stream = {{open}};
                    while (($line = fgets($stream)) !== false) {
                        if (str_starts_with($line, "data: {")) {
                            $chunk = json_decode(substr($line, 6), true);
                            if (isset($chunk["error"])) {
                                fwrite(STDERR, $chunk["error"]["message"] . "\n");
                                exit(1);
                            }
                            $delta = $chunk["choices"][0]["delta"] ?? [];
                            echo $delta["content"] ?? (isset($delta["tool_calls"]) ? json_encode($delta["tool_calls"]) : "");
                        }
                    }
                    echo "\n";
                    """,
                SampleReply.Chat => $$"""
                    $message = json_decode({{read}}, true)["choices"][0]["message"];
                    echo ($message["content"] ?? "") !== "" ? $message["content"] : json_encode($message["tool_calls"], JSON_PRETTY_PRINT), "\n";
                    """,
                _ => $"echo {read}, \"\\n\";",
            }}}
            """);
    }

    private static string Headers(bool hasBody, bool needsKey, string key, string type) =>
        string.Join(", ", ((string?[])[needsKey ? key : null, hasBody ? type : null]).OfType<string>());
}
