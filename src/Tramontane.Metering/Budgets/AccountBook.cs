using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Tramontane.Metering.Prices;
using Tramontane.Metering.Storage;

namespace Tramontane.Metering.Budgets;

/// <summary>The accounts and what they were given. Balances are always read from the database.</summary>
/// <example><code>
/// await meter.Accounts.CreateAsync("Acme", prepaid: true, id: "acme");
/// await meter.Accounts.AddCreditAsync("acme", new NewCredit { Amount = 25m, Currency = "USD", FreeTokens = 100_000, Note = "welcome" });
/// </code></example>
public sealed class AccountBook
{
    private const string Columns = "id, name, prepaid, balance, reserved, free_tokens, free_tokens_reserved, created_at, closed_at";

    private readonly MeteringStore _store;

    internal AccountBook(MeteringStore store) => _store = store;

    /// <summary>All accounts, oldest first.</summary>
    public Task<List<Account>> ListAsync(CancellationToken cancellationToken = default) =>
        _store.Database.QueryAsync($"SELECT {Columns} FROM accounts ORDER BY created_at, id", [], Read, cancellationToken);

    /// <summary>One account; null when there is none.</summary>
    public async Task<Account?> GetAsync(string id, CancellationToken cancellationToken = default) =>
        (await _store.Database.QueryAsync($"SELECT {Columns} FROM accounts WHERE id = $1", [id], Read, cancellationToken)).FirstOrDefault();

    /// <summary>Makes an account.</summary>
    /// <param name="name">For people.</param>
    /// <param name="prepaid">Whether requests are admitted only within free tokens and credit.</param>
    /// <param name="id">Its id; null: a fresh one.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="MeteringException">A value is out of range, or the id is taken.</exception>
    public async Task<Account> CreateAsync(string name, bool prepaid, string? id = null, CancellationToken cancellationToken = default)
    {
        TextRules.Check(name, "Name", 200);
        id = id is null ? "acct_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)) : TextRules.CheckAccountId(id);
        long now = _store.Clock.Now();
        bool isRepeated = false;
        return await _store.WriteAsync(
            async (connection, ct) =>
            {
                int made = await _store.Database.ExecuteAsync(
                    connection,
                    "INSERT INTO accounts (id, name, prepaid, balance, reserved, free_tokens, free_tokens_reserved, created_at) VALUES ($1, $2, $3, $4, $4, 0, 0, $5) ON CONFLICT (id) DO NOTHING",
                    [id, name, prepaid ? 1L : 0L, 0m, now],
                    ct);
                Account account = (await ReadAsync(connection, id, "", ct))!;
                // One that is there already may be this very one, when the answer to its commit was lost.
                bool isOwn = made == 1 || (isRepeated && account.Name == name && account.Prepaid == prepaid && account.CreatedAt == UnixTime.ToTime(now));
                isRepeated = true;
                return isOwn ? account : throw new MeteringException(MeteringFault.Conflict, $"There is an account {id} already.");
            },
            cancellationToken);
    }

    /// <summary>Changes what an administrator sets about an account; null leaves a value as it is. Open requests end by the rules that they began with.</summary>
    /// <param name="id">The account.</param>
    /// <param name="name">For people.</param>
    /// <param name="prepaid">Whether requests are admitted only within free tokens and credit.</param>
    /// <param name="closed">Whether nothing is admitted any more.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="MeteringException">A value is out of range, or there is no such account.</exception>
    public async Task<Account> UpdateAsync(string id, string? name = null, bool? prepaid = null, bool? closed = null, CancellationToken cancellationToken = default)
    {
        if (name is not null)
        {
            TextRules.Check(name, "Name", 200);
        }

        long now = _store.Clock.Now();
        return await _store.WriteAsync(
            async (connection, ct) =>
            {
                Account known = await ReadAsync(connection, id, _store.Database.ForUpdate, ct) ?? throw NoAccount(id);
                DateTimeOffset? closedAt = closed ?? known.ClosedAt is not null ? known.ClosedAt ?? UnixTime.ToTime(now) : null;
                await _store.Database.ExecuteAsync(
                    connection,
                    "UPDATE accounts SET name = $2, prepaid = $3, closed_at = $4 WHERE id = $1",
                    [id, name ?? known.Name, prepaid ?? known.Prepaid ? 1L : 0L, closedAt?.ToUnixTimeMilliseconds()],
                    ct);
                return (await ReadAsync(connection, id, "", ct))!;
            },
            cancellationToken);
    }

    /// <summary>Gives an account credit or free tokens, once per <see cref="NewCredit.Id"/>.</summary>
    /// <exception cref="MeteringException">A value is out of range, the currency is not the database's, or there is no such account.</exception>
    public async Task<Credit> AddCreditAsync(string accountId, NewCredit credit, CancellationToken cancellationToken = default)
    {
        Check(credit);
        var entry = new Credit(
            credit.Id ?? "cred_" + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(12)),
            accountId,
            credit.Amount,
            credit.Amount == 0 ? null : credit.Currency,
            credit.FreeTokens,
            credit.Note,
            UnixTime.ToTime(_store.Clock.Now()));
        return await _store.WriteAsync((connection, ct) => AddCreditAsync(connection, entry, ct), cancellationToken);
    }

    /// <summary>What an account was given, oldest first.</summary>
    public Task<List<Credit>> CreditsAsync(string accountId, CancellationToken cancellationToken = default) => _store.Database.QueryAsync(
        "SELECT id, account_id, amount, currency, free_tokens, note, at FROM credits WHERE account_id = $1 ORDER BY at, id", [accountId], ReadCredit, cancellationToken);

    private async Task<Credit> AddCreditAsync(DbConnection connection, Credit entry, CancellationToken cancellationToken)
    {
        MeteringDatabase database = _store.Database;
        // The lock first: two credits with one id, and credit beside settlements, come one after the other.
        Account account = await ReadAsync(connection, entry.AccountId, database.ForUpdate, cancellationToken) ?? throw NoAccount(entry.AccountId);
        List<Credit> known = await database.QueryAsync(
            connection, "SELECT id, account_id, amount, currency, free_tokens, note, at FROM credits WHERE id = $1", [entry.Id], ReadCredit, cancellationToken);
        if (known.Count > 0)
        {
            return known[0].AccountId == entry.AccountId && known[0].Amount == entry.Amount && known[0].FreeTokens == entry.FreeTokens
                ? known[0]
                : throw new MeteringException(MeteringFault.Conflict, $"Another credit has the id {entry.Id}.");
        }

        if (entry.Currency is not null)
        {
            await Settings.CheckCurrencyAsync(database, connection, entry.Currency, cancellationToken);
        }

        decimal balance = account.Balance + entry.Amount;
        long freeTokens = account.FreeTokens + entry.FreeTokens;
        if (Math.Abs(balance) > Money.LargestAmount || freeTokens < 0)
        {
            throw new MeteringException(MeteringFault.Invalid, $"With this the account would have {Money.Format(balance)} of credit and {freeTokens} free tokens.");
        }

        await database.ExecuteAsync(
            connection,
            "INSERT INTO credits (id, account_id, amount, currency, free_tokens, note, at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            [entry.Id, entry.AccountId, entry.Amount, entry.Currency, entry.FreeTokens, entry.Note, entry.At.ToUnixTimeMilliseconds()],
            cancellationToken);
        await database.ExecuteAsync(connection, "UPDATE accounts SET balance = $2, free_tokens = $3 WHERE id = $1", [entry.AccountId, balance, freeTokens], cancellationToken);
        return entry;
    }

    private async Task<Account?> ReadAsync(DbConnection connection, string id, string rowLock, CancellationToken cancellationToken) =>
        (await _store.Database.QueryAsync(connection, $"SELECT {Columns} FROM accounts WHERE id = $1" + rowLock, [id], Read, cancellationToken)).FirstOrDefault();

    private static void Check(NewCredit credit)
    {
        if (credit.Id is not null)
        {
            TextRules.Check(credit.Id, "The credit's id", 200);
        }

        TextRules.Check(credit.Note, nameof(credit.Note), 2_000, shortest: 0);
        if (credit.Amount != 0)
        {
            TextRules.CheckCurrency(credit.Currency);
        }

        if (Math.Abs(credit.Amount) > Money.LargestAmount || !Money.HasAtMost(credit.Amount, Money.Decimals) || Math.Abs(credit.FreeTokens) > 1_000_000_000_000_000)
        {
            throw new MeteringException(MeteringFault.Invalid, $"Amount must be within ±{Money.LargestAmount} with at most {Money.Decimals} decimals, FreeTokens within ±1000000000000000.");
        }

        if (credit is { Amount: 0, FreeTokens: 0 })
        {
            throw new MeteringException(MeteringFault.Invalid, "A credit needs an Amount or FreeTokens.");
        }
    }

    private static MeteringException NoAccount(string id) => new(MeteringFault.NotFound, $"There is no account {id}.");

    private static Account Read(SqlRow row) => new()
    {
        Id = row.Text(0),
        Name = row.Text(1),
        Prepaid = row.Number(2) != 0,
        Balance = row.Amount(3),
        Reserved = row.Amount(4),
        FreeTokens = row.Number(5),
        FreeTokensReserved = row.Number(6),
        CreatedAt = UnixTime.ToTime(row.Number(7)),
        ClosedAt = UnixTime.ToTime(row.NumberOrNull(8)),
    };

    private static Credit ReadCredit(SqlRow row) => new(
        row.Text(0), row.Text(1), row.Amount(2), row.TextOrNull(3), row.Number(4), row.Text(5), UnixTime.ToTime(row.Number(6)));
}
