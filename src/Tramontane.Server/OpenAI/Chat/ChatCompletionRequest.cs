using Tramontane.Inference.Sampling;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>A chat completion request after reading: what was asked for, in the engine's terms.</summary>
internal sealed record ChatCompletionRequest
{
    /// <summary>The model's name as the client wrote it; replies repeat it.</summary>
    public required string Model { get; init; }

    public required ChatConversation Conversation { get; init; }

    public required SamplingParameters Sampling { get; init; }

    public required StreamOptions Streaming { get; init; }

    /// <summary>How many answers.</summary>
    public int ChoiceCount { get; init; } = 1;

    public int? MaxTokens { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Alternatives per token, 0 for the token alone; null for no log-probabilities.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>The model may answer with tool calls.</summary>
    public bool AllowToolCalls { get; init; }

    /// <summary>It may make more than one.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    /// <summary>Text that the reply begins with: the content of a last assistant message with <c>prefix: true</c>. Otherwise empty.</summary>
    public string ReplyPrefix { get; init; } = "";
}
