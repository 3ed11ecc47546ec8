using Tramontane.Inference.Sampling;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>A prompt of a legacy completion: a text, or the ids themselves.</summary>
/// <param name="Text">The text; null for ids.</param>
/// <param name="Tokens">The ids as sent; empty for a text.</param>
internal sealed record CompletionPrompt(string? Text, IReadOnlyList<int> Tokens);

/// <summary>A legacy completion request after reading.</summary>
internal sealed record CompletionRequest
{
    /// <summary>The model's name as the client wrote it; replies repeat it.</summary>
    public required string Model { get; init; }

    public required IReadOnlyList<CompletionPrompt> Prompts { get; init; }

    public required SamplingParameters Sampling { get; init; }

    public required StreamOptions Streaming { get; init; }

    /// <summary>How many answers to each prompt.</summary>
    public required int ChoicesPerPrompt { get; init; }

    public required int MaxTokens { get; init; }

    public required IReadOnlyList<string> Stop { get; init; }

    /// <summary>What the answer must fit.</summary>
    public ResponseFormat ResponseFormat { get; init; } = ResponseFormat.Text;

    /// <summary>Alternatives per token, 0 for the token alone; null for no log-probabilities.</summary>
    public required int? Logprobs { get; init; }

    /// <summary>The reply begins with the prompt.</summary>
    public required bool Echo { get; init; }

    /// <summary>Alternatives per prompt token in vLLM's form; null for none.</summary>
    public int? PromptLogprobs { get; init; }

    /// <summary>Each choice lists the token ids of its prompt and its answer.</summary>
    public bool ReturnTokenIds { get; init; }
}
