using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Inference.Engine;
using Tramontane.Server.Catalog;
using Tramontane.Server.Generation;
using Tramontane.Server.Observability;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal sealed class ChatCompletionsEndpoint(
    IInferenceEngine engine, InstructFormat format, ModelCatalog catalog, ServerOptions options, ServerMetrics metrics, GenerationRunner runner, TimeProvider time)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/chat/completions", HandleAsync);
        routes.MapPost("/chat/completions", HandleAsync);
    }

    private async Task HandleAsync(HttpContext context)
    {
        // Step 1: the dialect, read and checked. Nothing is sent before the engine has accepted the request.
        (ChatCompletionRequest? request, ApiError? error) = await JsonRequest.ReadAsync(
            context, options, body => ChatCompletionReader.Read(body, engine.Model.VocabularySize, options.MaxSequencesPerRequest));
        if (request is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        (GenerationBatch? started, error) = Start(context, request);
        if (started is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        using GenerationBatch batch = started;
        var head = new ReplyHead(Identifiers.New("chatcmpl-"), time.GetUtcNow().ToUnixTimeSeconds(), request.Model, "fp_" + engine.Model.Fingerprint);
        var logprobs = new ChatLogprobsMapper(engine.Tokenizer);
        FirstToolCall[] limits = request.ParallelToolCalls ? [] : [.. Enumerable.Range(0, request.ChoiceCount).Select(_ => new FirstToolCall())];
        ChoiceUpdate Limit(ChoiceUpdate update) => limits.Length == 0 ? update : update with { Update = limits[update.Choice].Limit(update.Update) };
        if (request.Streaming.Stream)
        {
            var events = new ServerSentEvents(context, time, options);
            await runner.StreamAsync(context, batch, events, new ChatStream(events, head, request, logprobs, Limit));
            return;
        }

        var fold = new ChatFold(head, request, logprobs);
        await runner.FoldAsync(context, batch, update => fold.Add(Limit(update)));
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, fold.ToReply(batch.Measurement.Tokens), OpenAIJson.Relaxed.ChatCompletion);
    }

    private (GenerationBatch? Batch, ApiError? Error) Start(HttpContext context, ChatCompletionRequest request)
    {
        if (!catalog.Knows(request.Model))
        {
            return (null, ApiError.UnknownModel(request.Model));
        }

        if (!ChatPrompt.TryEncode(format, request.Conversation, out IReadOnlyList<int>? prompt, out ApiError? error))
        {
            return (null, error);
        }

        int contextLength = engine.Model.ContextLength;
        if (prompt.Count >= contextLength)
        {
            return (null, ApiError.ContextLengthExceeded("messages", contextLength, prompt.Count));
        }

        var sequences = new GenerationRequest[request.ChoiceCount];
        for (int i = 0; i < sequences.Length; i++)
        {
            sequences[i] = new GenerationRequest
            {
                PromptTokens = prompt,
                Sampling = request.Sampling with { Seed = unchecked(request.Sampling.Seed + (ulong)i) },
                MaxTokens = request.MaxTokens is { } limit ? Math.Min(limit, contextLength - prompt.Count) : null,
                Stop = request.Stop,
                AllowToolCalls = request.AllowToolCalls,
                TopLogprobs = request.TopLogprobs,
            };
        }

        var measurement = new RequestMeasurement(metrics, "chat", request.ChoiceCount, time);
        return runner.Start(sequences, "messages", measurement, context);
    }
}
