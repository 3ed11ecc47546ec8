using System.Runtime.CompilerServices;
using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>One of a request's sequences, with what the server does to its updates.</summary>
/// <param name="Request">What the engine is asked.</param>
internal sealed record SequenceRequest(GenerationRequest Request)
{
    /// <summary>The client gets no call after the first.</summary>
    public bool OneToolCall { get; init; }

    /// <summary>The updates as the client is to see them.</summary>
    internal async IAsyncEnumerable<ChoiceUpdate> FilterAsync(
        int choice, IAsyncEnumerable<GenerationUpdate> updates, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        FirstToolCall? limit = OneToolCall ? new FirstToolCall() : null;
        await foreach (GenerationUpdate update in updates.WithCancellation(cancellationToken))
        {
            yield return new ChoiceUpdate(choice, limit?.Limit(update) ?? update);
        }
    }
}
