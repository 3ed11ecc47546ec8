using Microsoft.Data.Sqlite;

namespace Tramontane.Metering.Storage.Sqlite;

/// <summary>
/// Copies the write-ahead log into the database file beside the writer, once a second. Done by the writer itself, as SQLite does
/// by default, its two fsyncs would hold up whoever commits next, several times a second under load.
/// </summary>
internal sealed class SqliteCheckpointer : IAsyncDisposable
{
    /// <summary>
    /// The log's size in pages at which the writer helps: only a moment without new commits lets the log begin anew, and under
    /// steady load there is none. By then little is left to copy. 64 MiB.
    /// </summary>
    internal const int WriterHelpsAtPages = 16_384;

    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    internal SqliteCheckpointer(string connectionString) => _loop = Task.Run(() => LoopAsync(connectionString));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync(string connectionString)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        await using var connection = new SqliteConnection(connectionString);
        await using SqliteCommand command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)"; // waits for nobody, nobody waits for it
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    if (connection.State != System.Data.ConnectionState.Open)
                    {
                        await connection.OpenAsync(_stop.Token);
                    }

                    await command.ExecuteNonQueryAsync(_stop.Token);
                }
                catch (SqliteException)
                {
                    // Busy or out of space: the log keeps what was committed, the next round tries again.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The database closes; its last connection copies what is left.
        }
    }
}
