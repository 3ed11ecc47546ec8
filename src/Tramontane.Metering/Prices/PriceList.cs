using Tramontane.Metering.Storage;

namespace Tramontane.Metering.Prices;

/// <summary>The append-only list of prices.</summary>
/// <example><code>
/// await meter.Prices.AddAsync(new NewPrice { Model = "mistral-small-3.2", Currency = "USD", Prompt = 0.075m, Cached = 0.0075m, Completion = 0.20m });
/// </code></example>
public sealed class PriceList
{
    private readonly MeteringStore _store;

    internal PriceList(MeteringStore store) => _store = store;

    /// <summary>All prices, in memory: this process's at once, others' within <see cref="MeterOptions.RefreshInterval"/>.</summary>
    public PriceBook Current => _store.Prices;

    /// <summary>Adds a row. Requests that have started keep the row that they pinned, whatever its start says.</summary>
    /// <exception cref="MeteringException">A value is out of range, or an own price has another currency than the database.</exception>
    public async Task<PriceRow> AddAsync(NewPrice price, CancellationToken cancellationToken = default)
    {
        TextRules.CheckId(price.Provider, nameof(price.Provider));
        TextRules.CheckId(price.Model, nameof(price.Model));
        TextRules.CheckId(price.Tier, nameof(price.Tier));
        TextRules.CheckCurrency(price.Currency);
        TextRules.Check(price.Source, nameof(price.Source), 2_000);
        CheckPrice(price.Prompt, nameof(price.Prompt));
        CheckPrice(price.Cached ?? price.Prompt, nameof(price.Cached));
        CheckPrice(price.Completion, nameof(price.Completion));

        long now = _store.Clock.Now();
        long nonce = Random.Shared.NextInt64();
        return await _store.ChangeAsync(
            async (connection, ct) =>
            {
                if (price.Provider == PriceRow.Self)
                {
                    await Settings.CheckCurrencyAsync(_store.Database, connection, price.Currency, ct);
                }

                await _store.Database.ExecuteAsync(
                    connection,
                    "INSERT INTO prices (provider, model, tier, currency, effective_from, source, as_of, prompt_price, cached_price, completion_price, nonce) "
                    + "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (nonce) DO NOTHING",
                    [
                        price.Provider, price.Model, price.Tier, price.Currency, price.EffectiveFrom?.ToUnixTimeMilliseconds() ?? now, price.Source,
                        price.AsOf?.ToUnixTimeMilliseconds() ?? now, price.Prompt, price.Cached ?? price.Prompt, price.Completion, nonce,
                    ],
                    ct);
                return (await _store.Database.QueryAsync(connection, $"SELECT {PriceTable.Columns} FROM prices WHERE nonce = $1", [nonce], PriceTable.Read, ct))[0];
            },
            cancellationToken);
    }

    private static void CheckPrice(decimal price, string name)
    {
        if (price is < 0 or > Money.LargestPrice || !Money.HasAtMost(price, Money.PriceDecimals))
        {
            throw new MeteringException(
                MeteringFault.Invalid, $"{name} is {price}: a price per 1000000 tokens goes from 0 to {Money.LargestPrice} with at most {Money.PriceDecimals} decimals.");
        }
    }
}
