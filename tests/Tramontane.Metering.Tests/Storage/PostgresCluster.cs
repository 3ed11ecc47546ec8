using System.Diagnostics;
using Npgsql;

namespace Tramontane.Metering.Tests.Storage;

/// <summary>
/// A PostgreSQL cluster of these tests alone: in a temp folder, over a Unix socket, with no network. A shell holds it, which
/// stops it as soon as this process closes the pipe, however it ends.
/// </summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"tramontane-pg-{Guid.NewGuid():N}"[..24]);
    private string _programs = "";
    private Process? _shell;
    private int _databases;

    public async Task InitializeAsync()
    {
        string bin = _programs = FindPrograms();
        // PostgreSQL refuses to run as root: then it runs as the user that its package has made.
        string[] asUser = Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : [];
        string owner = asUser.Length > 0 ? "-o postgres -g postgres" : "";
        string run = string.Join(' ', asUser);
        string script = $"""
            set -e
            install -d -m 700 {owner} {_folder}
            cd {_folder}
            {run} {bin}/initdb -D {_folder}/data -A trust -U postgres -E UTF8 --locale=C --no-sync >{_folder}.log 2>&1
            {run} {bin}/pg_ctl -D {_folder}/data -w -l {_folder}/server.log \
                -o "-c listen_addresses= -c unix_socket_directories={_folder} -c fsync=off -c max_connections=200" start >>{_folder}.log 2>&1
            echo ready
            read _ || true
            {run} {bin}/pg_ctl -D {_folder}/data -m immediate -w stop >/dev/null 2>&1 || true
            cd /
            rm -rf {_folder} {_folder}.log
            """;
        _shell = Process.Start(new ProcessStartInfo("sh", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (await _shell.StandardOutput.ReadLineAsync() != "ready")
        {
            throw new InvalidOperationException($"PostgreSQL did not start: {await File.ReadAllTextAsync(_folder + ".log")}");
        }
    }

    public async Task DisposeAsync()
    {
        if (_shell is not null)
        {
            NpgsqlConnection.ClearAllPools();
            _shell.StandardInput.Close();
            await _shell.WaitForExitAsync();
            _shell.Dispose();
        }
    }

    /// <summary>Where its socket is.</summary>
    internal string Folder => _folder;

    /// <param name="isOwn">A database of its own, which takes longer to make; otherwise a schema, which to a meter is the same.</param>
    internal async Task<ITestDatabase> CreateDatabaseAsync(bool isOwn)
    {
        string name = $"test{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync("postgres", $"CREATE {(isOwn ? "DATABASE" : "SCHEMA")} {name}");
        return new Database(isOwn ? StringOf(name) : $"{StringOf("postgres")};Search Path={name}");
    }

    internal async Task ExecuteAsync(string database, string text)
    {
        await using var connection = new NpgsqlConnection(StringOf(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(text, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Runs one of PostgreSQL's programs on a database and gives its exit code.</summary>
    internal async Task<int> RunAsync(string program, params string[] arguments)
    {
        using Process process = Process.Start(Path.Combine(_programs, program), ["-h", _folder, "-U", "postgres", .. arguments]);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    private string StringOf(string database) => $"Host={_folder};Username=postgres;Database={database}";

    private static string FindPrograms()
    {
        IEnumerable<string> folders = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(d => int.TryParse(Path.GetFileName(d), out int version) ? version : 0).Select(d => Path.Combine(d, "bin"))
            : [];
        return folders.Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")) && File.Exists(Path.Combine(d, "pg_ctl")))
            ?? throw new InvalidOperationException("These tests need PostgreSQL's server: install Debian's package postgresql, as ./test.sh does.");
    }

    private sealed class Database(string name) : ITestDatabase
    {
        public string Name => name;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask; // the whole cluster goes
    }
}

/// <summary>PostgreSQL databases in the cluster of <see cref="PostgresCollection"/>.</summary>
public sealed class PostgresSource(PostgresCluster cluster, bool isOwn = false) : ITestDatabaseSource
{
    public Task<ITestDatabase> CreateAsync() => cluster.CreateDatabaseAsync(isOwn);
}

/// <summary>The tests that share the cluster; one after the other.</summary>
[CollectionDefinition(Name)]
#pragma warning disable CA1515 // xunit wants it public
public sealed class PostgresCollection : ICollectionFixture<PostgresCluster>
#pragma warning restore CA1515
{
    public const string Name = "postgres";
}
