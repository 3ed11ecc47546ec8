using System.Globalization;
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
            ApiError? refusal = Refusal("requests", buckets.Requests, 1) ?? Refusal("tokens", buckets.Tokens, promptTokens);
            if (refusal is null)
            {
                buckets.Requests?.Take(1);
                buckets.Tokens?.Take(promptTokens);
            }

            bool isAnthropic = ClientStyle.Of(context).IsAnthropic;
            Tell(context.Response.Headers, isAnthropic, "requests", buckets.Requests);
            Tell(context.Response.Headers, isAnthropic, "tokens", buckets.Tokens);
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

    /// <summary>A duration as OpenAI writes it: <c>12ms</c>, <c>1s</c>, <c>6m0s</c>.</summary>
    internal static string Duration(TimeSpan span)
    {
        long milliseconds = (long)Math.Ceiling(span.TotalMilliseconds);
        long seconds = (milliseconds + 999) / 1000;
        return milliseconds < 1000 ? $"{milliseconds}ms" : seconds < 60 ? $"{seconds}s" : $"{seconds / 60}m{seconds % 60}s";
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

    private void Tell(IHeaderDictionary headers, bool isAnthropic, string limit, TokenBucket? bucket)
    {
        if (bucket is null)
        {
            return;
        }

        string perMinute = bucket.PerMinute.ToString(CultureInfo.InvariantCulture);
        string remaining = bucket.Remaining.ToString(CultureInfo.InvariantCulture);
        if (!isAnthropic)
        {
            headers[$"x-ratelimit-limit-{limit}"] = perMinute;
            headers[$"x-ratelimit-remaining-{limit}"] = remaining;
            headers[$"x-ratelimit-reset-{limit}"] = Duration(bucket.UntilFull);
            return;
        }

        string reset = (time.GetUtcNow() + bucket.UntilFull).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string[] names = limit == "tokens" ? ["tokens", "input-tokens", "output-tokens"] : [limit]; // one allowance for both
        foreach (string name in names)
        {
            headers[$"anthropic-ratelimit-{name}-limit"] = perMinute;
            headers[$"anthropic-ratelimit-{name}-remaining"] = remaining;
            headers[$"anthropic-ratelimit-{name}-reset"] = reset;
        }
    }

    private sealed record Buckets(TokenBucket? Requests, TokenBucket? Tokens);
}
