using System.CommandLine;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Metering;
using Tramontane.Metering;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane backup</c> and <c>tramontane restore</c>: copies of keys, prices and the ledger.</summary>
internal static class BackupCommands
{
    public static (Command Command, IReadOnlyList<string> Examples) CreateBackup()
    {
        var file = new Argument<string>("file") { Description = "A new file." };
        file.RefuseOptions();
        var command = new Command("backup", "Copy keys, prices and the ledger to a file, also while a server runs.") { file };
        command.SetMeteringBody((meter, result) => meter.BackUpAsync(result.GetValue(file)!));
        return (command, ["tramontane backup monday.db"]);
    }

    public static (Command Command, IReadOnlyList<string> Examples) CreateRestore()
    {
        var file = new Argument<string>("file") { Description = "What backup wrote." };
        file.RefuseOptions();
        var arguments = new MeteringArguments();
        var command = new Command("restore", "Put a backup in the place of keys, prices and the ledger; no server may run. What was there is kept beside it.") { file };
        arguments.AddTo(command);
        command.SetBody(result =>
        {
            try
            {
                Meter.Restore(result.GetValue(file)!, arguments.File(result));
            }
            catch (MeteringException e)
            {
                throw new CommandFailure(e.Message);
            }
        });
        return (command, ["tramontane restore monday.db"]);
    }
}
