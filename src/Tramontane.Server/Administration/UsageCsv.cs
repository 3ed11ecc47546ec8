using System.Globalization;
using System.Text;
using Tramontane.Metering.Prices;

namespace Tramontane.Server.Administration;

/// <summary>Usage as comma-separated values (RFC 4180), for spreadsheets.</summary>
internal static class UsageCsv
{
    internal const string ContentType = "text/csv; charset=utf-8; header=present";

    internal static string OfSums(IReadOnlyList<UsageRowReply> rows) => Table(
        "day,account_id,key_id,model,dialect,outcome,requests,errors,prompt_tokens,cached_tokens,completion_tokens,image_tokens,cost,currency,mean_milliseconds,mean_first_token_milliseconds",
        rows.Select(r => (object?[])[r.Day, r.AccountId, r.KeyId, r.Model, r.Dialect, r.Outcome, r.Requests, r.Errors, r.PromptTokens, r.CachedTokens, r.CompletionTokens, r.ImageTokens, r.Cost, r.Currency, r.MeanMilliseconds, r.MeanFirstTokenMilliseconds]));

    internal static string OfLedger(IReadOnlyList<LedgerReply> rows) => Table(
        "id,request_id,account_id,key_id,model,dialect,outcome,prompt_tokens,cached_tokens,completion_tokens,image_tokens,cost,currency,price_id,started_at,first_token_at,ended_at",
        rows.Select(r => (object?[])[r.Id, r.RequestId, r.AccountId, r.KeyId, r.Model, r.Dialect, r.Outcome, r.PromptTokens, r.CachedTokens, r.CompletionTokens, r.ImageTokens, r.Cost, r.Currency, r.PriceId, r.StartedAt, r.FirstTokenAt, r.EndedAt]));

    private static string Table(string header, IEnumerable<object?[]> rows)
    {
        var text = new StringBuilder(header).Append("\r\n");
        foreach (object?[] row in rows)
        {
            text.AppendJoin(',', row.Select(Cell)).Append("\r\n");
        }

        return text.ToString();
    }

    private static string Cell(object? value) => value switch
    {
        null => "",
        decimal money => Money.Format(money),
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        string words => Quote(words),
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    // A cell that begins like a formula is one to spreadsheets; an apostrophe makes it text.
    private static string Quote(string text)
    {
        string safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny(",\"\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
