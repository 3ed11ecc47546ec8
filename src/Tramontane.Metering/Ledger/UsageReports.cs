using System.Globalization;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Storage;

namespace Tramontane.Metering.Ledger;

/// <summary>What the ledger says.</summary>
/// <example><code>
/// List&lt;UsageRow&gt; byDay = await meter.Usage.SummarizeAsync(new UsageQuery { KeyId = key.Id }, UsageGrouping.Day | UsageGrouping.Model);
/// </code></example>
public sealed class UsageReports
{
    /// <summary>The most records that one page may have.</summary>
    public const int LargestPage = 10_000;

    // Sums stay whole numbers: the high and the low 10⁶ of pico units on their own, each far from 64 bits. REAL is never used.
    private static readonly string s_sums = string.Join(", ", new[] { "prompt_pico", "cached_pico", "completion_pico" }
        .SelectMany(column => new[] { Sum($"{column} / 1000000"), Sum($"{column} % 1000000") }));

    private readonly MeteringStore _store;

    internal UsageReports(MeteringStore store) => _store = store;

    /// <summary>Sums by any grouping, always by currency too, ordered by the groups.</summary>
    /// <param name="query">Which.</param>
    /// <param name="grouping">By what they are split.</param>
    /// <param name="most">At most so many groups; null: all, however many.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<List<UsageRow>> SummarizeAsync(
        UsageQuery query, UsageGrouping grouping = UsageGrouping.None, int? most = null, CancellationToken cancellationToken = default)
    {
        List<string> groups = [];
        AddIf(UsageGrouping.Day, $"started_at / {UnixTime.Day}");
        AddIf(UsageGrouping.Account, "account_id");
        AddIf(UsageGrouping.Key, "key_id");
        AddIf(UsageGrouping.Model, "model");
        AddIf(UsageGrouping.Dialect, "dialect");
        AddIf(UsageGrouping.Outcome, "outcome");
        groups.Add("currency");
        string by = string.Join(", ", groups);
        (string where, object?[] values) = Where(query);
        string text =
            $"SELECT {by}, CAST(COUNT(*) AS BIGINT), {Sum("CASE WHEN outcome IN ('failed', 'crashed') THEN 1 ELSE 0 END")}, "
            + $"{Sum("prompt_tokens")}, {Sum("cached_tokens")}, {Sum("completion_tokens")}, {Sum("image_tokens")}, {s_sums}, "
            + $"{Sum("ended_at - started_at")}, {Sum("CASE WHEN first_token_at IS NULL THEN 0 ELSE first_token_at - started_at END")}, CAST(COUNT(first_token_at) AS BIGINT) "
            + $"FROM ledger{where} GROUP BY {by} ORDER BY {by}{(most is { } limit ? string.Create(CultureInfo.InvariantCulture, $" LIMIT {limit}") : "")}";
        return _store.Database.QueryAsync(text, values, row => ReadRow(row, grouping), cancellationToken);

        void AddIf(UsageGrouping flag, string column)
        {
            if (grouping.HasFlag(flag))
            {
                groups.Add(column);
            }
        }
    }

    /// <summary>
    /// A page of records in the order of the ledger. For the next one, pass the last one's <see cref="LedgerRecord.Id"/>: nothing
    /// appears later before a record that a page has shown.
    /// </summary>
    /// <param name="query">Which.</param>
    /// <param name="after">Records behind this id.</param>
    /// <param name="limit">At most so many, up to <see cref="LargestPage"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="MeteringException"><see cref="MeteringFault.Unavailable"/>.</exception>
    public async Task<List<LedgerRecord>> RecordsAsync(UsageQuery query, long after = 0, int limit = 1_000, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LargestPage);
        (string where, object?[] values) = Where(query);
        long last = await _store.Database.LastSettledIdAsync(cancellationToken);
        return await _store.Database.QueryAsync(
            $"SELECT {BudgetSql.LedgerColumns}, id FROM ledger{where} AND id > ${values.Length + 1} AND id <= ${values.Length + 2} ORDER BY id LIMIT {limit}",
            [.. values, after, last],
            BudgetSql.ReadLedger,
            cancellationToken);
    }

    /// <summary>The records that came last, newest first.</summary>
    /// <param name="query">Which.</param>
    /// <param name="limit">At most so many, up to <see cref="LargestPage"/>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<List<LedgerRecord>> LatestAsync(UsageQuery query, int limit = 50, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LargestPage);
        (string where, object?[] values) = Where(query);
        return _store.Database.QueryAsync($"SELECT {BudgetSql.LedgerColumns}, id FROM ledger{where} ORDER BY id DESC LIMIT {limit}", values, BudgetSql.ReadLedger, cancellationToken);
    }

    /// <summary>The record of a request; null when it is not in the ledger.</summary>
    public async Task<LedgerRecord?> FindAsync(string requestId, CancellationToken cancellationToken = default) =>
        (await _store.Database.QueryAsync(BudgetSql.SelectLedger.Text, [requestId], BudgetSql.ReadLedger, cancellationToken)).FirstOrDefault();

    /// <summary>How long requests took. Sorts them: for a range of days, not for years.</summary>
    public async Task<LatencyReport> LatencyAsync(UsageQuery query, CancellationToken cancellationToken = default) => new(
        await QuantilesAsync(query, "ended_at - started_at", "", cancellationToken),
        await QuantilesAsync(query, "first_token_at - started_at", " AND first_token_at IS NOT NULL", cancellationToken));

    /// <summary>One pass: the rows at the three ranks, each rank counted in hundredths rounded up.</summary>
    private async Task<LatencyQuantiles> QuantilesAsync(UsageQuery query, string value, string condition, CancellationToken cancellationToken)
    {
        (string where, object?[] values) = Where(query);
        string ranked = $"SELECT {value} AS v, ROW_NUMBER() OVER (ORDER BY {value}) AS i, COUNT(*) OVER () AS n FROM ledger{where} AND outcome <> 'crashed'{condition}";
        List<(long Value, long Rank, long Count)> rows = await _store.Database.QueryAsync(
            $"SELECT v, i, n FROM ({ranked}) AS ranked WHERE i IN ((n * 50 + 99) / 100, (n * 90 + 99) / 100, (n * 99 + 99) / 100)",
            values,
            row => (row.Number(0), row.Number(1), row.Number(2)),
            cancellationToken);
        long count = rows.Count == 0 ? 0 : rows[0].Count;
        return new LatencyQuantiles(count, At(50), At(90), At(99));

        long At(int percent) => rows.Find(row => row.Rank == ((count * percent) + 99) / 100).Value;
    }

    private static string Sum(string expression) => $"CAST(SUM({expression}) AS BIGINT)";

    private static (string Where, object?[] Values) Where(UsageQuery query)
    {
        List<string> conditions = ["started_at >= $1", "started_at < $2"];
        List<object?> values = [query.From.ToUnixTimeMilliseconds(), query.To.ToUnixTimeMilliseconds()];
        Add("account_id", query.AccountId);
        Add("key_id", query.KeyId);
        Add("model", query.Model);
        Add("outcome", query.Outcome is { } outcome ? OutcomeNames.Of(outcome) : null);
        return (" WHERE " + string.Join(" AND ", conditions), [.. values]);

        void Add(string column, string? value)
        {
            if (value is not null)
            {
                values.Add(value);
                conditions.Add($"{column} = ${values.Count}");
            }
        }
    }

    private static UsageRow ReadRow(SqlRow row, UsageGrouping grouping)
    {
        int column = 0;
        long? day = grouping.HasFlag(UsageGrouping.Day) ? row.Number(column++) : null;
        string? account = Group(UsageGrouping.Account);
        string? key = Group(UsageGrouping.Key);
        string? model = Group(UsageGrouping.Model);
        string? dialect = Group(UsageGrouping.Dialect);
        string? outcome = Group(UsageGrouping.Outcome);
        return new UsageRow
        {
            Day = day is null ? null : DateOnly.FromDateTime(DateTime.UnixEpoch.AddDays(day.Value)),
            AccountId = account,
            KeyId = key,
            Model = model,
            Dialect = dialect,
            Outcome = outcome is null ? null : OutcomeNames.Parse(outcome),
            Currency = row.TextOrNull(column++),
            Requests = row.Number(column++),
            Errors = row.Number(column++),
            PromptTokens = row.Number(column++),
            CachedTokens = row.Number(column++),
            CompletionTokens = row.Number(column++),
            ImageTokens = row.Number(column++),
            Cost = new Cost(Amount(), Amount(), Amount()),
            DurationMilliseconds = row.Number(column++),
            FirstTokenMilliseconds = row.Number(column++),
            FirstTokenRequests = row.Number(column),
        };

        string? Group(UsageGrouping flag) => grouping.HasFlag(flag) ? row.TextOrNull(column++) : null;

        decimal Amount() => (row.Number(column++) * 0.000001m) + Money.FromPico(row.Number(column++));
    }
}
