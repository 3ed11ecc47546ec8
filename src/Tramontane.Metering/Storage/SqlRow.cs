using System.Data.Common;

namespace Tramontane.Metering.Storage;

/// <summary>The row that a statement stands at.</summary>
internal abstract class SqlRow
{
    internal abstract bool IsNull(int column);

    internal abstract long Number(int column);

    internal abstract string Text(int column);

    internal abstract decimal Amount(int column);

    internal string? TextOrNull(int column) => IsNull(column) ? null : Text(column);

    internal long? NumberOrNull(int column) => IsNull(column) ? null : Number(column);

    internal decimal? AmountOrNull(int column) => IsNull(column) ? null : Amount(column);
}

/// <summary>A row of a reader of ADO.NET.</summary>
internal sealed class ReaderRow(DbDataReader reader) : SqlRow
{
    internal override bool IsNull(int column) => reader.IsDBNull(column);

    internal override long Number(int column) => reader.GetInt64(column);

    internal override string Text(int column) => reader.GetString(column);

    internal override decimal Amount(int column) => reader.GetDecimal(column);

    internal byte[] Bytes(int column) => reader.GetFieldValue<byte[]>(column);
}
