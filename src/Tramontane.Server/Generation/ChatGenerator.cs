using Microsoft.AspNetCore.Http;
using Tramontane.Inference.Engine;
using Tramontane.Server.Catalog;
using Tramontane.Server.Images;
using Tramontane.Server.Observability;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Generation;

/// <summary>Starts what a dialect has read: model, prompt, context, queue. Nothing is sent to the client before.</summary>
internal sealed class ChatGenerator(
    IInferenceEngine engine, InstructFormat format, ModelCatalog catalog, ServerMetrics metrics, GenerationRunner runner, ImageLoader images, ConstraintFactory constraints, LargeWork largeWork, TimeProvider time)
{
    /// <summary>The prompt, or why there is none.</summary>
    internal async ValueTask<(EncodedPrompt? Prompt, ApiError? Error)> EncodeAsync(HttpContext context, string? model, ChatConversation conversation, WireNames names)
    {
        if (model is not null && !catalog.Knows(model))
        {
            return (null, ApiError.UnknownModel(model));
        }

        (LoadedConversation? loaded, ApiError? error) = await images.LoadAsync(context, conversation);
        return loaded is null ? (null, error) : await largeWork.RunAsync(ChatPrompt.Length(conversation), () => Encode(loaded, names), context.RequestAborted);
    }

    /// <summary>Queues the answers, or gives the refusal. The caller disposes the batch.</summary>
    internal async ValueTask<(GenerationBatch? Batch, ApiError? Error)> StartAsync(HttpContext context, ChatRequest request)
    {
        (EncodedPrompt? encoded, ApiError? error) = await EncodeAsync(context, request.Model, request.Conversation, request.Names);
        if (encoded is null)
        {
            return (null, error);
        }

        IReadOnlyList<int> prompt = encoded.Tokens;
        int contextLength = engine.Model.ContextLength;
        if (prompt.Count >= contextLength)
        {
            return (null, ApiError.ContextLengthExceeded(request.Names.Messages, contextLength, prompt.Count));
        }

        // Step 4: what the answer must fit.
        (Constraint? constraint, error) = await ConstrainAsync(context, request);
        if (error is not null)
        {
            return (null, error);
        }

        IReadOnlyList<string> stop = request.ResponseFormat.IsJson ? [] : request.Stop;
        var sequences = new SequenceRequest[request.ChoiceCount];
        for (int i = 0; i < sequences.Length; i++)
        {
            var generation = new GenerationRequest
            {
                PromptTokens = prompt,
                Images = encoded.Images,
                Sampling = request.Sampling with { Seed = unchecked(request.Sampling.Seed + (ulong)i) },
                MaxTokens = request.MaxTokens is { } limit ? Math.Min(limit, contextLength - prompt.Count) : null,
                Stop = stop,
                AllowToolCalls = request.ToolChoice.Mode != ToolChoiceMode.None,
                Constraint = constraint,
                TopLogprobs = request.TopLogprobs,
                PromptLogprobs = i == 0 ? request.PromptLogprobs : null,
            };
            sequences[i] = new SequenceRequest(generation)
            {
                OneToolCall = !request.ParallelToolCalls,
            };
        }

        var measurement = new RequestMeasurement(metrics, "chat", request.ChoiceCount, request.ChoiceCount, time);
        return await runner.StartAsync(sequences, request.Names.Messages, measurement, context);
    }

    private async ValueTask<(Constraint? Constraint, ApiError? Error)> ConstrainAsync(HttpContext context, ChatRequest request)
    {
        IReadOnlyList<ToolDefinition> tools = request.Conversation.Tools;
        if (request.ResponseFormat.Kind != ResponseFormatKind.Text && request.Conversation.Messages is [.., { Role: ChatRole.Assistant }])
        {
            string path = request.ResponseFormat.Path;
            return (null, ApiError.NotSupportedValue(path, $"'{path}' holds a whole answer to its form, and the last message begins one. Leave one of them out."));
        }

        long size = tools.Sum(t => (long)t.ParametersJson.Length) + (request.ResponseFormat.Source?.Length ?? 0);
        return await largeWork.RunAsync(
            size, () => constraints.Create(request.ResponseFormat, request.ToolChoice, request.ParallelToolCalls, tools, request.Names), context.RequestAborted);
    }

    private (EncodedPrompt? Prompt, ApiError? Error) Encode(LoadedConversation loaded, WireNames names) =>
        ChatPrompt.TryEncode(format, loaded.Conversation, names, out EncodedChat? chat, out ApiError? error) ? (new EncodedPrompt(chat.Tokens, loaded.Place(chat)), null) : (null, error);
}

/// <summary>A prompt as the engine takes it.</summary>
/// <param name="Tokens">Token ids.</param>
/// <param name="Images">The images behind its placeholders.</param>
internal sealed record EncodedPrompt(IReadOnlyList<int> Tokens, IReadOnlyList<PromptImage> Images);
