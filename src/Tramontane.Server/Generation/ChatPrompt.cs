using System.Diagnostics.CodeAnalysis;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Generation;

/// <summary>Step 3: a conversation becomes token ids.</summary>
internal static class ChatPrompt
{
    /// <summary>
    /// What the model's format accepts is written exactly as it prescribes; only what it refuses is repaired
    /// (<see cref="ConversationRepair"/>) and tried once more.
    /// </summary>
    internal static bool TryEncode(
        InstructFormat format, ChatConversation conversation, WireNames names, [NotNullWhen(true)] out EncodedChat? prompt, [NotNullWhen(false)] out ApiError? error)
    {
        error = null;
        if (format.TryEncode(conversation, out prompt, out _) || format.TryEncode(ConversationRepair.Apply(conversation), out prompt, out ChatFormatError? refusal))
        {
            return true;
        }

        error = refusal.Kind == ChatFormatErrorKind.InvalidToolSchema
            ? ApiError.BadRequest(refusal.Message, "invalid_function_parameters", $"tools[{FirstBadTool(format, conversation)}].{names.ToolParameters}", refusal.Message)
            : ApiError.InvalidValue(names.Messages, refusal.Message);
        return false;
    }

    /// <summary>Characters of the texts: how much work a conversation is.</summary>
    internal static long Length(ChatConversation conversation) =>
        conversation.Messages.Sum(m => m.Content.OfType<TextPart>().Sum(p => (long)p.Text.Length) + m.ToolCalls.Sum(c => (long)c.Arguments.Length))
        + conversation.Tools.Sum(t => (long)t.ParametersJson.Length);

    /// <summary>The refusal names the tool but not its place: tries them one by one.</summary>
    private static int FirstBadTool(InstructFormat format, ChatConversation conversation)
    {
        var probe = new ChatConversation { Messages = [new ChatMessage { Role = ChatRole.User, Content = [new TextPart("")] }] };
        return conversation.Tools.TakeWhile(tool => format.TryEncode(probe with { Tools = [tool] }, out _, out _)).Count();
    }
}
