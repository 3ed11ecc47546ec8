using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>Writes the updates of a legacy completion as events, without flushing.</summary>
internal sealed class CompletionStream(ServerSentEvents events, ReplyHead head, CompletionRequest request, ClientStyle style, IReadOnlyList<CompletionAnswer> answers, GenerationBatch batch) : IEventWriter
{
    private readonly HashSet<int> _begun = [];

    public void Begin()
    {
    }

    public void Write(ChoiceUpdate update)
    {
        (string text, CompletionLogprobs? logprobs) = answers[update.Choice].Take(update.Update);
        bool isLast = update.Update.FinishReason is not null;
        IReadOnlyList<int>? tokenIds = request.ReturnTokenIds ? update.Update.TokenIds : null;
        if (text.Length == 0 && logprobs is null or { Tokens.Count: 0 } && tokenIds is null or { Count: 0 } && !isLast)
        {
            return;
        }

        var choice = new CompletionChoice
        {
            Text = text,
            Index = update.Choice,
            Logprobs = logprobs,
            TokenIds = tokenIds,
            PromptTokenIds = request.ReturnTokenIds && _begun.Add(update.Choice) ? answers[update.Choice].PromptTokens : null,
            FinishReason = update.Update.FinishReason is { } reason ? FinishReasons.Name(reason) : null,
        };
        bool usageHere = isLast && answers.Count == 1 && !request.Streaming.IncludeUsage;
        Write([choice], usageHere ? Usage.From(batch.Bill) : null, hasUsageKey: usageHere || request.Streaming.IncludeUsage);
    }

    public void End()
    {
        if (request.Streaming.IncludeUsage)
        {
            Write([], Usage.From(batch.Bill), hasUsageKey: true);
        }

        events.WriteDone();
    }

    public void Fail(ApiError error) => StreamErrors.Write(events, head, style, error, "text_completion");

    private void Write(IReadOnlyList<CompletionChoice> choices, Usage? usage, bool hasUsageKey)
    {
        if (hasUsageKey)
        {
            events.Write(
                new CompletionWithUsage { Id = head.Id, Created = head.Created, Model = head.Model, SystemFingerprint = head.Fingerprint, Choices = choices, Usage = usage },
                OpenAIJson.Relaxed.CompletionWithUsage);
        }
        else
        {
            events.Write(
                new Completion { Id = head.Id, Created = head.Created, Model = head.Model, SystemFingerprint = head.Fingerprint, Choices = choices },
                OpenAIJson.Relaxed.Completion);
        }
    }
}
