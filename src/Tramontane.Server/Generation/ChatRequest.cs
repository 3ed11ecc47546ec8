using Tramontane.Inference.Sampling;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Generation;

/// <summary>A conversation to go on with, in the engine's terms: what every dialect's request becomes.</summary>
internal sealed record ChatRequest
{
    /// <summary>The model's name as the client wrote it; replies repeat it.</summary>
    public required string Model { get; init; }

    public required ChatConversation Conversation { get; init; }

    public required SamplingParameters Sampling { get; init; }

    /// <summary>How many answers.</summary>
    public int ChoiceCount { get; init; } = 1;

    /// <summary>Most tokens of an answer; null for the rest of the context. More than the context holds is cut.</summary>
    public int? MaxTokens { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Alternatives per token, 0 for the token alone; null for no log-probabilities.</summary>
    public int? TopLogprobs { get; init; }

    /// <summary>The same for the prompt's tokens.</summary>
    public int? PromptLogprobs { get; init; }

    public ToolChoice ToolChoice { get; init; } = ToolChoice.None;

    /// <summary>The model may make more than one call.</summary>
    public bool ParallelToolCalls { get; init; } = true;

    public ResponseFormat ResponseFormat { get; init; } = ResponseFormat.Text;

    /// <summary>What errors about the prompt call its parts.</summary>
    public WireNames Names { get; init; } = WireNames.Chat;
}

/// <summary>A dialect's names for what is judged only when the prompt is written.</summary>
/// <param name="Messages">The field with the conversation.</param>
/// <param name="ToolParameters">Where in a tool its schema stands.</param>
internal sealed record WireNames(string Messages, string ToolParameters)
{
    internal static WireNames Chat { get; } = new("messages", "function.parameters");

    internal static WireNames Responses { get; } = new("input", "parameters");

    internal static WireNames Anthropic { get; } = new("messages", "input_schema");
}
