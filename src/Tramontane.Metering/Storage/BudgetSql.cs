using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Storage;

/// <summary>The statements of admission and settlement, and the order of their columns.</summary>
internal static class BudgetSql
{
    internal const string OpenColumns =
        "request_id, nonce, instance_id, account_id, key_id, model, dialect, price_id, currency, prompt_tokens, image_tokens, "
        + "max_completion_tokens, reserved_pico, from_credit, is_free, started_at, window_at";

    internal const string LedgerColumns =
        "request_id, account_id, key_id, model, dialect, outcome, prompt_tokens, cached_tokens, completion_tokens, image_tokens, "
        + "price_id, currency, prompt_pico, cached_pico, completion_pico, is_free, started_at, first_token_at, ended_at";

    internal static readonly Statement SelectOpen = new($"SELECT {OpenColumns} FROM open_requests WHERE request_id = $1", " FOR UPDATE");

    internal static readonly Statement InsertOpen = new(
        $"INSERT INTO open_requests ({OpenColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)");

    internal static readonly Statement DeleteOpen = new("DELETE FROM open_requests WHERE request_id = $1");

    internal static readonly Statement SelectLedger = new($"SELECT {LedgerColumns}, id FROM ledger WHERE request_id = $1");

    internal static readonly Statement InsertLedger = new(
        $"INSERT INTO ledger ({LedgerColumns}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)");

    internal static readonly Statement SelectAccount = new(
        "SELECT id, prepaid, balance, reserved, free_tokens, free_tokens_reserved, closed_at FROM accounts WHERE id = $1", " FOR UPDATE");

    internal static readonly Statement UpdateAccount = new(
        "UPDATE accounts SET balance = $2, reserved = $3, free_tokens = $4, free_tokens_reserved = $5 WHERE id = $1");

    internal static readonly Statement SelectKey = new(
        "SELECT k.id, k.account_id, k.revoked_at, k.expires_at, k.requests_per_minute, k.requests_per_day, k.tokens_per_minute, k.tokens_per_day, "
        + "k.concurrent_requests, k.money_per_day, k.money_per_month, k.money_total, c.open_requests, c.minute_start, c.minute_requests, c.minute_tokens, "
        + "c.day_start, c.day_requests, c.day_tokens, c.day_cost, c.month_start, c.month_cost, c.total_cost "
        + "FROM keys k JOIN key_counters c ON c.key_id = k.id WHERE k.id = $1",
        " FOR SHARE OF k FOR UPDATE OF c"); // k too: a key that is being revoked is read as revoked, and one that is read as valid is revoked after this

    internal static readonly Statement UpdateCounters = new(
        "UPDATE key_counters SET open_requests = $2, minute_start = $3, minute_requests = $4, minute_tokens = $5, day_start = $6, day_requests = $7, "
        + "day_tokens = $8, day_cost = $9, month_start = $10, month_cost = $11, total_cost = $12 WHERE key_id = $1");

    /// <summary>Shared lock: whoever takes this server for lost waits for the transactions that it has begun.</summary>
    internal static readonly Statement SelectLease = new("SELECT id FROM instances WHERE id = $1", " FOR SHARE");

    internal static readonly Statement RenewLease = new(
        "INSERT INTO instances (id, name, started_at, lease_until) VALUES ($1, $2, $3, $4) ON CONFLICT (id) DO UPDATE SET lease_until = excluded.lease_until");

    internal static void AddInsert(StatementQueue queue, OpenRequest open) => queue.Add(
        InsertOpen, open.RequestId, open.Nonce, open.InstanceId, open.AccountId, open.KeyId, open.Model, open.Dialect, open.PriceId, open.Currency,
        open.PromptTokens, open.ImageTokens, open.MaxCompletionTokens, Money.ToPico(open.ReservedCost), open.FromCredit, open.IsFree, open.StartedAt, open.WindowAt);

    internal static void AddInsert(StatementQueue queue, LedgerRecord record) => queue.Add(
        InsertLedger, record.RequestId, record.AccountId, record.KeyId, record.Model, record.Dialect, OutcomeNames.Of(record.Outcome),
        record.Counts.Prompt, record.Counts.Cached, record.Counts.Completion, record.Counts.Image, record.PriceId, record.Currency,
        Money.ToPico(record.Cost.Prompt), Money.ToPico(record.Cost.Cached), Money.ToPico(record.Cost.Completion), record.IsFree,
        record.StartedAt.ToUnixTimeMilliseconds(), record.FirstTokenAt?.ToUnixTimeMilliseconds(), record.EndedAt.ToUnixTimeMilliseconds());

    internal static void AddUpdate(StatementQueue queue, AccountState account) => queue.Add(
        UpdateAccount, account.Id, account.Balance, account.Reserved, account.FreeTokens, account.FreeTokensReserved);

    internal static void AddUpdate(StatementQueue queue, KeyState key) => queue.Add(
        UpdateCounters, key.Id, key.OpenRequests, key.MinuteStart, key.MinuteRequests, key.MinuteTokens, key.DayStart, key.DayRequests,
        key.DayTokens, key.DayCost, key.MonthStart, key.MonthCost, key.TotalCost);

    internal static OpenRequest ReadOpen(SqlRow row) => new()
    {
        RequestId = row.Text(0),
        Nonce = row.Number(1),
        InstanceId = row.Text(2),
        AccountId = row.Text(3),
        KeyId = row.TextOrNull(4),
        Model = row.Text(5),
        Dialect = row.Text(6),
        PriceId = row.NumberOrNull(7),
        Currency = row.TextOrNull(8),
        PromptTokens = (int)row.Number(9),
        ImageTokens = (int)row.Number(10),
        MaxCompletionTokens = (int)row.Number(11),
        ReservedCost = Money.FromPico(row.Number(12)),
        FromCredit = row.Number(13) != 0,
        IsFree = row.Number(14) != 0,
        StartedAt = row.Number(15),
        WindowAt = row.Number(16),
    };

    internal static LedgerRecord ReadLedger(SqlRow row) => new()
    {
        RequestId = row.Text(0),
        AccountId = row.Text(1),
        KeyId = row.TextOrNull(2),
        Model = row.Text(3),
        Dialect = row.Text(4),
        Outcome = OutcomeNames.Parse(row.Text(5)),
        Counts = new TokenCounts((int)row.Number(6), (int)row.Number(7), (int)row.Number(8), (int)row.Number(9)),
        PriceId = row.NumberOrNull(10),
        Currency = row.TextOrNull(11),
        Cost = new Cost(Money.FromPico(row.Number(12)), Money.FromPico(row.Number(13)), Money.FromPico(row.Number(14))),
        IsFree = row.Number(15) != 0,
        StartedAt = UnixTime.ToTime(row.Number(16)),
        FirstTokenAt = UnixTime.ToTime(row.NumberOrNull(17)),
        EndedAt = UnixTime.ToTime(row.Number(18)),
        Id = row.Number(19),
    };

    internal static AccountState ReadAccount(SqlRow row) => new()
    {
        Id = row.Text(0),
        Prepaid = row.Number(1) != 0,
        Balance = row.Amount(2),
        Reserved = row.Amount(3),
        FreeTokens = row.Number(4),
        FreeTokensReserved = row.Number(5),
        ClosedAt = row.NumberOrNull(6),
    };

    internal static KeyState ReadKey(SqlRow row) => new()
    {
        Id = row.Text(0),
        AccountId = row.Text(1),
        RevokedAt = row.NumberOrNull(2),
        ExpiresAt = row.NumberOrNull(3),
        Limits = ReadLimits(row, 4),
        OpenRequests = row.Number(12),
        MinuteStart = row.Number(13),
        MinuteRequests = row.Number(14),
        MinuteTokens = row.Number(15),
        DayStart = row.Number(16),
        DayRequests = row.Number(17),
        DayTokens = row.Number(18),
        DayCost = row.Amount(19),
        MonthStart = row.Number(20),
        MonthCost = row.Amount(21),
        TotalCost = row.Amount(22),
    };

    /// <summary>Eight columns: counts per minute and day, concurrency, money.</summary>
    internal static KeyLimits ReadLimits(SqlRow row, int first) => new()
    {
        RequestsPerMinute = row.NumberOrNull(first),
        RequestsPerDay = row.NumberOrNull(first + 1),
        TokensPerMinute = row.NumberOrNull(first + 2),
        TokensPerDay = row.NumberOrNull(first + 3),
        ConcurrentRequests = row.NumberOrNull(first + 4),
        MoneyPerDay = row.AmountOrNull(first + 5),
        MoneyPerMonth = row.AmountOrNull(first + 6),
        MoneyTotal = row.AmountOrNull(first + 7),
    };
}
