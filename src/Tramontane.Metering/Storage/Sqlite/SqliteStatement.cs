using System.Globalization;
using System.Text;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>
/// A prepared statement of the hot path on SQLite's own interface: ADO.NET would box every value and make a reader per run. It is
/// its own row while it stands at one.
/// </summary>
internal sealed class SqliteStatement : SqlRow, IDisposable
{
    // An amount in decimal notation has at most 31 characters.
    private const int LongestAmount = 40;
    private const int LongestShortText = 512;

    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private readonly int[] _indexes;

    internal SqliteStatement(sqlite3 database, string text)
    {
        _database = database;
        Check(raw.sqlite3_prepare_v3(database, text, raw.SQLITE_PREPARE_PERSISTENT, out _statement));
        // To SQLite $1 is a name: it counts parameters as they come in the text.
        _indexes = [.. Enumerable.Range(1, raw.sqlite3_bind_parameter_count(_statement)).Select(i => raw.sqlite3_bind_parameter_index(_statement, $"${i}"))];
    }

    /// <summary>Runs to the end, or to the first row; true when there is one. <see cref="Reset"/> must follow.</summary>
    internal bool Step(ReadOnlySpan<SqlValue> values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            Bind(_indexes[i], in values[i]);
        }

        int code = raw.sqlite3_step(_statement);
        if (code == raw.SQLITE_ROW)
        {
            return true;
        }

        if (code != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }

        return false;
    }

    /// <summary>Lets go of locks and rows.</summary>
    internal void Reset() => raw.sqlite3_reset(_statement); // its code repeats the one of Step

    /// <summary>Runs a statement without values or rows.</summary>
    internal void Run()
    {
        try
        {
            Step([]);
        }
        finally
        {
            Reset();
        }
    }

    internal override bool IsNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL;

    internal override long Number(int column) => raw.sqlite3_column_int64(_statement, column);

    internal override string Text(int column) => Encoding.UTF8.GetString(raw.sqlite3_column_blob(_statement, column));

    internal override decimal Amount(int column) => decimal.Parse(raw.sqlite3_column_blob(_statement, column), NumberStyles.Number, CultureInfo.InvariantCulture);

    public void Dispose() => _statement.Dispose();

    private void Bind(int index, in SqlValue value)
    {
        if (value.IsNull)
        {
            Check(raw.sqlite3_bind_null(_statement, index));
        }
        else if (value.Kind == SqlKind.Number)
        {
            Check(raw.sqlite3_bind_int64(_statement, index, value.Number));
        }
        else if (value.Kind == SqlKind.Amount)
        {
            Span<byte> text = stackalloc byte[LongestAmount];
            value.Amount.TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
            Check(raw.sqlite3_bind_text(_statement, index, text[..length]));
        }
        else
        {
            BindText(index, value.Text!);
        }
    }

    private void BindText(int index, string value)
    {
        if (value.Length * 3 > LongestShortText)
        {
            Check(raw.sqlite3_bind_text(_statement, index, Encoding.UTF8.GetBytes(value)));
            return;
        }

        Span<byte> text = stackalloc byte[LongestShortText];
        Check(raw.sqlite3_bind_text(_statement, index, text[..Encoding.UTF8.GetBytes(value, text)]));
    }

    private void Check(int code)
    {
        if (code != raw.SQLITE_OK)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }
    }
}
