using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>
/// Reads <c>messages</c>. Neighbours of one role count as one turn; the results of a user's turn stand before its text,
/// as the model's format has them. Each call needs its result in the turn behind it, and each result its call.
/// </summary>
internal sealed class TurnReader
{
    private readonly List<ChatMessage> _messages = [];

    /// <summary>Calls of the assistant's last turn by id, with the place of the message, and whether a result came.</summary>
    private readonly Dictionary<string, (JsonField Message, bool IsAnswered)> _calls = new(StringComparer.Ordinal);

    private readonly List<ChatMessage> _results = []; // of this user's turn
    private readonly List<ChatMessage> _texts = []; // of this user's turn
    private bool _userSpoke; // since the assistant did

    internal static List<ChatMessage> Read(JsonField messages)
    {
        if (messages.Required().IsArray && messages.Length == 0)
        {
            messages.Refuse(ApiError.EmptyArray(messages.Path));
        }

        var reader = new TurnReader();
        foreach (JsonField message in messages.Items("an array of objects"))
        {
            reader.Add(message.Required().Object());
        }

        reader.EndUserTurn();
        reader.RequireResults();
        return reader._messages;
    }

    private void Add(JsonField message)
    {
        switch (message["role"].Required().Choice("user", "assistant", "system"))
        {
            case "assistant":
                AddAssistant(message);
                break;
            case "system":
                EndUserTurn();
                _messages.Add(new ChatMessage { Role = ChatRole.System, Content = BlockReader.ReadTexts(message["content"].Required()) });
                break;
            default:
                AddUser(message);
                break;
        }
    }

    private void AddAssistant(JsonField message)
    {
        EndUserTurn();
        if (_userSpoke)
        {
            RequireResults();
            _calls.Clear();
            _userSpoke = false;
        }

        var parts = new List<ContentPart>();
        var calls = new List<ToolCall>();
        JsonField content = message["content"].Required();
        foreach (JsonField block in Blocks(content, parts))
        {
            JsonField type = block.Required().Object()["type"].Required();
            switch (type.String())
            {
                case "text":
                    parts.Add(BlockReader.ReadContent(block, "text")!);
                    break;
                case "thinking" or "redacted_thinking":
                    break; // the model never saw its own like
                case "tool_use":
                    calls.Add(ReadCall(block, message));
                    break;
                case { } other:
                    type.Refuse(ApiError.NotOneOf(type.Path, other, ["text", "thinking", "redacted_thinking", "tool_use"]));
                    break;
            }
        }

        _messages.Add(new ChatMessage { Role = ChatRole.Assistant, Content = parts, ToolCalls = calls });
    }

    private ToolCall ReadCall(JsonField block, JsonField message)
    {
        string id = block["id"].Required().String() ?? "";
        JsonField input = block["input"].Required().Object();
        if (!_calls.TryAdd(id, (message, false)))
        {
            block["id"].Refuse(ApiError.InvalidValue(block["id"].Path, $"The id '{id}' is given to two tool_use blocks."));
        }

        return new ToolCall(ToolUseIds.ToNative(id), block["name"].Required().String() ?? "", input.IsObject ? input.RawText() : "{}");
    }

    private void AddUser(JsonField message)
    {
        _userSpoke = true;
        var parts = new List<ContentPart>();
        foreach (JsonField block in Blocks(message["content"].Required(), parts))
        {
            JsonField type = block.Required().Object()["type"].Required();
            string? name = type.String();
            if (name == "tool_result")
            {
                AddResult(block);
            }
            else if (BlockReader.ReadContent(block, name) is { } part)
            {
                parts.Add(part);
            }
            else if (name is not null)
            {
                type.Refuse(ApiError.NotOneOf(type.Path, name, ["text", "image", "document", "tool_result"]));
            }
        }

        if (parts.Count > 0)
        {
            _texts.Add(new ChatMessage { Role = ChatRole.User, Content = parts });
        }
    }

    private void AddResult(JsonField block)
    {
        JsonField idField = block["tool_use_id"].Required();
        string id = idField.String() ?? "";
        _ = block["is_error"].Boolean(); // the text of the result tells the model
        if (_calls.TryGetValue(id, out (JsonField Message, bool IsAnswered) call) && !call.IsAnswered)
        {
            _calls[id] = (call.Message, true);
        }
        else
        {
            idField.Refuse(ApiError.InvalidValue(
                block.Path, $"The tool_result for '{id}' has no tool_use block in the previous assistant message, or is the second one for it."));
        }

        _results.Add(new ChatMessage { Role = ChatRole.Tool, Content = BlockReader.ReadResult(block["content"]), ToolCallId = ToolUseIds.ToNative(id) });
    }

    private void EndUserTurn()
    {
        _messages.AddRange(_results);
        _messages.AddRange(_texts);
        _results.Clear();
        _texts.Clear();
    }

    private void RequireResults()
    {
        foreach ((string id, (JsonField message, bool isAnswered)) in _calls)
        {
            if (!isAnswered)
            {
                message.Refuse(ApiError.InvalidValue(message.Path, $"The tool_use block '{id}' has no tool_result block in the next user message."));
            }
        }
    }

    /// <summary>The blocks of a content; a text goes to the parts at once.</summary>
    private static IEnumerable<JsonField> Blocks(JsonField content, List<ContentPart> parts)
    {
        if (content.IsString)
        {
            parts.Add(new TextPart(content.String()!));
            return [];
        }

        return content.Items("a string or an array of content blocks");
    }
}
