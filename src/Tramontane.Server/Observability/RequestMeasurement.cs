using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;

namespace Tramontane.Server.Observability;

/// <summary>Times and counts of one generating request, from its acceptance to its last update.</summary>
/// <param name="metrics">Where they go.</param>
/// <param name="operation"><c>chat</c> or <c>text_completion</c>.</param>
/// <param name="choiceCount">How many answers there are.</param>
/// <param name="choicesPerPrompt">How many neighbouring answers share a prompt.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestMeasurement(ServerMetrics metrics, string operation, int choiceCount, int choicesPerPrompt, TimeProvider time)
{
    private readonly UsageCounter _counts = new(choiceCount, choicesPerPrompt);
    private readonly long _start = time.GetTimestamp();
    private long _firstToken;
    private bool _recorded;

    /// <summary>When the first token came; null before.</summary>
    internal DateTimeOffset? FirstTokenAt => _firstToken == 0 ? null : time.GetUtcNow() - time.GetElapsedTime(_firstToken);

    /// <summary>Token counts of the answers, as far as they have come.</summary>
    internal TokenUsage Tokens => _counts.Total;

    /// <summary>Seconds since the request was read.</summary>
    internal double Seconds => time.GetElapsedTime(_start).TotalSeconds;

    internal void Observe(ChoiceUpdate update)
    {
        if (_firstToken == 0 && (update.Update.TokenIds.Count > 0 || update.Update.FinishReason is not null))
        {
            _firstToken = time.GetTimestamp();
        }

        _counts.Add(update);
    }

    /// <summary>Step 10: counts once, whatever the end was.</summary>
    /// <param name="error">Null when all went well, <c>cancelled</c>, or the class of the error.</param>
    internal void Complete(string? error)
    {
        if (_recorded)
        {
            return;
        }

        _recorded = true;
        double total = Seconds;
        metrics.RequestEnded(operation, error, total);
        if (_firstToken != 0)
        {
            double toFirst = time.GetElapsedTime(_start, _firstToken).TotalSeconds;
            metrics.FirstToken(operation, toFirst);
            if (Tokens.CompletionTokens > 1)
            {
                metrics.OutputToken(operation, (total - toFirst) / (Tokens.CompletionTokens - 1));
            }
        }
    }
}
