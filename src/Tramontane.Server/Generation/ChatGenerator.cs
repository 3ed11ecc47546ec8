using Microsoft.AspNetCore.Http;
using Tramontane.Inference.Engine;
using Tramontane.Server.Catalog;
using Tramontane.Server.Observability;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Generation;

/// <summary>Starts what a dialect has read: model, prompt, context, queue. Nothing is sent to the client before.</summary>
internal sealed class ChatGenerator(
    IInferenceEngine engine, InstructFormat format, ModelCatalog catalog, ServerMetrics metrics, GenerationRunner runner, LargeWork largeWork, TimeProvider time)
{
    /// <summary>The prompt's token ids, or why there is none.</summary>
    internal ValueTask<(IReadOnlyList<int>? Prompt, ApiError? Error)> EncodeAsync(string? model, ChatConversation conversation, WireNames names, CancellationToken cancellationToken) =>
        model is not null && !catalog.Knows(model)
            ? ValueTask.FromResult<(IReadOnlyList<int>?, ApiError?)>((null, ApiError.UnknownModel(model)))
            : largeWork.RunAsync(
                ChatPrompt.Length(conversation),
                () => ChatPrompt.TryEncode(format, conversation, names, out IReadOnlyList<int>? prompt, out ApiError? error) ? (prompt, null) : ((IReadOnlyList<int>?)null, (ApiError?)error),
                cancellationToken);

    /// <summary>Queues the answers, or gives the refusal. The caller disposes the batch.</summary>
    internal async ValueTask<(GenerationBatch? Batch, ApiError? Error)> StartAsync(HttpContext context, ChatRequest request)
    {
        (IReadOnlyList<int>? prompt, ApiError? error) = await EncodeAsync(request.Model, request.Conversation, request.Names, context.RequestAborted);
        if (prompt is null)
        {
            return (null, error);
        }

        int contextLength = engine.Model.ContextLength;
        if (prompt.Count >= contextLength)
        {
            return (null, ApiError.ContextLengthExceeded(request.Names.Messages, contextLength, prompt.Count));
        }

        var sequences = new SequenceRequest[request.ChoiceCount];
        for (int i = 0; i < sequences.Length; i++)
        {
            var generation = new GenerationRequest
            {
                PromptTokens = prompt,
                Sampling = request.Sampling with { Seed = unchecked(request.Sampling.Seed + (ulong)i) },
                MaxTokens = request.MaxTokens is { } limit ? Math.Min(limit, contextLength - prompt.Count) : null,
                Stop = request.NamesStopText ? [] : request.Stop,
                AllowToolCalls = request.ToolChoice.Mode != ToolChoiceMode.None,
                TopLogprobs = request.TopLogprobs,
                PromptLogprobs = i == 0 ? request.PromptLogprobs : null,
            };
            sequences[i] = new SequenceRequest(generation)
            {
                NamedStops = request.NamesStopText ? request.Stop : [],
                OneToolCall = !request.ParallelToolCalls,
            };
        }

        var measurement = new RequestMeasurement(metrics, "chat", request.ChoiceCount, time);
        return runner.Start(sequences, request.Names.Messages, measurement, context);
    }
}
