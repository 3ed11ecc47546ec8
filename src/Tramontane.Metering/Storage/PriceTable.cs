using System.Data.Common;
using Tramontane.Metering.Prices;

namespace Tramontane.Metering.Storage;

/// <summary>Rows of prices.</summary>
internal static class PriceTable
{
    internal const string Columns = "id, provider, model, tier, currency, effective_from, source, as_of, prompt_price, cached_price, completion_price";

    internal static PriceRow Read(DbDataReader row) => new(
        row.GetInt64(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetString(4),
        UnixTime.ToTime(row.GetInt64(5)),
        row.GetString(6),
        UnixTime.ToTime(row.GetInt64(7)),
        row.GetDecimal(8),
        row.GetDecimal(9),
        row.GetDecimal(10));
}
