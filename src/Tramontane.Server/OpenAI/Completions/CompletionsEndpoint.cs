using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Inference.Engine;
using Tramontane.Server.Catalog;
using Tramontane.Server.Generation;
using Tramontane.Server.Observability;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;
using Tramontane.Tokenization;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary><c>POST /v1/completions</c>: text in, its continuation out, without the chat format.</summary>
internal sealed class CompletionsEndpoint(
    IInferenceEngine engine, ModelCatalog catalog, RequestReader reader, LargeWork largeWork, ServerOptions options, ServerMetrics metrics, ConstraintFactory constraints, GenerationRunner runner, TimeProvider time)
{
    internal void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/completions", HandleAsync);

    private async Task HandleAsync(HttpContext context)
    {
        // Step 1: the dialect.
        ClientStyle style = ClientStyle.Of(context);
        (CompletionRequest? request, ApiError? error) = await reader.ReadAsync(
            context, CompletionFields.Shape, body => CompletionReader.Read(body, style, options, engine.Model.VocabularySize));
        if (request is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        // Step 3: the ids. A text gets BOS; ids are the client's own affair.
        IReadOnlyList<int>[] prompts = await largeWork.RunAsync<IReadOnlyList<int>[]>(
            request.Prompts.Sum(p => (long)(p.Text?.Length ?? 0)), () => [.. request.Prompts.Select(p => p.Text is null ? p.Tokens : Encode(p.Text))], context.RequestAborted);
        (GenerationBatch? started, error) = await StartAsync(context, request, prompts);
        if (started is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        await using GenerationBatch batch = started;
        ReplyHead head = ReplyHead.Create("cmpl-", request.Model, engine, time, context);
        CompletionAnswer[] answers = [.. Enumerable.Range(0, batch.Count).Select(choice => new CompletionAnswer(
            engine.Tokenizer, request, request.Prompts[choice / request.ChoicesPerPrompt], prompts[choice / request.ChoicesPerPrompt]))];
        if (request.Streaming.Stream)
        {
            var events = new ServerSentEvents(context, time, options);
            await runner.StreamAsync(context, batch, events, new CompletionStream(events, head, request, style, answers, batch));
            return;
        }

        var fold = new CompletionFold(head, request, answers, new ChatLogprobsMapper(engine.Tokenizer));
        await runner.FoldAsync(context, batch, fold.Add);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, fold.ToReply(batch.Bill), OpenAIJson.Relaxed.CompletionWithUsage);
    }

    private List<int> Encode(string text)
    {
        List<int> tokens = [SpecialTokens.Bos];
        engine.Tokenizer.Encode(text, tokens);
        return tokens;
    }

    private async ValueTask<(GenerationBatch? Batch, ApiError? Error)> StartAsync(HttpContext context, CompletionRequest request, IReadOnlyList<int>[] prompts)
    {
        if (!catalog.Knows(request.Model))
        {
            return (null, ApiError.UnknownModel(request.Model));
        }

        // Step 4: what the answer must fit.
        (Constraint? constraint, ApiError? fault) = constraints.Create(request.ResponseFormat);
        if (fault is not null)
        {
            return (null, fault);
        }

        int contextLength = engine.Model.ContextLength;
        var sequences = new List<SequenceRequest>();
        foreach (IReadOnlyList<int> prompt in prompts)
        {
            // A prompt that fills the context can still be evaluated.
            if (prompt.Count > contextLength || (prompt.Count == contextLength && request.MaxTokens > 0))
            {
                return (null, ApiError.ContextLengthExceeded("prompt", contextLength, prompt.Count));
            }

            for (int i = 0; i < request.ChoicesPerPrompt; i++)
            {
                sequences.Add(new SequenceRequest(new GenerationRequest
                {
                    PromptTokens = prompt,
                    Sampling = request.Sampling with { Seed = unchecked(request.Sampling.Seed + (ulong)i) },
                    MaxTokens = Math.Min(request.MaxTokens, contextLength - prompt.Count),
                    Stop = request.ResponseFormat.IsJson ? [] : request.Stop,
                    Constraint = constraint,
                    TopLogprobs = request.Logprobs,
                    PromptLogprobs = request.Echo && request.Logprobs is { } shown ? Math.Max(shown, request.PromptLogprobs ?? 0) : request.PromptLogprobs,
                }));
            }
        }

        var measurement = new RequestMeasurement(metrics, "text_completion", sequences.Count, request.ChoicesPerPrompt, time);
        return await runner.StartAsync(sequences, "prompt", measurement, context);
    }
}
