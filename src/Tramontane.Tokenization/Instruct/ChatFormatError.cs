namespace Tramontane.Tokenization.Instruct;

/// <summary>At which step a request was refused; later steps are not reached.</summary>
public enum ChatFormatStage
{
    /// <summary>Reading the request's JSON.</summary>
    Parse,

    /// <summary>Checking the conversation's structure, ids, names and tools.</summary>
    Validate,

    /// <summary>Writing the prompt.</summary>
    Encode,
}

/// <summary>Why a request was refused: one kind for each exception class of mistral-common.</summary>
public enum ChatFormatErrorKind
{
    /// <summary>A required key is missing (KeyError).</summary>
    MissingKey,

    /// <summary>A value is outside the known ones (ValueError).</summary>
    UnknownValue,

    /// <summary>A value has the wrong type or an object the wrong keys (ValidationError).</summary>
    WrongType,

    /// <summary>The request as a whole (InvalidRequestException).</summary>
    InvalidRequest,

    /// <summary>Order of roles or bookkeeping of call ids (InvalidMessageStructureException).</summary>
    InvalidMessageStructure,

    /// <summary>An assistant message (InvalidAssistantMessageException).</summary>
    InvalidAssistantMessage,

    /// <summary>A tool call of an assistant message (InvalidFunctionCallException).</summary>
    InvalidFunctionCall,

    /// <summary>A tool message (InvalidToolMessageException).</summary>
    InvalidToolMessage,

    /// <summary>A tool's name (InvalidToolException).</summary>
    InvalidTool,

    /// <summary>A tool's parameters (InvalidToolSchemaException).</summary>
    InvalidToolSchema,

    /// <summary>Nothing to write, or too much (TokenizerException).</summary>
    NotEncodable,

    /// <summary>An image in no known format (UnidentifiedImageError).</summary>
    UnidentifiedImage,

    /// <summary>An image URL with a scheme that is not served (RuntimeError).</summary>
    UnsupportedImageSource,

    /// <summary>Content that this model has no encoder for, or an image too thin for its grid (AssertionError).</summary>
    UnsupportedContent,
}

/// <summary>A refusal of a conversation, for the client that sent it.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Stage">When.</param>
/// <param name="MessageIndex">The message at fault, from 0; null when it is not one message.</param>
/// <param name="Rule">The rule that was broken, as a short fixed name such as <c>role-order</c>.</param>
/// <param name="Message">What is wrong, where, and what to do about it.</param>
public sealed record ChatFormatError(ChatFormatErrorKind Kind, ChatFormatStage Stage, int? MessageIndex, string Rule, string Message)
{
    /// <summary>The exception class with which mistral-common refuses the same request.</summary>
    public string ReferenceType => Kind switch
    {
        ChatFormatErrorKind.MissingKey => "KeyError",
        ChatFormatErrorKind.UnknownValue => "ValueError",
        ChatFormatErrorKind.WrongType => "ValidationError",
        ChatFormatErrorKind.NotEncodable => "TokenizerException",
        ChatFormatErrorKind.UnidentifiedImage => "UnidentifiedImageError",
        ChatFormatErrorKind.UnsupportedImageSource => "RuntimeError",
        ChatFormatErrorKind.UnsupportedContent => "AssertionError",
        _ => $"{Kind}Exception",
    };
}

/// <summary>Carries a refusal out of nested checks; never leaves the public methods.</summary>
internal sealed class ChatFormatException(ChatFormatError error) : Exception(error.Message)
{
    public ChatFormatError Error { get; } = error;
}
