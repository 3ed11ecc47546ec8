using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Storage;

/// <summary>Rows of prices.</summary>
internal static class PriceTable
{
    internal const string Columns = "id, provider, model, tier, currency, effective_from, source, as_of, prompt_price, cached_price, completion_price";

    internal static PriceRow Read(SqlRow row) => new(
        row.Number(0),
        row.Text(1),
        row.Text(2),
        row.Text(3),
        row.Text(4),
        UnixTime.ToTime(row.Number(5)),
        row.Text(6),
        UnixTime.ToTime(row.Number(7)),
        row.Amount(8),
        row.Amount(9),
        row.Amount(10));
}
