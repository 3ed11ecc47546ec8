using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;
using Tramontane.Server.Auth;
using Tramontane.Server.Limits;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Administration;

/// <summary>What was used: everybody's for administrators, their own for everybody.</summary>
internal sealed class UsageEndpoint(Meter meter, ApiKeys keys, RateLimiter limiter, ReportPlaces places, TimeProvider time)
{
    /// <summary>Sums in one reply: days times groups may be any number.</summary>
    private const int MostRows = 10_000;

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
        if (((keys.IsOpen ? RefuseStrangers(context) : null) ?? limiter.Admit(context, promptTokens: 0)) is { } refusal)
        {
            await JsonReply.WriteErrorAsync(context, refusal);
            return;
        }

        await AnswerAsync(context, ["from", "to", "group_by", "model", "format"], async (query, grouping) =>
        {
            if (query.To - query.From > TimeSpan.FromDays(ReportPlaces.MostDays))
            {
                return ApiError.InvalidValue("from", $"The range goes over more than {ReportPlaces.MostDays} days: bring 'from' and 'to' closer together.");
            }

            query = query with { AccountId = caller.AccountId, KeyId = caller.KeyId };
            ApiKey? key = caller.KeyId is { } id ? await meter.Keys.GetAsync(id, context.RequestAborted) : null;
            Account? account = await meter.Accounts.GetAsync(caller.AccountId, context.RequestAborted);
            return await WriteAsync(context, query, grouping, key is null ? null : KeyReply.From(key), account is null ? null : AccountReply.From(account));
        });
    }

    /// <summary>On an open server what was used is for its own machine, as on the page, and no web page may read it.</summary>
    internal static ApiError? RefuseStrangers(HttpContext context)
    {
        context.Response.Headers.Remove("Access-Control-Allow-Origin");
        return context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            ? null
            : new ApiError(StatusCodes.Status403Forbidden, "While this server asks for no key, its usage is shown on its own machine alone.", "insufficient_permissions");
    }

    private Task SumsAsync(HttpContext context) => AnswerAsync(
        context, ["from", "to", "group_by", "account_id", "key_id", "model", "format"], (query, grouping) => WriteAsync(context, query, grouping));

    private Task LedgerAsync(HttpContext context) => AnswerAsync(context, ["from", "to", "account_id", "key_id", "model", "format", "after", "limit"], async (query, _) =>
    {
        long after = 0, limit = 1000;
        if (!QueryReader.TryReadNumber(context.Request.Query, "after", 0, long.MaxValue, ref after, out ApiError? error)
            || !QueryReader.TryReadNumber(context.Request.Query, "limit", 1, UsageReports.LargestPage, ref limit, out error))
        {
            return error;
        }

        LedgerReply[] page = [.. (await meter.Usage.RecordsAsync(query, after, (int)limit, context.RequestAborted)).Select(LedgerReply.From)];
        await (WantsCsv(context)
            ? WriteCsvAsync(context, UsageCsv.OfLedger(page))
            : JsonReply.WriteAsync(context, StatusCodes.Status200OK, new AdminList<LedgerReply> { Data = page }, AdminJson.Relaxed.LedgerPage));
        return null;
    });

    /// <summary>Reads the query, waits for a place, and answers with what the handler writes or refuses.</summary>
    private async Task AnswerAsync(HttpContext context, string[] known, Func<UsageQuery, UsageGrouping, Task<ApiError?>> handle)
    {
        ApiError? error = QueryReader.Check(context.Request.Query, known);
        UsageGrouping grouping = UsageGrouping.None;
        if (error is null && ReadQuery(context.Request.Query, out grouping, out error) is { } query)
        {
            error = await places.RunAsync(() => handle(query, grouping), context.RequestAborted);
        }

        if (error is not null)
        {
            await JsonReply.WriteErrorAsync(context, error);
        }
    }

    private async Task<ApiError?> WriteAsync(HttpContext context, UsageQuery query, UsageGrouping grouping, KeyReply? key = null, AccountReply? account = null)
    {
        UsageRowReply[] data = [.. (await meter.Usage.SummarizeAsync(query, grouping, MostRows + 1, context.RequestAborted)).Select(UsageRowReply.From)];
        if (data.Length > MostRows)
        {
            return ApiError.InvalidValue("group_by", $"These are more than {MostRows} sums: ask for fewer days, or group by less.");
        }

        if (WantsCsv(context))
        {
            await WriteCsvAsync(context, UsageCsv.OfSums(data));
            return null;
        }

        var reply = new UsageReply
        {
            From = query.From,
            To = query.To,
            Data = data,
            Totals = [.. (await meter.Usage.SummarizeAsync(query, UsageGrouping.None, cancellationToken: context.RequestAborted)).Select(UsageRowReply.From)],
            Key = key,
            Account = account,
        };
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, AdminJson.Relaxed.UsageReply);
        return null;
    }

    /// <summary>The last 30 days unless the query says otherwise.</summary>
    private UsageQuery? ReadQuery(IQueryCollection query, out UsageGrouping grouping, out ApiError? error)
    {
        grouping = UsageGrouping.None;
        DateTimeOffset tomorrow = new DateTimeOffset(time.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(1);
        DateTimeOffset from = tomorrow.AddDays(-30), to = tomorrow;
        if (!QueryReader.TryReadTime(query, "from", ref from, out error) || !QueryReader.TryReadTime(query, "to", ref to, out error))
        {
            return null;
        }

        foreach (string word in (QueryReader.Text(query, "group_by") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!s_groups.TryGetValue(word, out UsageGrouping group))
            {
                error = ApiError.InvalidValue("group_by", $"'group_by' knows {string.Join(", ", s_groups.Keys)}, found '{word}'.");
                return null;
            }

            grouping |= group;
        }

        if (QueryReader.Text(query, "format") is { } format && format is not ("csv" or "json"))
        {
            error = ApiError.InvalidValue("format", $"'format' is csv or json, found '{format}'.");
            return null;
        }

        return new UsageQuery { From = from, To = to, AccountId = QueryReader.Text(query, "account_id"), KeyId = QueryReader.Text(query, "key_id"), Model = QueryReader.Text(query, "model") };
    }

    private static bool WantsCsv(HttpContext context) => QueryReader.Text(context.Request.Query, "format") is { } format
        ? format == "csv"
        : context.Request.Headers.Accept.ToString().Contains("text/csv", StringComparison.OrdinalIgnoreCase);

    private static Task WriteCsvAsync(HttpContext context, string table)
    {
        context.Response.ContentType = UsageCsv.ContentType;
        context.Response.Headers.ContentDisposition = "attachment; filename=\"usage.csv\"";
        return context.Response.WriteAsync(table, Encoding.UTF8, context.RequestAborted);
    }
}
