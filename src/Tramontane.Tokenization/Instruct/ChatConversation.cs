using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization.Instruct;

/// <summary>Who speaks in a <see cref="ChatMessage"/>.</summary>
public enum ChatRole
{
    /// <summary>Instructions of the application.</summary>
    System,

    /// <summary>The person.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The result of a tool call.</summary>
    Tool,
}

/// <summary>One piece of a message's content.</summary>
public abstract record ContentPart;

/// <summary>Text; always encoded as plain text, never as control tokens.</summary>
/// <param name="Text">Any UTF-16 text; a lone surrogate counts as U+FFFD.</param>
public sealed record TextPart(string Text) : ContentPart;

/// <summary>An image; becomes a block of placeholder tokens whose length depends on the size alone.</summary>
/// <param name="Size">Pixel size of the decoded image; the default value when nobody could tell, which is refused when the prompt is written.</param>
/// <param name="Source">What the caller needs to find the pixels again, usually the URL; never fetched here.</param>
public sealed record ImagePart(ImageSize Size, string? Source = null) : ContentPart
{
    /// <summary>Where the request holds it, for the caller's own refusals; not read here.</summary>
    public string? Place { get; init; }
}

/// <summary>Content that the wire format knows but this model cannot take; refused when the prompt is written.</summary>
/// <param name="Type">The wire format's name for it, such as <c>input_audio</c> or <c>thinking</c>.</param>
public sealed record UnsupportedPart(string Type) : ContentPart;

/// <summary>A call of a tool by the model.</summary>
/// <param name="Id">Nine letters or digits, or the text <c>null</c> when the model gave none.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">JSON text, as received; normalised when the prompt is written.</param>
public sealed record ToolCall(string Id, string Name, string Arguments);

/// <summary>A tool that the model may call.</summary>
/// <param name="Name">Letters, digits, <c>_</c> and <c>-</c>; at most 64.</param>
/// <param name="Description">What it does; may be empty.</param>
/// <param name="ParametersJson">A JSON Schema (draft 7) object as JSON text; key order is kept.</param>
public sealed record ToolDefinition(string Name, string Description, string ParametersJson);

/// <summary>One message of a conversation.</summary>
public sealed record ChatMessage
{
    /// <summary>Who speaks.</summary>
    public required ChatRole Role { get; init; }

    /// <summary>The content in order; empty for an assistant message that only calls tools.</summary>
    public IReadOnlyList<ContentPart> Content { get; init; } = [];

    /// <summary>Calls made by an assistant message.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];

    /// <summary>For a tool message: the call that it answers.</summary>
    public string? ToolCallId { get; init; }

    /// <summary>For a tool message: the tool's name, if given; validated, not written.</summary>
    public string? Name { get; init; }

    /// <summary>For the last, assistant message: the answer begins with this text and goes on from it.</summary>
    public bool Prefix { get; init; }
}

/// <summary>What a prompt is made of.</summary>
public sealed record ChatConversation
{
    /// <summary>The messages, oldest first.</summary>
    public required IReadOnlyList<ChatMessage> Messages { get; init; }

    /// <summary>The tools on offer; written before the last user message.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary>The model's name, when the request gave one; asked for by <see cref="ValidationMode.Serving"/> only.</summary>
    public string? Model { get; init; }

    /// <summary>The reasoning effort that was asked for; this model takes none, so any value is refused.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>The last, assistant message is unfinished: no end-of-sequence token is written after it.</summary>
    public bool ContinueFinalMessage { get; init; }

    /// <summary>Drop the oldest messages until the prompt has at most this many tokens (plus BOS); null to never drop.</summary>
    public int? TruncateToTokens { get; init; }
}
