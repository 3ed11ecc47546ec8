using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Requests;

namespace Tramontane.Server.Limits;

/// <summary>Tells clients what is left of a limit, in the headers of their dialect. Of several limits the one with the least left is told.</summary>
internal static class RateLimitHeaders
{
    internal const string Requests = "requests", Tokens = "tokens";

    /// <param name="context">The request; its reply gets the headers.</param>
    /// <param name="limit"><see cref="Requests"/> or <see cref="Tokens"/>.</param>
    /// <param name="size">What the limit allows.</param>
    /// <param name="left">What is left of it.</param>
    /// <param name="untilFull">How long until all of it is there again.</param>
    /// <param name="time">The clock.</param>
    internal static void Tell(HttpContext context, string limit, long size, long left, TimeSpan untilFull, TimeProvider time)
    {
        IHeaderDictionary headers = context.Response.Headers;
        bool isAnthropic = ClientStyle.Of(context).IsAnthropic;
        string known = headers[isAnthropic ? $"anthropic-ratelimit-{limit}-remaining" : $"x-ratelimit-remaining-{limit}"].ToString();
        if (long.TryParse(known, NumberStyles.None, CultureInfo.InvariantCulture, out long other) && other <= left)
        {
            return; // a tighter one has been told
        }

        string allowed = size.ToString(CultureInfo.InvariantCulture), remaining = left.ToString(CultureInfo.InvariantCulture);
        if (!isAnthropic)
        {
            headers[$"x-ratelimit-limit-{limit}"] = allowed;
            headers[$"x-ratelimit-remaining-{limit}"] = remaining;
            headers[$"x-ratelimit-reset-{limit}"] = Duration(untilFull);
            return;
        }

        string reset = (time.GetUtcNow() + untilFull).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        string[] names = limit == Tokens ? ["tokens", "input-tokens", "output-tokens"] : [limit]; // one allowance for both
        foreach (string name in names)
        {
            headers[$"anthropic-ratelimit-{name}-limit"] = allowed;
            headers[$"anthropic-ratelimit-{name}-remaining"] = remaining;
            headers[$"anthropic-ratelimit-{name}-reset"] = reset;
        }
    }

    /// <summary>A duration as OpenAI writes it: <c>12ms</c>, <c>1s</c>, <c>6m0s</c>, <c>1h0m0s</c>.</summary>
    internal static string Duration(TimeSpan span)
    {
        long milliseconds = (long)Math.Ceiling(span.TotalMilliseconds);
        long seconds = (milliseconds + 999) / 1000;
        return milliseconds < 1000 ? $"{milliseconds}ms"
            : seconds < 60 ? $"{seconds}s"
            : seconds < 3600 ? $"{seconds / 60}m{seconds % 60}s"
            : $"{seconds / 3600}h{seconds / 60 % 60}m{seconds % 60}s";
    }
}
