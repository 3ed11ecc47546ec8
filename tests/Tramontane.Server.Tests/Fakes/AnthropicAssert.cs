using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>What Anthropic's errors and streams must look like.</summary>
internal static class AnthropicAssert
{
    internal static string IsError(JsonObject body, string type)
    {
        Assert.Equal(["type", "error", "request_id"], body.Select(p => p.Key));
        Assert.Equal("error", (string?)body["type"]);
        Assert.StartsWith("req_", (string?)body["request_id"], StringComparison.Ordinal);
        JsonObject error = body["error"]!.AsObject();
        Assert.Equal(["type", "message"], error.Select(p => p.Key));
        Assert.Equal(type, (string?)error["type"]);
        return (string)error["message"]!;
    }

    /// <summary>The events of a stream whose every event has a name that equals its data's type.</summary>
    internal static List<JsonObject> Events(string text)
    {
        Assert.EndsWith("\n\n", text, StringComparison.Ordinal);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(block =>
        {
            string[] lines = block.Split('\n');
            Assert.Equal(2, lines.Length);
            Assert.StartsWith("event: ", lines[0], StringComparison.Ordinal);
            Assert.StartsWith("data: ", lines[1], StringComparison.Ordinal);
            JsonObject data = JsonNode.Parse(lines[1]["data: ".Length..])!.AsObject();
            Assert.Equal(lines[0]["event: ".Length..], (string?)data["type"]);
            return data;
        })];
    }

    /// <summary>What a client puts together from the events: the message as it would come without streaming.</summary>
    internal static JsonObject Accumulate(List<JsonObject> events)
    {
        Assert.Equal("message_start", (string?)events[0]["type"]);
        Assert.Equal("ping", (string?)events[1]["type"]);
        Assert.Equal("message_stop", (string?)events[^1]["type"]);
        Assert.Equal("message_delta", (string?)events[^2]["type"]);
        JsonObject message = events[0]["message"]!.DeepClone().AsObject();
        JsonArray content = message["content"]!.AsArray();
        string json = "";
        int open = -1;
        foreach (JsonObject e in events.Skip(2).Where(e => (string?)e["type"] != "ping"))
        {
            switch ((string?)e["type"])
            {
                case "content_block_start":
                    Assert.Equal(-1, open);
                    open = (int)e["index"]!;
                    Assert.Equal(content.Count, open);
                    content.Add(e["content_block"]!.DeepClone());
                    json = "";
                    break;
                case "content_block_delta":
                    Assert.Equal(open, (int)e["index"]!);
                    JsonNode delta = e["delta"]!;
                    if ((string?)delta["type"] == "text_delta")
                    {
                        content[open]!["text"] = (string?)content[open]!["text"] + (string?)delta["text"];
                    }
                    else
                    {
                        Assert.Equal("input_json_delta", (string?)delta["type"]);
                        json += (string?)delta["partial_json"];
                    }

                    break;
                case "content_block_stop":
                    Assert.Equal(open, (int)e["index"]!);
                    if (json.Length > 0)
                    {
                        content[open]!["input"] = WholeValues(json);
                    }

                    open = -1;
                    break;
                case "message_delta":
                    Assert.Equal(-1, open);
                    foreach ((string key, JsonNode? value) in e["delta"]!.AsObject())
                    {
                        message[key] = value?.DeepClone();
                    }

                    foreach ((string key, JsonNode? value) in e["usage"]!.AsObject())
                    {
                        message["usage"]![key] = value!.DeepClone();
                    }

                    break;
            }
        }

        return message;
    }

    /// <summary>
    /// What Anthropic's packages make of the pieces of a call, tried out: the longest beginning that brackets alone close to
    /// an object. A number counts as whole when something follows it.
    /// </summary>
    internal static JsonObject WholeValues(string json)
    {
        for (int length = json.Length; length > 0; length--)
        {
            bool isNumber = char.IsAsciiDigit(json[length - 1]) && (length == json.Length || "+-.eE0123456789".Contains(json[length], StringComparison.Ordinal));
            if (!isNumber && Closed(json[..length]) is { } whole)
            {
                return whole;
            }
        }

        return [];
    }

    private static JsonObject? Closed(string beginning)
    {
        string closing = "";
        bool inString = false;
        for (int i = 0; i < beginning.Length; i++)
        {
            char c = beginning[i];
            i += inString && c == '\\' ? 1 : 0;
            inString ^= c == '"';
            if (!inString && (c is '{' or '['))
            {
                closing = (c == '{' ? '}' : ']') + closing;
            }
            else if (!inString && (c is '}' or ']') && closing.Length > 0)
            {
                closing = closing[1..];
            }
        }

        try
        {
            return inString ? null : JsonNode.Parse(beginning + closing) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
