using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>Reads <c>input</c>: a text, or items. Calls join the assistant's message before them, as they came in one answer.</summary>
internal static class InputReader
{
    private static readonly string[] s_types = ["message", "function_call", "function_call_output", "reasoning", "item_reference"];

    internal static List<ChatMessage> Read(JsonField input)
    {
        if (input.IsString)
        {
            return [new ChatMessage { Role = ChatRole.User, Content = [new TextPart(input.String()!)] }];
        }

        if (input.IsArray && input.Length == 0)
        {
            input.Refuse(ApiError.EmptyArray(input.Path));
        }

        var messages = new List<ChatMessage>();
        foreach (JsonField item in input.Items("a string or an array of items"))
        {
            Add(messages, item.Required().Object());
        }

        return messages;
    }

    private static void Add(List<ChatMessage> messages, JsonField item)
    {
        JsonField type = item["type"];
        switch (type.String())
        {
            case null or "message":
                messages.Add(ReadMessage(item));
                break;
            case "function_call":
                AddCall(messages, item);
                break;
            case "function_call_output":
                messages.Add(new ChatMessage
                {
                    Role = ChatRole.Tool,
                    Content = ContentReader.Read(item["output"].Required(), "input_image", "input_text", "text", "output_text"),
                    ToolCallId = item["call_id"].Required().String(),
                });
                break;
            case "reasoning" or "item_reference":
                break; // of other models, or of conversations kept elsewhere
            case { } other:
                type.Refuse(ApiError.NotOneOf(type.Path, other, s_types));
                break;
        }
    }

    private static ChatMessage ReadMessage(JsonField item)
    {
        string? role = item["role"].Required().Choice("user", "assistant", "system", "developer");
        return new ChatMessage
        {
            Role = role switch
            {
                "user" => ChatRole.User,
                "assistant" => ChatRole.Assistant,
                _ => ChatRole.System,
            },
            Content = role == "assistant"
                ? ContentReader.Read(item["content"], imagePart: null, "output_text", "refusal", "input_text")
                : ContentReader.Read(item["content"].Required(), role == "user" ? "input_image" : null, "input_text", "text", "output_text"),
        };
    }

    private static void AddCall(List<ChatMessage> messages, JsonField item)
    {
        JsonField arguments = item["arguments"];
        var call = new ToolCall(
            item["call_id"].Required().String() ?? ToolCallIds.None,
            item["name"].Required().String() ?? "",
            arguments.IsObject ? arguments.RawText() : arguments.String() ?? "{}");
        if (messages is not [.., { Role: ChatRole.Assistant } last])
        {
            messages.Add(new ChatMessage { Role = ChatRole.Assistant, ToolCalls = new List<ToolCall> { call } });
        }
        else if (last.ToolCalls is List<ToolCall> calls)
        {
            calls.Add(call); // made below or above: copying the list for each call would take minutes for a long body
        }
        else
        {
            messages[^1] = last with { ToolCalls = new List<ToolCall> { call } };
        }
    }
}
