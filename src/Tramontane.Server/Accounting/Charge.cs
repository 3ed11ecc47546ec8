using Microsoft.Extensions.Logging;
using Tramontane.Inference.Engine;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Server.Accounting;

/// <summary>What one request holds reserved, until it is settled. Not for several threads at once.</summary>
internal sealed partial class Charge
{
    private readonly Meter? _meter;
    private readonly Reservation? _reservation;
    private readonly int _imageTokens;
    private readonly ILogger? _logger;
    private bool _isSettled;

    internal Charge(Meter meter, Reservation reservation, int imageTokens, ILogger logger) =>
        (_meter, _reservation, _imageTokens, _logger) = (meter, reservation, imageTokens, logger);

    private Charge() => _isSettled = true;

    /// <summary>Of a request that nothing is written of.</summary>
    internal static Charge None { get; } = new();

    /// <summary>The most tokens that the request may generate; null for any number.</summary>
    internal int? MaxCompletionTokens => _reservation?.MaxCompletionTokens;

    /// <summary>The ledger's row; null before the end, and for <see cref="None"/>.</summary>
    internal LedgerRecord? Record { get; private set; }

    /// <summary>Writes what was used and gives the rest back. The first call counts.</summary>
    internal async ValueTask SettleAsync(RequestOutcome outcome, TokenUsage used, DateTimeOffset? firstTokenAt)
    {
        if (_isSettled)
        {
            return;
        }

        _isSettled = true;
        // Without a first token no prompt is known to have been computed, so none of its images either.
        var counts = new TokenCounts(used.PromptTokens, used.CachedTokens, used.CompletionTokens, Math.Min(_imageTokens, used.PromptTokens));
        try
        {
            Record = await _meter!.SettleAsync(_reservation!, new Settlement(outcome, counts, firstTokenAt));
        }
        catch (MeteringException e) when (e.Fault == MeteringFault.Unavailable)
        {
            Log.SettlementWaits(_logger!, e, _reservation!.RequestId); // the meter keeps it; the client's answer is whole all the same
        }
        catch (Exception e)
        {
            Log.SettlementFailed(_logger!, e, _reservation!.RequestId); // a fault of this program: not one that the client's answer should end by
        }
    }

    /// <summary>Takes the admission back of what has not begun: nothing is written, everything is given back.</summary>
    internal async ValueTask ReleaseAsync()
    {
        if (_isSettled)
        {
            return;
        }

        _isSettled = true;
        try
        {
            await _meter!.ReleaseAsync(_reservation!);
        }
        catch (Exception e)
        {
            Log.SettlementWaits(_logger!, e, _reservation!.RequestId);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The ledger does not answer: the settlement of request {RequestId} waits.")]
        public static partial void SettlementWaits(ILogger logger, Exception exception, string requestId);

        [LoggerMessage(LogLevel.Error, "Request {RequestId} could not be settled: it stays open, with what it holds, until this server ends.")]
        public static partial void SettlementFailed(ILogger logger, Exception exception, string requestId);
    }
}
