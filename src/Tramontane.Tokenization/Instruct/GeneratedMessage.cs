namespace Tramontane.Tokenization.Instruct;

/// <summary>An assistant message read back from generated tokens.</summary>
/// <param name="Content">The text before the first tool call; null when there are no tokens before it.</param>
/// <param name="ToolCalls">The calls in order; empty when there are none.</param>
/// <param name="Prefix">The message is unfinished: its last token does not end the sequence.</param>
public sealed record GeneratedMessage(string? Content, IReadOnlyList<ToolCall> ToolCalls, bool Prefix);

/// <summary>Why generated tokens are no well-formed message: one kind for each exception class of mistral-common.</summary>
public enum GeneratedMessageErrorKind
{
    /// <summary>The control tokens of a call are missing or repeated (ValueError).</summary>
    MalformedCall,

    /// <summary>Arguments that are not JSON (InvalidArgsToolCallError).</summary>
    InvalidArguments,

    /// <summary>Arguments that are a number, a list or a truth value (ValidationError).</summary>
    WrongArgumentsType,

    /// <summary>An id outside the vocabulary.</summary>
    UnknownToken,
}

/// <summary>A fault in a generated message. The whole text is kept, because an answer must not be lost over it.</summary>
/// <param name="Kind">Why.</param>
/// <param name="CallIndex">The call at fault, from 0; null when it is none.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Text">The message as text, control tokens by name except the end of the sequence.</param>
public sealed record GeneratedMessageError(GeneratedMessageErrorKind Kind, int? CallIndex, string Message, string Text)
{
    /// <summary>The exception class with which mistral-common refuses the same tokens.</summary>
    public string ReferenceType => Kind switch
    {
        GeneratedMessageErrorKind.InvalidArguments => "InvalidArgsToolCallError",
        GeneratedMessageErrorKind.WrongArgumentsType => "ValidationError",
        _ => "ValueError",
    };
}
