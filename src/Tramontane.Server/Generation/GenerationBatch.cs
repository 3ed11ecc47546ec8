using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;
using Tramontane.Server.Observability;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Generation;

/// <summary>What one step added to one of a request's answers.</summary>
/// <param name="Choice">Which answer, from 0.</param>
/// <param name="Update">What was added.</param>
internal readonly record struct ChoiceUpdate(int Choice, GenerationUpdate Update);

/// <summary>The sequences of one HTTP request: all accepted, or none. Disposing it cancels what still runs and settles what it used.</summary>
internal sealed class GenerationBatch : IAsyncDisposable
{
    /// <summary>Updates that may wait for a slow reader; then its sequences are no longer asked for more.</summary>
    private const int MaxBufferedUpdates = 64;

    private readonly IReadOnlyList<IAsyncEnumerable<ChoiceUpdate>> _sequences;
    private readonly CancellationTokenSource _cancellation;
    private readonly Charge _charge;

    private GenerationBatch(
        IReadOnlyList<IAsyncEnumerable<ChoiceUpdate>> sequences, IReadOnlyList<int> prompt, CancellationTokenSource cancellation, RequestMeasurement measurement, Charge charge)
    {
        _charge = charge;
        _sequences = sequences;
        Prompt = prompt;
        _cancellation = cancellation;
        Measurement = measurement;
    }

    /// <summary>Times and counts of this request, complete when the updates have ended.</summary>
    internal RequestMeasurement Measurement { get; }

    /// <summary>What has been used, and once that is settled, what it cost. Settled before the last update comes out of <see cref="UpdatesAsync"/>.</summary>
    internal Bill Bill => new(Measurement.Tokens, _charge.Record);

    /// <summary>The token ids of the first prompt, which is the only one of a chat.</summary>
    internal IReadOnlyList<int> Prompt { get; }

    /// <summary>Number of answers.</summary>
    internal int Count => _sequences.Count;

    /// <summary>Queues every request, or gives the refusal and queues none.</summary>
    internal static (GenerationBatch? Batch, ApiError? Error) Start(
        IInferenceEngine engine, IReadOnlyList<SequenceRequest> requests, string promptField, RequestMeasurement measurement, Charge charge, CancellationToken aborted)
    {
        var cancellation = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var sequences = new List<IAsyncEnumerable<ChoiceUpdate>>(requests.Count);
        foreach (SequenceRequest request in requests)
        {
            // Step 5: into the engine's bounded queue. From here on only messages are exchanged with its thread.
            Submission submission;
            try
            {
                submission = engine.Submit(request.Request, cancellation.Token);
            }
            catch
            {
                cancellation.Cancel(); // those before it
                cancellation.Dispose();
                throw;
            }

            if (submission.Updates is null)
            {
                cancellation.Cancel(); // those before it
                cancellation.Dispose();
                return (null, submission.Refusal switch
                {
                    SubmissionRefusal.PromptTooLong => ApiError.ContextLengthExceeded(promptField, engine.Model.ContextLength, request.Request.PromptTokens.Count),
                    SubmissionRefusal.QueueFull => ApiError.Overloaded(),
                    _ => ApiError.EngineStopped(),
                });
            }

            sequences.Add(request.FilterAsync(sequences.Count, submission.Updates, CancellationToken.None));
        }

        return (new GenerationBatch(sequences, requests[0].Request.PromptTokens, cancellation, measurement, charge), null);
    }

    /// <summary>The updates of all answers as they come; those of one answer in order.</summary>
    internal async IAsyncEnumerable<ChoiceUpdate> UpdatesAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // The engine knows the token of the batch alone, so a reader that stops must stop the batch.
        using CancellationTokenRegistration stop = cancellationToken.Register(_cancellation.Cancel);
        int unfinished = _sequences.Count;
        bool isCut = false;
        await foreach (ChoiceUpdate update in _sequences.Count == 1 ? _sequences[0] : MergedAsync(_cancellation.Token))
        {
            unfinished -= update.Update.FinishReason is null ? 0 : 1;
            isCut |= update.Update.FinishReason is FinishReason.Length;
            Measurement.Observe(update);
            if (unfinished == 0)
            {
                await SettleAsync(isCut ? RequestOutcome.Length : RequestOutcome.Completed); // whoever sees the end, and a cost, sees what the ledger holds
            }

            yield return update;
        }

        _cancellation.Token.ThrowIfCancellationRequested();
        if (unfinished > 0)
        {
            throw new InvalidOperationException($"{unfinished} of {_sequences.Count} sequences ended without a last update.");
        }
    }

    /// <summary>Step 10: writes what was used, once. Later calls change nothing.</summary>
    internal ValueTask SettleAsync(RequestOutcome outcome) => _charge.SettleAsync(outcome, Measurement.Tokens, Measurement.FirstTokenAt);

    public async ValueTask DisposeAsync()
    {
        await _cancellation.CancelAsync();
        _cancellation.Dispose();
        await SettleAsync(RequestOutcome.Failed); // unless it ended otherwise
    }

    private async IAsyncEnumerable<ChoiceUpdate> MergedAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Channel<ChoiceUpdate> merged = Channel.CreateBounded<ChoiceUpdate>(new BoundedChannelOptions(MaxBufferedUpdates) { SingleReader = true });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task pumps = Task.WhenAll(_sequences.Select(sequence => PumpAsync(sequence, merged.Writer, stop.Token)));
        Task completion = pumps.ContinueWith(
            done => merged.Writer.TryComplete(done.Exception?.InnerException), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        try
        {
            await foreach (ChoiceUpdate update in merged.Reader.ReadAllAsync(stop.Token))
            {
                yield return update;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await completion; // never throws: the fault, if any, went through the channel
        }
    }

    private static async Task PumpAsync(IAsyncEnumerable<ChoiceUpdate> sequence, ChannelWriter<ChoiceUpdate> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (ChoiceUpdate update in sequence.WithCancellation(cancellationToken))
            {
                await writer.WriteAsync(update, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            writer.TryComplete(e); // one broken answer ends them all, at once
        }
    }
}
