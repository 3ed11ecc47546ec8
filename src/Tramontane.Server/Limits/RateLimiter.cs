using Microsoft.AspNetCore.Http;
using Tramontane.Server.Auth;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Limits;

/// <summary>
/// Holds each key to its requests and tokens per minute and tells clients what is left, in the headers of their dialect.
/// Without configured limits it does nothing. Tokens of a prompt count when it is taken, those of an answer when it has ended.
/// </summary>
internal sealed class RateLimiter(ServerOptions options, TimeProvider time)
{
    private readonly Dictionary<Caller, Buckets> _byCaller = []; // one entry per configured key
    private readonly Lock _lock = new();

    /// <summary>Takes a request and its prompt from the allowance, or gives the refusal. Sets the headers either way.</summary>
    internal ApiError? Admit(HttpContext context, long promptTokens)
    {
        if (options is { RequestsPerMinute: 0, TokensPerMinute: 0 })
        {
            return null;
        }

        lock (_lock)
        {
            Buckets buckets = Of(context);
            ApiError? refusal = Refusal(RateLimitHeaders.Requests, buckets.Requests, 1) ?? Refusal(RateLimitHeaders.Tokens, buckets.Tokens, promptTokens);
            if (refusal is null)
            {
                buckets.Requests?.Take(1);
                buckets.Tokens?.Take(promptTokens);
            }

            Tell(context, RateLimitHeaders.Requests, buckets.Requests);
            Tell(context, RateLimitHeaders.Tokens, buckets.Tokens);
            return refusal;
        }
    }

    /// <summary>Takes the tokens of an answer.</summary>
    internal void Charge(HttpContext context, long completionTokens)
    {
        if (options.TokensPerMinute > 0)
        {
            lock (_lock)
            {
                Of(context).Tokens?.Take(completionTokens);
            }
        }
    }

    private static ApiError? Refusal(string limit, TokenBucket? bucket, long amount) =>
        bucket?.UntilHolds(amount) is { } wait && wait > TimeSpan.Zero ? ApiError.RateLimited(limit, bucket.PerMinute, Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds))) : null;

    private Buckets Of(HttpContext context)
    {
        Caller caller = context.Features.Get<Caller>() ?? Caller.Anyone;
        if (!_byCaller.TryGetValue(caller, out Buckets? buckets))
        {
            _byCaller[caller] = buckets = new Buckets(
                options.RequestsPerMinute > 0 ? new TokenBucket(options.RequestsPerMinute, time) : null,
                options.TokensPerMinute > 0 ? new TokenBucket(options.TokensPerMinute, time) : null);
        }

        return buckets;
    }

    private void Tell(HttpContext context, string limit, TokenBucket? bucket)
    {
        if (bucket is not null)
        {
            RateLimitHeaders.Tell(context, limit, bucket.PerMinute, bucket.Remaining, bucket.UntilFull, time);
        }
    }

    private sealed record Buckets(TokenBucket? Requests, TokenBucket? Tokens);
}
