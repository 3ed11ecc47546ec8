namespace Tramontane.Metering.Storage;

/// <summary>A statement of the hot path, written once for both databases; parameters are <c>$1</c>, <c>$2</c>, …</summary>
/// <param name="text">The text.</param>
/// <param name="rowLock">What PostgreSQL needs behind it to lock the row; SQLite has one writer at a time.</param>
internal sealed class Statement(string text, string rowLock = "")
{
    internal string Text { get; } = text;

    internal string LockingText { get; } = text + rowLock;
}

/// <summary>A parameter's value without boxing. A null keeps its kind, which PostgreSQL wants to know.</summary>
internal readonly struct SqlValue
{
    private SqlValue(SqlKind kind, bool isNull, long number = 0, decimal amount = 0, string? text = null) =>
        (Kind, IsNull, Number, Amount, Text) = (kind, isNull, number, amount, text);

    internal SqlKind Kind { get; }

    internal bool IsNull { get; }

    internal long Number { get; }

    internal decimal Amount { get; }

    internal string? Text { get; }

    public static implicit operator SqlValue(long value) => new(SqlKind.Number, false, number: value);

    public static implicit operator SqlValue(long? value) => new(SqlKind.Number, value is null, number: value ?? 0);

    public static implicit operator SqlValue(bool value) => new(SqlKind.Number, false, number: value ? 1 : 0);

    public static implicit operator SqlValue(decimal value) => new(SqlKind.Amount, false, amount: value);

    public static implicit operator SqlValue(string? value) => new(SqlKind.Text, value is null, text: value);
}

internal enum SqlKind
{
    Number,
    Amount,
    Text,
}

/// <summary>Statements to be run in order, in one round trip where there are any. Reused.</summary>
internal sealed class StatementQueue
{
    private readonly List<(Statement Statement, int Start, int Count)> _statements = [];
    private readonly List<SqlValue> _values = [];

    internal int Count => _statements.Count;

    internal void Add(Statement statement, params ReadOnlySpan<SqlValue> values)
    {
        _statements.Add((statement, _values.Count, values.Length));
        _values.AddRange(values);
    }

    internal Statement this[int index] => _statements[index].Statement;

    internal ReadOnlySpan<SqlValue> ValuesOf(int index)
    {
        (_, int start, int count) = _statements[index];
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_values).Slice(start, count);
    }

    internal void Clear()
    {
        _statements.Clear();
        _values.Clear();
    }
}
