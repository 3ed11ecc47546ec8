using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Auth;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Administration;

/// <summary>What was used: everybody's for administrators, their own for everybody.</summary>
internal sealed class UsageEndpoint(Meter meter, TimeProvider time)
{
    private static readonly Dictionary<string, UsageGrouping> s_groups = new(StringComparer.Ordinal)
    {
        ["day"] = UsageGrouping.Day, ["account"] = UsageGrouping.Account, ["key"] = UsageGrouping.Key, ["model"] = UsageGrouping.Model,
        ["dialect"] = UsageGrouping.Dialect, ["outcome"] = UsageGrouping.Outcome,
    };

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/usage/me", AdminErrors.Answer(MineAsync));
        routes.MapGet("/v1/admin/usage", AdminErrors.Answer(SumsAsync));
        routes.MapGet("/v1/admin/requests", AdminErrors.Answer(LedgerAsync));
    }

    /// <summary>The caller's own: its key's, or its account's when it has none.</summary>
    private async Task MineAsync(HttpContext context)
    {
        Caller caller = context.Features.Get<Caller>() ?? Caller.Anyone;
        UsageQuery? query = ReadQuery(context, out UsageGrouping grouping, out ApiError? error);
        if (query is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        query = query with { AccountId = caller.AccountId, KeyId = caller.KeyId };
        ApiKey? key = caller.KeyId is { } id ? await meter.Keys.GetAsync(id, context.RequestAborted) : null;
        Account? account = await meter.Accounts.GetAsync(caller.AccountId, context.RequestAborted);
        await WriteAsync(context, query, grouping, key is null ? null : KeyReply.From(key), account is null ? null : AccountReply.From(account));
    }

    private async Task SumsAsync(HttpContext context)
    {
        UsageQuery? query = ReadQuery(context, out UsageGrouping grouping, out ApiError? error);
        await (query is null ? JsonReply.WriteErrorAsync(context, error!) : WriteAsync(context, query, grouping));
    }

    private async Task LedgerAsync(HttpContext context)
    {
        UsageQuery? query = ReadQuery(context, out _, out ApiError? error);
        long after = 0, limit = 1000;
        if (query is null || !TryReadNumber(context, "after", 0, long.MaxValue, ref after, out error) || !TryReadNumber(context, "limit", 1, UsageReports.LargestPage, ref limit, out error))
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        LedgerReply[] page = [.. (await meter.Usage.RecordsAsync(query, after, (int)limit, context.RequestAborted)).Select(LedgerReply.From)];
        await (WantsCsv(context)
            ? WriteCsvAsync(context, UsageCsv.OfLedger(page))
            : JsonReply.WriteAsync(context, StatusCodes.Status200OK, new AdminList<LedgerReply> { Data = page }, AdminJson.Relaxed.LedgerPage));
    }

    private async Task WriteAsync(HttpContext context, UsageQuery query, UsageGrouping grouping, KeyReply? key = null, AccountReply? account = null)
    {
        UsageRowReply[] data = [.. (await meter.Usage.SummarizeAsync(query, grouping, context.RequestAborted)).Select(UsageRowReply.From)];
        if (WantsCsv(context))
        {
            await WriteCsvAsync(context, UsageCsv.OfSums(data));
            return;
        }

        var reply = new UsageReply
        {
            From = query.From,
            To = query.To,
            Data = data,
            Totals = [.. (await meter.Usage.SummarizeAsync(query, UsageGrouping.None, context.RequestAborted)).Select(UsageRowReply.From)],
            Key = key,
            Account = account,
        };
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, AdminJson.Relaxed.UsageReply);
    }

    /// <summary>The last 30 days unless the query says otherwise.</summary>
    private UsageQuery? ReadQuery(HttpContext context, out UsageGrouping grouping, out ApiError? error)
    {
        grouping = UsageGrouping.None;
        DateTimeOffset tomorrow = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1);
        DateTimeOffset from = tomorrow.AddDays(-30), to = tomorrow;
        if (!TryReadTime(context, "from", ref from, out error) || !TryReadTime(context, "to", ref to, out error))
        {
            return null;
        }

        foreach (string word in context.Request.Query["group_by"].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)))
        {
            if (!s_groups.TryGetValue(word, out UsageGrouping group))
            {
                error = AdminErrors.BadQuery("group_by", $"'group_by' knows {string.Join(", ", s_groups.Keys)}, found '{word}'.");
                return null;
            }

            grouping |= group;
        }

        return new UsageQuery { From = from, To = to, AccountId = Text(context, "account_id"), KeyId = Text(context, "key_id"), Model = Text(context, "model") };
    }

    private static string? Text(HttpContext context, string name) => context.Request.Query[name] is [{ Length: > 0 } value] ? value : null;

    private static bool TryReadTime(HttpContext context, string name, ref DateTimeOffset time, out ApiError? error)
    {
        error = null;
        if (Text(context, name) is { } text && !AdminFieldReader.TryReadTime(text, out time))
        {
            error = AdminErrors.BadQuery(name, $"'{name}' must be a day or a time such as 2026-05-08 or 2026-05-08T17:08:00Z, found '{text}'.");
        }

        return error is null;
    }

    private static bool TryReadNumber(HttpContext context, string name, long least, long most, ref long value, out ApiError? error)
    {
        error = null;
        if (Text(context, name) is { } text && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= least && value <= most))
        {
            error = AdminErrors.BadQuery(name, $"'{name}' must be a whole number from {least} to {most}, found '{text}'.");
        }

        return error is null;
    }

    private static bool WantsCsv(HttpContext context) => Text(context, "format") is { } format
        ? format == "csv"
        : context.Request.Headers.Accept.ToString().Contains("text/csv", StringComparison.OrdinalIgnoreCase);

    private static Task WriteCsvAsync(HttpContext context, string table)
    {
        context.Response.ContentType = UsageCsv.ContentType;
        context.Response.Headers.ContentDisposition = "attachment; filename=\"usage.csv\"";
        return context.Response.WriteAsync(table, Encoding.UTF8, context.RequestAborted);
    }
}
