using System.Diagnostics.CodeAnalysis;

namespace Tramontane.Tokenization.Instruct;

/// <summary>
/// Writes conversations as the prompts that the model was trained on (tokenizer version v11), token for token as
/// mistral-common does. Immutable; any thread may use it.
/// </summary>
public sealed class InstructFormat
{
    private readonly Tokenizer _tokenizer;
    private readonly ConversationValidator _validator;

    /// <summary>A format over one vocabulary.</summary>
    /// <param name="tokenizer">The model's vocabulary, with the control tokens of <see cref="SpecialTokens"/>.</param>
    /// <param name="mode">How strictly conversations are checked.</param>
    /// <exception cref="ArgumentException">The vocabulary has too few control tokens: their ids would be ordinary text.</exception>
    public InstructFormat(Tokenizer tokenizer, ValidationMode mode = ValidationMode.Test)
    {
        ArgumentNullException.ThrowIfNull(tokenizer);
        if (tokenizer.ControlTokenCount <= SpecialTokens.CallId)
        {
            throw new ArgumentException(
                $"The chat format needs the control tokens 0 to {SpecialTokens.CallId}; this vocabulary has {tokenizer.ControlTokenCount}.", nameof(tokenizer));
        }

        _tokenizer = tokenizer;
        _validator = new ConversationValidator(mode);
    }

    /// <summary>Checks a conversation and writes its prompt.</summary>
    /// <param name="conversation">What was said and which tools there are.</param>
    /// <param name="chat">The prompt; null when refused.</param>
    /// <param name="error">The first broken rule; null when accepted.</param>
    public bool TryEncode(
        ChatConversation conversation, [NotNullWhen(true)] out EncodedChat? chat, [NotNullWhen(false)] out ChatFormatError? error)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        try
        {
            _validator.Validate(conversation);
            chat = Encode(conversation);
            error = null;
            return true;
        }
        catch (ChatFormatException refusal)
        {
            chat = null;
            error = refusal.Error;
            return false;
        }
    }

    private EncodedChat Encode(ChatConversation conversation)
    {
        List<MergedMessage> messages = ConversationNormalizer.Normalize(conversation.Messages);
        if (conversation.ContinueFinalMessage && messages[^1].Message.Role != ChatRole.Assistant)
        {
            throw new ChatFormatException(new ChatFormatError(
                ChatFormatErrorKind.InvalidMessageStructure, ChatFormatStage.Encode, conversation.Messages.Count - 1, "continue-final-message",
                "'continue_final_message' needs an assistant message at the end: leave it out or add the text to continue."));
        }

        int lastUser = messages.FindLastIndex(m => m.Message.Role == ChatRole.User);
        var turns = new List<EncodedTurn>(messages.Count);
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i].Message;
            var turn = new EncodedTurn(_tokenizer, messages[i].Index);
            if (i == lastUser && conversation.Tools.Count > 0)
            {
                turn.AddTools(conversation.Tools);
            }

            turn.AddMessage(message, isOpen: message.Prefix || (conversation.ContinueFinalMessage && i == messages.Count - 1));
            turns.Add(turn);
        }

        if (conversation.TruncateToTokens is int limit)
        {
            Truncate(messages, turns, lastUser, limit);
        }

        return Concatenate(turns, isOpen: messages[^1].Message.Prefix || conversation.ContinueFinalMessage);
    }

    // System messages and the last user message stay. A user message takes what was answered to it along.
    private static void Truncate(List<MergedMessage> messages, List<EncodedTurn> turns, int lastUser, int limit)
    {
        long excess = turns.Sum(t => (long)t.Tokens.Count) - limit; // the begin-of-sequence token is not counted
        for (int i = 0; i < turns.Count && excess > 0;)
        {
            Drop(i);
            bool wasUser = messages[i++].Message.Role == ChatRole.User;
            while (wasUser && i < turns.Count && messages[i].Message.Role != ChatRole.User)
            {
                Drop(i++);
            }
        }

        if (excess > 0)
        {
            throw new ChatFormatException(new ChatFormatError(
                ChatFormatErrorKind.NotEncodable, ChatFormatStage.Encode, null, "truncation",
                $"System messages and the last user message alone exceed the limit of {limit} tokens by {excess}: shorten them or raise the limit."));
        }

        void Drop(int index)
        {
            if (messages[index].Message.Role != ChatRole.System && index != lastUser)
            {
                excess -= turns[index].Tokens.Count;
                turns[index].Clear();
            }
        }
    }

    private static EncodedChat Concatenate(List<EncodedTurn> turns, bool isOpen)
    {
        List<int> tokens = [SpecialTokens.Bos];
        var images = new List<ImageSlot>();
        foreach (EncodedTurn turn in turns)
        {
            int offset = tokens.Count;
            images.AddRange(turn.Images.Select(slot => slot with { Start = slot.Start + offset }));
            tokens.AddRange(turn.Tokens);
        }

        return new EncodedChat { Tokens = [.. tokens], Images = images, PrefixTokens = isOpen ? [.. turns[^1].Tokens] : null };
    }
}
