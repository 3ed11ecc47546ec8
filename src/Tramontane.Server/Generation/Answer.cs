using System.Text;
using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>One answer put together from its updates: what a client of the stream would have in the end.</summary>
internal sealed class Answer
{
    private readonly List<AnswerPart> _parts = [];
    private readonly List<AnswerPart> _calls = [];

    /// <summary>Texts and calls in the order in which they came; texts are never empty.</summary>
    internal IReadOnlyList<AnswerPart> Parts => _parts;

    /// <summary>The calls alone.</summary>
    internal IReadOnlyList<AnswerPart> Calls => _calls;

    /// <summary>All text.</summary>
    internal string Text => string.Concat(_parts.Where(p => !p.IsCall).Select(p => p.Content.ToString()));

    /// <summary>One entry per token that the client gets, when asked for.</summary>
    internal List<PositionLogprobs> Logprobs { get; } = [];

    internal List<int> TokenIds { get; } = [];

    /// <summary>Log-probabilities of the prompt, when asked for.</summary>
    internal IReadOnlyList<PositionLogprobs?>? PromptLogprobs { get; private set; }

    internal FinishReason FinishReason { get; private set; } = FinishReason.Length;

    /// <summary>The stop text that ended the answer, when the dialect wants to know.</summary>
    internal string? StopText { get; private set; }

    internal void Add(ChoiceUpdate news)
    {
        GenerationUpdate update = news.Update;
        AddText(update.Text);
        if ((update.Text.Length > 0 || update.ToolCalls.Count == 0) && _parts is [.., { IsCall: false } text])
        {
            text.Logprobs.AddRange(update.Logprobs);
        }

        Logprobs.AddRange(update.Logprobs);
        TokenIds.AddRange(update.TokenIds);
        PromptLogprobs ??= update.PromptLogprobs;
        FinishReason = update.FinishReason ?? FinishReason;
        StopText ??= update.StopText;
        foreach (ToolCallDelta delta in update.ToolCalls)
        {
            if (delta.Id is not null)
            {
                var call = new AnswerPart(delta.Id, delta.Name ?? "", new StringBuilder());
                _parts.Add(call);
                _calls.Add(call);
            }

            _calls[delta.Index].Content.Append(delta.Arguments);
        }
    }

    private void AddText(string text)
    {
        if (text.Length == 0)
        {
            return;
        }

        if (_parts is not [.., { IsCall: false }])
        {
            _parts.Add(new AnswerPart(null, "", new StringBuilder()));
        }

        _parts[^1].Content.Append(text);
    }
}

/// <summary>A run of text, or a tool call.</summary>
/// <param name="CallId">Nine letters or digits; null for text.</param>
/// <param name="Name">The tool; empty for text.</param>
/// <param name="Content">The text, or the arguments' JSON text.</param>
internal sealed record AnswerPart(string? CallId, string Name, StringBuilder Content)
{
    internal bool IsCall => CallId is not null;

    /// <summary>Of the tokens behind a text, when asked for.</summary>
    internal List<PositionLogprobs> Logprobs { get; } = [];
}
