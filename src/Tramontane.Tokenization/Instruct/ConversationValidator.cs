using System.Text.RegularExpressions;

namespace Tramontane.Tokenization.Instruct;

/// <summary>How strictly a conversation is checked.</summary>
public enum ValidationMode
{
    /// <summary>The reference library's default, which other servers use too.</summary>
    Test,

    /// <summary>Also asks for a model name, an id on every call and a result for every call.</summary>
    Serving,
}

/// <summary>The rules that a conversation must keep before a prompt is written; the first broken one is reported.</summary>
internal sealed partial class ConversationValidator(ValidationMode mode)
{
    /// <summary>What stands in the place of a call id that nobody gave.</summary>
    public const string NoId = "null";

    /// <exception cref="ChatFormatException">A rule is broken.</exception>
    public void Validate(ChatConversation conversation)
    {
        if (mode == ValidationMode.Serving && conversation.Model is null)
        {
            throw Refuse(ChatFormatErrorKind.InvalidRequest, null, "model-required", "The request names no model: set 'model'.");
        }

        CheckEnds(conversation);
        CheckRoleOrder(conversation.Messages);
        CheckCallIds(conversation.Messages);
        for (int i = 0; i < conversation.Messages.Count; i++)
        {
            CheckMessage(conversation.Messages[i], i, isLast: i == conversation.Messages.Count - 1);
        }

        foreach (ToolDefinition tool in conversation.Tools)
        {
            CheckTool(tool);
        }

        if (conversation.ReasoningEffort is string effort)
        {
            throw Refuse(ChatFormatErrorKind.InvalidRequest, null, "reasoning-effort",
                $"This model takes no reasoning effort, found '{effort}': leave 'reasoning_effort' out.");
        }
    }

    private static void CheckEnds(ChatConversation conversation)
    {
        IReadOnlyList<ChatMessage> messages = conversation.Messages;
        if (messages.Count == 0)
        {
            throw Structure(null, "no-messages", "The conversation has no messages: send at least one user or system message.");
        }

        int last = messages.Count - 1;
        ChatRole role = messages[last].Role;
        if (last == 0)
        {
            if (role is not (ChatRole.User or ChatRole.System))
            {
                throw Structure(0, "first-role", $"A single message must be of the user or the system, found {Name(role)}: put a user message before it.");
            }

            return;
        }

        if (conversation.ContinueFinalMessage)
        {
            if (role != ChatRole.Assistant || messages[last].Prefix)
            {
                string found = messages[last].Prefix ? "one with 'prefix'" : $"one of the {Name(role)}";
                throw Structure(last, "continue-final-message",
                    $"'continue_final_message' needs an assistant message without 'prefix' at the end, found {found} at index {last}: leave the flag out or end with the text to continue.");
            }
        }
        else if (role == ChatRole.Assistant && !messages[last].Prefix)
        {
            throw Structure(last, "last-role",
                $"The last message (index {last}) is of the assistant: end with a user or tool message, or set 'prefix' on it or 'continue_final_message'.");
        }
    }

    private static void CheckRoleOrder(IReadOnlyList<ChatMessage> messages)
    {
        for (int i = 1; i < messages.Count; i++)
        {
            (ChatRole before, ChatRole role) = (messages[i - 1].Role, messages[i].Role);
            bool allowed = before switch
            {
                ChatRole.System or ChatRole.User => role != ChatRole.Tool,
                _ => role != ChatRole.System,
            };
            if (!allowed)
            {
                string advice = role == ChatRole.Tool
                    ? "tool results follow the assistant message that made the calls"
                    : "system messages stand at the beginning or next to user messages";
                throw Structure(i, "role-order", $"Message {i} of the {Name(role)} cannot follow one of the {Name(before)}: {advice}.");
            }
        }
    }

    // The first message is not looked at, so calls of a conversation that begins with the assistant are not expected.
    private void CheckCallIds(IReadOnlyList<ChatMessage> messages)
    {
        HashSet<string> expected = [];
        HashSet<string> observed = [];
        for (int i = 1; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (message.Role == ChatRole.Tool)
            {
                if (message.ToolCallId is string seen && observed.Contains(seen))
                {
                    throw Structure(i, "tool-call-id", $"Message {i} answers the call '{seen}' a second time: send one result per call.");
                }

                if (message.ToolCallId is not string id || !expected.Contains(id))
                {
                    throw Structure(i, "tool-call-id",
                        $"Message {i} answers the call '{message.ToolCallId}', which the assistant message before did not make: use the id of one of its 'tool_calls'.");
                }

                observed.Add(id);
            }
            else if (message.Role == ChatRole.Assistant)
            {
                CheckAnswered(i, expected.Count, observed.Count);
                expected.Clear();
                observed.Clear();
                foreach (ToolCall call in message.ToolCalls)
                {
                    if (!expected.Add(call.Id))
                    {
                        throw Structure(i, "tool-call-id", $"Message {i} has two calls with the id '{call.Id}': give each call its own.");
                    }
                }
            }
        }

        if (mode == ValidationMode.Serving)
        {
            CheckAnswered(messages.Count - 1, expected.Count, observed.Count);
        }
    }

    private static void CheckAnswered(int index, int callCount, int resultCount)
    {
        if (callCount != resultCount)
        {
            throw Structure(index, "unanswered-calls",
                $"Before the end of message {index}, {callCount} tool calls have {resultCount} results: send one tool message for each call.");
        }
    }

    private void CheckMessage(ChatMessage message, int index, bool isLast)
    {
        if (message.Role == ChatRole.Assistant)
        {
            foreach (ToolCall call in message.ToolCalls)
            {
                if (!IsCallId(call.Id))
                {
                    throw Refuse(ChatFormatErrorKind.InvalidFunctionCall, index, "call-id",
                        $"Message {index} has the tool call id '{call.Id}': use nine letters or digits.");
                }

                if (!IsFunctionName(call.Name))
                {
                    throw Refuse(ChatFormatErrorKind.InvalidFunctionCall, index, "function-name", $"Message {index} calls '{call.Name}': {NameAdvice}");
                }
            }

            if (message.Prefix && !isLast)
            {
                throw Refuse(ChatFormatErrorKind.InvalidAssistantMessage, index, "prefix-not-last",
                    $"Message {index} has 'prefix' but is not the last: leave it out or end the conversation there.");
            }
        }
        else if (message.Role == ChatRole.Tool)
        {
            CheckToolMessage(message, index);
        }
    }

    private void CheckToolMessage(ChatMessage message, int index)
    {
        if (message.Content.Any(part => part is not TextPart))
        {
            throw Refuse(ChatFormatErrorKind.InvalidToolMessage, index, "tool-content",
                $"Message {index} is a tool result with other content than text: send images in a user message.");
        }

        if (message.Name is string name && !IsFunctionName(name))
        {
            throw Refuse(ChatFormatErrorKind.InvalidToolMessage, index, "function-name", $"Message {index} has the name '{name}': {NameAdvice}");
        }

        if (message.ToolCallId is not string id || !IsCallId(id))
        {
            throw Refuse(ChatFormatErrorKind.InvalidToolMessage, index, "call-id",
                $"Message {index} has the tool call id '{message.ToolCallId}': use nine letters or digits.");
        }
    }

    private static void CheckTool(ToolDefinition tool)
    {
        JsonReading reading = PythonJson.Load(tool.ParametersJson, out PythonJsonValue? parameters);
        string? fault = reading switch
        {
            JsonReading.Ok => Draft7MetaSchema.FindFault(parameters!),
            JsonReading.TooDeep => $"'parameters' is nested more than {PythonJson.MaxDepth} deep",
            _ => "'parameters' is not JSON",
        };
        if (fault is not null)
        {
            throw Refuse(ChatFormatErrorKind.InvalidToolSchema, null, "tool-schema",
                $"The parameters of the tool '{tool.Name}' are no JSON Schema of draft 7: {fault}.");
        }

        if (!IsFunctionName(tool.Name))
        {
            throw Refuse(ChatFormatErrorKind.InvalidTool, null, "function-name", $"There is a tool named '{tool.Name}': {NameAdvice}");
        }
    }

    private const string NameAdvice = "use 1 to 64 letters, digits, '_' and '-'.";

    private bool IsCallId(string id) => id == NoId ? mode != ValidationMode.Serving : CallIdPattern().IsMatch(id);

    private static bool IsFunctionName(string name) => FunctionNamePattern().IsMatch(name);

    // '$' also matches before one final line feed, in .NET as in Python.
    [GeneratedRegex("^[a-zA-Z0-9]{9}$", RegexOptions.CultureInvariant)]
    private static partial Regex CallIdPattern();

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex FunctionNamePattern();

    private static string Name(ChatRole role) => role switch
    {
        ChatRole.System => "system",
        ChatRole.User => "user",
        ChatRole.Assistant => "assistant",
        _ => "tool",
    };

    private static ChatFormatException Structure(int? index, string rule, string message) =>
        Refuse(ChatFormatErrorKind.InvalidMessageStructure, index, rule, message);

    private static ChatFormatException Refuse(ChatFormatErrorKind kind, int? index, string rule, string message) =>
        new(new ChatFormatError(kind, ChatFormatStage.Validate, index, rule, message));
}
