using System.CommandLine;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Terminal;
using Tramontane.Metering;

namespace Tramontane.Cli.Metering;

/// <summary>Where keys, prices and the ledger are: the options that every command about them shares.</summary>
internal sealed class MeteringArguments
{
    private const string FileName = "metering.db";

    private readonly Option<string?> _data = new("--data")
    {
        Description = "The folder for keys, prices and the ledger. Left out: tramontane in the user's data folder.", HelpName = "DIR",
    };

    private readonly Option<string?> _database = new("--database")
    {
        Description = "A PostgreSQL connection string (Host=…;Database=… or postgresql://…), for several servers; instead of --data.", HelpName = "CONNECTION",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_database);
    }

    /// <summary>The database that the options name: a SQLite file or a connection string.</summary>
    public string Database(ParseResult result) => (result.GetValue(_data), result.GetValue(_database)) switch
    {
        (not null, not null) => throw new CommandFailure("--data and --database exclude each other: give one of them.", CommandFailure.Usage),
        (_, { } connection) => connection,
        (var folder, _) => Path.Combine(folder ?? DefaultFolder, FileName),
    };

    /// <summary>The SQLite file that the options name.</summary>
    /// <exception cref="CommandFailure">They name a PostgreSQL database.</exception>
    public string File(ParseResult result) => result.GetValue(_database) is null
        ? Database(result)
        : throw new CommandFailure("PostgreSQL restores with its own tools: see pg_restore, and docs/metering.md.", CommandFailure.Usage);

    /// <summary>Opens the database; the caller disposes it.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="serves">A server is to be run; otherwise it is for looking and administrating beside one.</param>
    /// <param name="instance">The server's name, when it has a lasting one.</param>
    /// <exception cref="CommandFailure">It cannot be opened.</exception>
    public async Task<Meter> OpenAsync(ParseResult result, bool serves = false, string? instance = null)
    {
        try
        {
            return await Meter.OpenAsync(new MeterOptions { Database = Database(result), Serves = serves, InstanceName = instance, OnUpkeepFault = serves ? TellFault : null });
        }
        catch (MeteringException e)
        {
            throw new CommandFailure(e.Fault == MeteringFault.InUse
                ? $"{e.Message.TrimEnd('.')}. Give this server another --data folder, or both one PostgreSQL --database."
                : e.Message);
        }
    }

    private static void TellFault(string what, Exception fault) => Notices.Warn($"The metering database fails at {what}: {fault.Message} This goes on trying.");

    // $XDG_DATA_HOME/tramontane, usually below ~/.local/share; Application Support on macOS, AppData\Local on Windows.
    private static string DefaultFolder =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "tramontane");
}
