using Tramontane.Server.Generation;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>A chat completion request after reading.</summary>
internal sealed record ChatCompletionRequest
{
    /// <summary>What the model is asked.</summary>
    public required ChatRequest Chat { get; init; }

    public required StreamOptions Streaming { get; init; }

    /// <summary>Text that the reply begins with: the content of a last assistant message with <c>prefix: true</c>. Otherwise empty.</summary>
    public string ReplyPrefix { get; init; } = "";

    /// <summary>The reply lists the token ids of prompt and answers.</summary>
    public bool ReturnTokenIds { get; init; }

    /// <summary>Each piece of a streamed tool call is a whole call.</summary>
    public bool WholeToolCalls { get; init; }
}
