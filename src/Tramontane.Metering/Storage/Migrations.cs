using System.Data.Common;
using System.Globalization;
using System.Reflection;

namespace Tramontane.Metering.Storage;

/// <summary>The numbered scripts that make a database of this version out of an older one or nothing.</summary>
internal static class Migrations
{
    private const string Folder = "migrations/";

    /// <summary>Scripts by version, from 1 on without a gap.</summary>
    internal static IReadOnlyList<string> Scripts { get; } = Load();

    /// <summary>The version that this program reads and writes.</summary>
    internal static int Latest => Scripts.Count;

    /// <summary>Brings the database to this program's version, each script in a transaction.</summary>
    /// <param name="database">The database.</param>
    /// <param name="session">The writer's connection to it.</param>
    /// <param name="now">Written beside each version.</param>
    /// <param name="cancellationToken">Stops it between scripts.</param>
    /// <param name="scripts">In place of <see cref="Scripts"/>, for tests.</param>
    internal static async Task ApplyAsync(
        MeteringDatabase database, WriteSession session, long now, CancellationToken cancellationToken, IReadOnlyList<string>? scripts = null)
    {
        scripts ??= Scripts;
        int goal = scripts.Count;
        for (bool more = true; more;)
        {
            await session.BeginAsync(cancellationToken);
            try
            {
                await database.LockMigrationsAsync(session, cancellationToken);
                await database.ExecuteAsync(
                    session.Connection, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT NOT NULL)", [], cancellationToken);
                long version = await VersionAsync(database, session.Connection, cancellationToken);
                CheckVersion(version, "The database", goal);
                if (version < goal)
                {
                    await database.ExecuteAsync(session.Connection, database.Translate(scripts[(int)version]), [], cancellationToken, isPatient: true);
                    await database.ExecuteAsync(session.Connection, "INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)", [version + 1, now], cancellationToken);
                    version++;
                }

                await session.CommitAsync(cancellationToken);
                more = version < goal;
            }
            catch
            {
                await session.RollbackAsync();
                throw;
            }
        }
    }

    /// <exception cref="MeteringException"><see cref="MeteringFault.NewerDatabase"/>.</exception>
    internal static void CheckVersion(long version, string what, int? latest = null)
    {
        if (version > (latest ?? Latest))
        {
            throw new MeteringException(MeteringFault.NewerDatabase, $"{what} has schema version {version}; this program knows {latest ?? Latest}. Use the newer program, or restore an older backup.");
        }
    }

    private static async Task<long> VersionAsync(MeteringDatabase database, DbConnection connection, CancellationToken cancellationToken) =>
        (await database.QueryAsync(connection, "SELECT COALESCE(MAX(version), 0) FROM schema_version", [], row => row.Number(0), cancellationToken))[0];

    private static List<string> Load()
    {
        Assembly assembly = typeof(Migrations).Assembly;
        List<string> scripts = [];
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Folder, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            int number = int.Parse(Path.GetFileNameWithoutExtension(name[Folder.Length..]), CultureInfo.InvariantCulture);
            if (number != scripts.Count + 1)
            {
                throw new InvalidOperationException($"Migration {name} stands where {scripts.Count + 1} is expected.");
            }

            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            scripts.Add(reader.ReadToEnd());
        }

        return scripts;
    }
}
