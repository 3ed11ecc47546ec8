using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the <c>messages</c> of a chat request. Only their form is judged here, not their order.</summary>
internal static class ChatMessageReader
{
    internal static List<ChatMessage> Read(JsonField messages)
    {
        var read = new List<ChatMessage>();
        if (messages.Required().IsArray && messages.Length == 0)
        {
            messages.Refuse(ApiError.EmptyArray(messages.Path));
        }

        foreach (JsonField message in messages.Items("an array of objects"))
        {
            if (message.Required().Object().IsObject)
            {
                read.Add(ReadMessage(message));
            }
        }

        return read;
    }

    private static ChatMessage ReadMessage(JsonField message)
    {
        string? role = message["role"].Required().Choice("system", "developer", "user", "assistant", "tool");
        return role switch
        {
            "assistant" => new ChatMessage
            {
                Role = ChatRole.Assistant,
                Content = ContentReader.Read(message["content"], imagePart: null, "text", "refusal"),
                ToolCalls = [.. message["tool_calls"].Items("an array of objects").Select(ReadToolCall)],
                Prefix = message["prefix"].Boolean() ?? false,
            },
            "tool" => new ChatMessage
            {
                Role = ChatRole.Tool,
                Content = ContentReader.Read(message["content"].Required(), imagePart: null, "text"), // OpenAI's tool messages hold text
                ToolCallId = message["tool_call_id"].Required().String(),
                Name = message["name"].String(),
            },
            _ => new ChatMessage
            {
                Role = role == "user" ? ChatRole.User : ChatRole.System, // OpenAI's developer is Mistral's system
                Content = ContentReader.Read(message["content"].Required(), role == "user" ? "image_url" : null, "text"),
            },
        };
    }

    private static ToolCall ReadToolCall(JsonField call)
    {
        _ = call.Required().Object();
        _ = call["type"].Choice("function");
        JsonField function = call["function"].Required().Object();
        JsonField arguments = function["arguments"];
        string text = arguments.IsObject ? arguments.RawText() : arguments.String() ?? "{}";
        return new ToolCall(call["id"].String() ?? ToolCallIds.None, function["name"].Required().String() ?? "", text);
    }
}
