using System.Runtime.CompilerServices;
using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>One of a request's sequences, with what the server does to its updates.</summary>
/// <param name="Request">What the engine is asked.</param>
internal sealed record SequenceRequest(GenerationRequest Request)
{
    /// <summary>Stop texts that the server looks for, because the client wants to know which of them it was.</summary>
    public IReadOnlyList<string> NamedStops { get; init; } = [];

    /// <summary>The client gets no call after the first.</summary>
    public bool OneToolCall { get; init; }

    /// <summary>The updates as the client is to see them.</summary>
    internal async IAsyncEnumerable<ChoiceUpdate> FilterAsync(
        int choice, IAsyncEnumerable<GenerationUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        FirstToolCall? limit = OneToolCall ? new FirstToolCall() : null;
        StopTextCutter? cutter = NamedStops.Count > 0 ? new StopTextCutter(NamedStops, Request.PromptTokens.Count) : null;
        await foreach (GenerationUpdate update in updates.WithCancellation(cancellationToken))
        {
            GenerationUpdate kept = limit?.Limit(update) ?? update;
            string? stopText = null;
            if (cutter is not null)
            {
                (kept, stopText) = cutter.Cut(kept);
            }

            yield return new ChoiceUpdate(choice, kept, stopText);
            if (stopText is not null)
            {
                yield break; // ending the enumeration frees the sequence
            }
        }
    }
}
