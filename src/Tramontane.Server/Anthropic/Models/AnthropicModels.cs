using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Anthropic.Models;

/// <summary>Writes the list of models, and one of them, in Anthropic's form.</summary>
internal static class AnthropicModels
{
    private const int DefaultLimit = 20;
    private const int MaxLimit = 1000;

    /// <param name="context">The request; <c>limit</c>, <c>after_id</c> and <c>before_id</c> choose the page.</param>
    /// <param name="models">All models.</param>
    internal static Task WriteListAsync(HttpContext context, IReadOnlyList<AnthropicModel> models)
    {
        IQueryCollection query = context.Request.Query;
        string limitText = query["limit"].ToString();
        int limit = DefaultLimit;
        if (limitText.Length > 0 && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > MaxLimit))
        {
            return JsonReply.WriteErrorAsync(context, ApiError.BadRequest(
                $"Invalid 'limit': expected an integer from 1 to {MaxLimit}.", "invalid_value", "limit", $"Input should be an integer from 1 to {MaxLimit}"));
        }

        string after = query["after_id"].ToString();
        string before = query["before_id"].ToString();
        AnthropicModel[] rest = [.. models
            .SkipWhile(m => after.Length > 0 && m.Id != after).Skip(after.Length > 0 ? 1 : 0)
            .TakeWhile(m => before.Length == 0 || m.Id != before)];
        AnthropicModel[] page = before.Length > 0 ? rest[Math.Max(0, rest.Length - limit)..] : [.. rest.Take(limit)];
        var reply = new AnthropicModelPage
        {
            Data = page,
            HasMore = page.Length < rest.Length,
            FirstId = page.FirstOrDefault()?.Id,
            LastId = page.LastOrDefault()?.Id,
        };
        return JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, AnthropicJson.Relaxed.AnthropicModelPage);
    }

    internal static AnthropicModel Create(string id, string displayName, long createdSeconds) => new()
    {
        Id = id,
        DisplayName = displayName,
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(createdSeconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
    };
}
