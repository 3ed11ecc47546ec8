using Tramontane.Metering.Ledger;

namespace Tramontane.Server.Console.Usage;

/// <summary>A sum over rows of the ledger's report.</summary>
internal sealed class UsageSum
{
    internal long Requests { get; private set; }

    internal long Errors { get; private set; }

    internal long PromptTokens { get; private set; }

    internal long CachedTokens { get; private set; }

    internal long CompletionTokens { get; private set; }

    internal long ImageTokens { get; private set; }

    internal decimal Cost { get; private set; }

    /// <summary>From admission to the end, on average; null without requests.</summary>
    internal double? MeanMilliseconds => Requests == 0 ? null : (double)_durationMilliseconds / Requests;

    /// <summary>From admission to the first token, on average of those that had one.</summary>
    internal double? MeanFirstTokenMilliseconds => _firstTokenRequests == 0 ? null : (double)_firstTokenMilliseconds / _firstTokenRequests;

    private long _durationMilliseconds, _firstTokenMilliseconds, _firstTokenRequests;

    internal UsageSum Add(UsageRow row)
    {
        Requests += row.Requests;
        Errors += row.Errors;
        PromptTokens += row.PromptTokens;
        CachedTokens += row.CachedTokens;
        CompletionTokens += row.CompletionTokens;
        ImageTokens += row.ImageTokens;
        Cost += row.Cost.Total;
        _durationMilliseconds += row.DurationMilliseconds;
        _firstTokenMilliseconds += row.FirstTokenMilliseconds;
        _firstTokenRequests += row.FirstTokenRequests;
        return this;
    }

    internal static UsageSum Of(IEnumerable<UsageRow> rows) => rows.Aggregate(new UsageSum(), (sum, row) => sum.Add(row));
}
