using System.Runtime.InteropServices;

namespace Tramontane.Cli.Serving;

/// <summary>Ctrl-C and SIGTERM: the first asks to stop, the second to stop at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _second = new();
    private readonly PosixSignalRegistration[] _registrations;

    /// <summary>Takes the signals over from the runtime, which would end the process.</summary>
    public StopSignals() => _registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];

    /// <summary>Ends with the first signal.</summary>
    public Task First => _first.Task;

    /// <summary>Cancelled with the second signal.</summary>
    public CancellationToken Second => _second.Token;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations)
        {
            registration.Dispose();
        }

        _second.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (!_first.TrySetResult())
        {
            _second.Cancel();
        }
    }
}
