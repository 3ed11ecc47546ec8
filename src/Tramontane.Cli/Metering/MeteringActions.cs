using System.CommandLine;
using Tramontane.Cli.CommandLine;
using Tramontane.Metering;

namespace Tramontane.Cli.Metering;

/// <summary>Bodies of commands that work on keys, prices and the ledger.</summary>
internal static class MeteringActions
{
    /// <summary>Adds the options that name the database, and opens it for the body.</summary>
    public static void SetMeteringBody(this Command command, Func<Meter, ParseResult, Task> body)
    {
        var arguments = new MeteringArguments();
        arguments.AddTo(command);
        command.SetBody(async result =>
        {
            await using Meter meter = await arguments.OpenAsync(result);
            try
            {
                await body(meter, result);
            }
            catch (Exception e) when (e is MeteringException or NotSupportedException)
            {
                throw new CommandFailure(e.Message);
            }
        });
    }
}
