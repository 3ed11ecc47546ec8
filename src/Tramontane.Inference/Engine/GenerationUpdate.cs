namespace Tramontane.Inference.Engine;

/// <summary>Why an answer ended.</summary>
public enum FinishReason
{
    /// <summary>End-of-sequence token or stop text.</summary>
    Stop,

    /// <summary>The token limit or the end of the context.</summary>
    Length,

    /// <summary>The model ended its turn with tool calls.</summary>
    ToolCalls,
}

/// <summary>A token and its log-probability under the model's raw distribution (before penalties, bias and temperature).</summary>
/// <param name="TokenId">The token.</param>
/// <param name="Logprob">Natural logarithm of its probability.</param>
public readonly record struct TokenLogprob(int TokenId, float Logprob);

/// <summary>The log-probability of a token at its position, and of the most likely alternatives, best first.</summary>
/// <param name="Token">The token that stands there.</param>
/// <param name="Top">The most likely tokens there, as many as were asked for.</param>
public sealed record PositionLogprobs(TokenLogprob Token, IReadOnlyList<TokenLogprob> Top);

/// <summary>A piece of a tool call. The first piece of a call carries its id and name, later ones only arguments.</summary>
/// <param name="Index">Which call of the answer, from 0.</param>
/// <param name="Id">The nine-character id that the model wrote or that was made for it; null on later pieces.</param>
/// <param name="Name">The tool's name; null on later pieces.</param>
/// <param name="Arguments">The next piece of the arguments' JSON text; may be empty.</param>
public sealed record ToolCallDelta(int Index, string? Id, string? Name, string Arguments);

/// <summary>Token counts of one sequence.</summary>
/// <param name="PromptTokens">All tokens of the prompt, control and image tokens included.</param>
/// <param name="CompletionTokens">Generated tokens, the end-of-sequence token included.</param>
/// <param name="CachedTokens">Prompt tokens whose keys and values were found in the cache.</param>
public readonly record struct TokenUsage(int PromptTokens, int CompletionTokens, int CachedTokens);

/// <summary>What one step added to an answer. Texts of all updates, joined, are the answer.</summary>
public sealed record GenerationUpdate
{
    /// <summary>Released text: valid UTF-16, never a part of a stop text; may be empty.</summary>
    public string Text { get; init; } = "";

    /// <summary>Released pieces of tool calls, in order.</summary>
    public IReadOnlyList<ToolCallDelta> ToolCalls { get; init; } = [];

    /// <summary>The generated tokens behind <see cref="Text"/> and <see cref="ToolCalls"/>, in order.</summary>
    public IReadOnlyList<int> TokenIds { get; init; } = [];

    /// <summary>One entry for each of <see cref="TokenIds"/> when asked for; empty otherwise.</summary>
    public IReadOnlyList<PositionLogprobs> Logprobs { get; init; } = [];

    /// <summary>
    /// On the last update, when asked for and when the end-of-sequence token ended the answer: that token, which
    /// <see cref="TokenIds"/> leaves out. Evaluation harnesses count on an entry for every token that was generated.
    /// </summary>
    public PositionLogprobs? EndOfSequence { get; init; }

    /// <summary>On the first update, when asked for: one entry per prompt token; the first, which nothing predicts, is null.</summary>
    public IReadOnlyList<PositionLogprobs?>? PromptLogprobs { get; init; }

    /// <summary>Set on the last update only.</summary>
    public FinishReason? FinishReason { get; init; }

    /// <summary>On the last update, the stop text that ended the answer, if one did.</summary>
    public string? StopText { get; init; }

    /// <summary>What the answer has used until now; final on the last update.</summary>
    public TokenUsage Usage { get; init; }
}
