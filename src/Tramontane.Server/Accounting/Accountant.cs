using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tramontane.Inference.Engine;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Prices;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Generation;
using Tramontane.Server.Limits;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Accounting;

/// <summary>Holds requests to what their key and account may still use. Without a meter everything may start and nothing is written.</summary>
internal sealed class Accountant(Meter? meter, ModelCatalog catalog, IInferenceEngine engine, TimeProvider time, ILogger<Accountant> logger)
{
    /// <summary>Step 2: reserves the most that a request can use, or gives the refusal.</summary>
    /// <param name="context">The request.</param>
    /// <param name="sequences">Its answers; those to one prompt share the same list of tokens.</param>
    /// <param name="promptTokens">Tokens of all its prompts.</param>
    internal async ValueTask<(Charge Charge, ApiError? Error)> AdmitAsync(HttpContext context, IReadOnlyList<SequenceRequest> sequences, long promptTokens)
    {
        if (meter is null)
        {
            return (Charge.None, null);
        }

        Caller caller = context.Features.Get<Caller>() ?? Caller.Anyone;
        int imageTokens = sequences.DistinctBy(s => s.Request.PromptTokens).Sum(s => s.Request.Images.Sum(image => image.Image.Grid.TokenCount));
        int contextLength = engine.Model.ContextLength;
        long mostCompletion = sequences.Sum(s => (long)(s.Request.MaxTokens ?? (contextLength - s.Request.PromptTokens.Count)));
        if (Math.Max(promptTokens, mostCompletion) > TokenCounts.Most)
        {
            return (Charge.None, ApiError.BadRequest(
                $"This request could use {promptTokens + mostCompletion} tokens in all, and one request may use {TokenCounts.Most}. Ask for fewer answers, or lower the limit of tokens.", "invalid_value"));
        }

        var request = new AdmissionRequest
        {
            RequestId = context.TraceIdentifier,
            AccountId = caller.AccountId,
            KeyId = caller.KeyId,
            Model = catalog.CanonicalId,
            Dialect = ClientStyle.DialectOf(context),
            PromptTokens = (int)promptTokens,
            ImageTokens = imageTokens,
            MaxCompletionTokens = (int)mostCompletion,
            LeastCompletionTokens = sequences.All(s => s.Request.MaxTokens is null) ? (int)Math.Min(sequences.Count, mostCompletion) : null, // who names no limit takes what there is
        };
        try
        {
            Admission admission = await meter.AdmitAsync(request, context.RequestAborted);
            Tell(context, RateLimitHeaders.Requests, admission.Allowance?.Requests);
            Tell(context, RateLimitHeaders.Tokens, admission.Allowance?.Tokens);
            return admission.Refusal is { } refusal
                ? (Charge.None, ToError(refusal))
                : (new Charge(meter, admission.Reservation!, imageTokens, logger), null);
        }
        catch (MeteringException e) when (e.Fault == MeteringFault.Unavailable)
        {
            return (Charge.None, ApiError.LedgerUnavailable());
        }
    }

    private void Tell(HttpContext context, string limit, WindowState? window)
    {
        if (window is not null)
        {
            TimeSpan wait = window.EndsAt - time.GetUtcNow();
            RateLimitHeaders.Tell(context, limit, window.Limit, window.Left, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, time);
        }
    }

    private ApiError ToError(Refusal refusal)
    {
        int? wait = refusal.OpensAt is { } opens ? (int)Math.Clamp(Math.Ceiling((opens - time.GetUtcNow()).TotalSeconds), 1, int.MaxValue)
            : refusal.Kind == RefusalKind.ConcurrentRequests ? 1 : null;
        return refusal.Category switch
        {
            RefusalCategory.Access => ApiError.KeyRefused(refusal.Message),
            RefusalCategory.Payment => ApiError.PaymentRequired(refusal.Message, wait),
            _ => ApiError.LimitReached(refusal.Message, wait),
        };
    }
}
