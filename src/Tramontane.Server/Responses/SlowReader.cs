using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Tramontane.Server.Responses;

/// <summary>Waits for a client to take what was written, and cuts it off when it takes nothing for too long.</summary>
internal static class SlowReader
{
    /// <exception cref="OperationCanceledException">The client is gone, or took nothing for <see cref="ServerOptions.SlowReaderTimeoutSeconds"/>, after which the connection is closed.</exception>
    internal static async ValueTask WaitAsync(HttpContext context, Task write)
    {
        IServiceProvider services = context.RequestServices;
        TimeSpan timeout = TimeSpan.FromSeconds(services.GetRequiredService<ServerOptions>().SlowReaderTimeoutSeconds);
        try
        {
            await write.WaitAsync(timeout, services.GetRequiredService<TimeProvider>());
        }
        catch (TimeoutException)
        {
            context.Abort();
        }

        context.RequestAborted.ThrowIfCancellationRequested();
    }
}
