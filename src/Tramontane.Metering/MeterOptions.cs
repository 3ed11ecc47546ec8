namespace Tramontane.Metering;

/// <summary>How a <see cref="Meter"/> is opened.</summary>
public sealed record MeterOptions
{
    /// <summary>
    /// A SQLite file, or a PostgreSQL connection string: <c>Host=…;Database=…</c> or <c>postgresql://user@host/database</c>.
    /// The file and its folder are created.
    /// </summary>
    public required string Database { get; init; }

    /// <summary>
    /// True for a server: it may admit requests, holds a lease, closes what lost servers left open, and on SQLite is the only one.
    /// False for tools that look and administrate beside it.
    /// </summary>
    public bool Serves { get; init; } = true;

    /// <summary>
    /// A stable name of this server, such as host and port. A start under the same name closes what the last process of that
    /// name left open at once, instead of after its lease, provided that its connection to the database has ended: a living
    /// server of the same name is left alone. Null: no such name.
    /// </summary>
    public string? InstanceName { get; init; }

    /// <summary>How long a server may be silent before others close its open requests as crashed. Servers' clocks must agree far better than this.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often changes by other processes are looked for: keys, prices. A revoked key is refused at admission at once regardless.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// Told when work in the background begins to fail, with what it is in words: reading keys and prices, renewing the lease.
    /// From any thread; must not throw. Null: nobody is told.
    /// </summary>
    public Action<string, Exception>? OnUpkeepFault { get; init; }

    /// <summary>How long an operation may wait for a database that does not answer.</summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The clock; tests set their own.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
