using System.Text;
using Tramontane.Server.Accounting;
using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>Folds the updates of a legacy completion into one reply.</summary>
internal sealed class CompletionFold(ReplyHead head, CompletionRequest request, IReadOnlyList<CompletionAnswer> answers, ChatLogprobsMapper promptLogprobs)
{
    private readonly Folded[] _folded = [.. answers.Select(_ => new Folded())];

    internal void Add(ChoiceUpdate update)
    {
        Folded folded = _folded[update.Choice];
        (string text, CompletionLogprobs? logprobs) = answers[update.Choice].Take(update.Update);
        folded.Answer.Add(update);
        folded.Text.Append(text);
        if (logprobs is not null)
        {
            folded.Logprobs.Tokens.AddRange(logprobs.Tokens);
            folded.Logprobs.TokenLogprobs.AddRange(logprobs.TokenLogprobs);
            folded.Logprobs.TopLogprobs.AddRange(logprobs.TopLogprobs);
            folded.Logprobs.TextOffset.AddRange(logprobs.TextOffset);
        }
    }

    internal CompletionWithUsage ToReply(Bill bill) => new()
    {
        Id = head.Id,
        Created = head.Created,
        Model = head.Model,
        SystemFingerprint = head.Fingerprint,
        Choices = [.. _folded.Select((folded, index) => new CompletionChoice
        {
            Text = folded.Text.ToString(),
            Index = index,
            Logprobs = request.Logprobs is null ? null : folded.Logprobs,
            FinishReason = FinishReasons.Name(folded.Answer.FinishReason),
            TokenIds = request.ReturnTokenIds ? folded.Answer.TokenIds : null,
            PromptTokenIds = request.ReturnTokenIds ? answers[index].PromptTokens : null,
            PromptLogprobs = request.PromptLogprobs is not null && folded.Answer.PromptLogprobs is { } positions ? promptLogprobs.MapPrompt(positions) : null,
        })],
        Usage = Usage.From(bill),
    };

    private sealed class Folded
    {
        internal Answer Answer { get; } = new();

        /// <summary>The answer's text, behind the prompt's when that is repeated.</summary>
        internal StringBuilder Text { get; } = new();

        internal CompletionLogprobs Logprobs { get; } = new();
    }
}
