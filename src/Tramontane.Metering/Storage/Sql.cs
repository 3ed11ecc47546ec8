using System.Data.Common;

namespace Tramontane.Metering.Storage;

/// <summary>Columns that may be null.</summary>
internal static class Sql
{
    internal static string? TextOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    internal static long? NumberOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    internal static decimal? AmountOrNull(this DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetDecimal(column);
}
