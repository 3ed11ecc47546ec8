using System.Text;
using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>Folds the updates of a legacy completion into one reply.</summary>
internal sealed class CompletionFold
{
    private readonly ReplyHead _head;
    private readonly IReadOnlyList<CompletionAnswer> _answers;
    private readonly (StringBuilder Text, CompletionLogprobs? Logprobs, FinishReason? Finish)[] _folded;

    internal CompletionFold(ReplyHead head, CompletionRequest request, IReadOnlyList<CompletionAnswer> answers)
    {
        _head = head;
        _answers = answers;
        _folded = [.. answers.Select(_ => (new StringBuilder(), request.Logprobs is null ? null : new CompletionLogprobs(), default(FinishReason?)))];
    }

    internal void Add(ChoiceUpdate update)
    {
        ref (StringBuilder Text, CompletionLogprobs? Logprobs, FinishReason? Finish) folded = ref _folded[update.Choice];
        (string text, CompletionLogprobs? logprobs) = _answers[update.Choice].Take(update.Update);
        folded.Text.Append(text);
        folded.Finish ??= update.Update.FinishReason;
        if (logprobs is not null)
        {
            folded.Logprobs!.Tokens.AddRange(logprobs.Tokens);
            folded.Logprobs.TokenLogprobs.AddRange(logprobs.TokenLogprobs);
            folded.Logprobs.TopLogprobs.AddRange(logprobs.TopLogprobs);
            folded.Logprobs.TextOffset.AddRange(logprobs.TextOffset);
        }
    }

    internal CompletionWithUsage ToReply(TokenUsage usage) => new()
    {
        Id = _head.Id,
        Created = _head.Created,
        Model = _head.Model,
        SystemFingerprint = _head.Fingerprint,
        Choices = [.. _folded.Select((folded, index) => new CompletionChoice
        {
            Text = folded.Text.ToString(),
            Index = index,
            Logprobs = folded.Logprobs,
            FinishReason = FinishReasons.Name(folded.Finish ?? FinishReason.Length),
        })],
        Usage = Usage.From(usage),
    };
}
