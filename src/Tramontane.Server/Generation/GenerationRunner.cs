using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tramontane.Grammar;
using Tramontane.Inference.Engine;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;
using Tramontane.Server.Auth;
using Tramontane.Server.Limits;
using Tramontane.Server.Observability;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Generation;

/// <summary>Takes an accepted request to its end: the same updates, streamed or folded into one reply.</summary>
internal sealed partial class GenerationRunner(IInferenceEngine engine, RateLimiter limiter, Accountant accountant, ILogger<GenerationRunner> logger)
{
    private const string Cancelled = "cancelled";

    /// <summary>Queues the sequences, or gives the refusal.</summary>
    internal async ValueTask<(GenerationBatch? Batch, ApiError? Error)> StartAsync(
        IReadOnlyList<SequenceRequest> requests, string promptField, RequestMeasurement measurement, HttpContext context)
    {
        long promptTokens = requests.DistinctBy(r => r.Request.PromptTokens).Sum(r => (long)r.Request.PromptTokens.Count);
        ApiError? error = limiter.Admit(context, promptTokens);
        Charge charge = Charge.None;
        GenerationBatch? batch = null;
        if (error is null)
        {
            (charge, error) = await accountant.AdmitAsync(context, requests, promptTokens);
        }

        if (error is null)
        {
            // What one key computed is never reused for another, and the keys share the engine fairly.
            string? tenant = context.Features.Get<Caller>()?.Tenant;
            int? share = charge.MaxCompletionTokens / requests.Count; // of a request that named no limit and whose key has one
            try
            {
                (batch, error) = GenerationBatch.Start(
                    engine,
                    [.. requests.Select(r => r with { Request = r.Request with { Tenant = tenant, MaxTokens = r.Request.MaxTokens ?? share } })],
                    promptField,
                    measurement,
                    charge,
                    context.RequestAborted);
            }
            catch
            {
                measurement.Complete(ApiError.ServerFault);
                await charge.SettleAsync(RequestOutcome.Failed, measurement.Tokens, measurement.FirstTokenAt);
                throw;
            }
        }

        if (error is not null)
        {
            measurement.Complete(error.Type);
            await charge.ReleaseAsync(); // nothing has begun
        }

        return (batch, error);
    }

    /// <summary>Step 9: updates become events as they come. What breaks now can only be told inside the stream.</summary>
    internal async Task StreamAsync(HttpContext context, GenerationBatch batch, ServerSentEvents events, IEventWriter writer)
    {
        try
        {
            writer.Begin();
            await events.FlushAsync();
            await events.RelayAsync(batch.UpdatesAsync(), writer.Write);
            writer.End();
            await events.FlushAsync();
            await EndAsync(context, batch, error: null);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested)
        {
            await EndAsync(context, batch, Cancelled);
        }
        catch (GrammarException e)
        {
            await EndAsync(context, batch, ApiError.InvalidRequest);
            writer.Fail(ApiError.Of(e));
            await events.FlushAsync();
        }
        catch (Exception e)
        {
            Log.GenerationFailed(logger, e, context.TraceIdentifier);
            await EndAsync(context, batch, ApiError.ServerFault);
            writer.Fail(ApiError.Of(e));
            await events.FlushAsync();
        }
    }

    /// <summary>Step 9 for those who do not stream: all updates, then the caller writes one reply.</summary>
    internal async Task FoldAsync(HttpContext context, GenerationBatch batch, Action<ChoiceUpdate> add)
    {
        string? error = ApiError.ServerFault;
        try
        {
            await foreach (ChoiceUpdate update in batch.UpdatesAsync())
            {
                add(update);
            }

            error = null;
        }
        catch (GrammarException)
        {
            error = ApiError.InvalidRequest;
            throw;
        }
        finally
        {
            await EndAsync(context, batch, context.RequestAborted.IsCancellationRequested ? Cancelled : error);
        }
    }

    private async ValueTask EndAsync(HttpContext context, GenerationBatch batch, string? error)
    {
        RequestMeasurement measurement = batch.Measurement;
        measurement.Complete(error);
        // Unless it was whole. What the client itself ended is paid: by leaving, or by a constraint that cannot be followed to its end.
        await batch.SettleAsync(error is Cancelled or ApiError.InvalidRequest ? RequestOutcome.Aborted : RequestOutcome.Failed);
        limiter.Charge(context, measurement.Tokens.CompletionTokens);
        TokenUsage tokens = measurement.Tokens;
        Log.RequestEnded(
            logger, context.TraceIdentifier, error ?? "completed", batch.Count, tokens.PromptTokens, tokens.CachedTokens, tokens.CompletionTokens, measurement.Seconds);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Information, "Request {RequestId} {Outcome}: {Choices} answers, {PromptTokens} prompt tokens ({CachedTokens} cached), {CompletionTokens} completion tokens, {Seconds:F3} s.")]
        public static partial void RequestEnded(
            ILogger logger, string requestId, string outcome, int choices, int promptTokens, int cachedTokens, int completionTokens, double seconds);

        [LoggerMessage(LogLevel.Error, "Generation for request {RequestId} failed.")]
        public static partial void GenerationFailed(ILogger logger, Exception exception, string requestId);
    }
}
