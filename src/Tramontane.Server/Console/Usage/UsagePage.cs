using System.Text;
using Microsoft.AspNetCore.Http;
using Tramontane.Metering;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Accounting;
using Tramontane.Server.Administration;
using Tramontane.Server.Auth;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Usage;

/// <summary><c>/usage</c>: what was used, by day and by key, and <c>/usage.csv</c>.</summary>
internal sealed class UsagePage(UsageLoader loader, ReportPlaces places, ApiKeys keys, SessionGate sessions, TimeProvider time, Meter? meter = null) : IConsolePage
{
    /// <summary>The page.</summary>
    internal static PageInfo Description { get; } = new("/usage", "Usage", "Requests, tokens, cost and latency by day and key, from the ledger.", NavigationPlace.Bar, 60) { HasMarkdown = false };

    public PageInfo Info => Description;

    public async ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        if (!loader.IsMetered)
        {
            return MessageModel.Page(200, "Usage", "Nothing is metered: this server was started without a ledger. With --data FOLDER or --database CONNECTION it keeps one.");
        }

        if (request.Visitor is not { } visitor)
        {
            return new SignInModel(Info, null, !keys.IsOpen).ToPage();
        }

        UsageSelection selection = UsageSelection.Read(request.Query, visitor, request.Now);
        UsageModel model = await loader.LoadAsync(visitor, selection, request.Aborted);
        return new PageContent("Usage", typeof(UsageView), model) { IsPrivate = true, IsIndexed = false, Styles = ["usage.css"], Status = selection.Problem is null ? 200 : 400 };
    }

    /// <summary>The same selection as a table to download: its sums, or with <c>table=requests</c> its requests, the first 10,000.</summary>
    internal async Task WriteCsvAsync(HttpContext context)
    {
        if (meter is null || sessions.Identify(context) is not { } visitor)
        {
            PrivateRoutes.Redirect(context, Info.Path);
            return;
        }

        UsageSelection selection = UsageSelection.Read(context.Request.Query, visitor, time.GetUtcNow());
        if (selection.Problem is not null)
        {
            throw new MeteringException(MeteringFault.Invalid, selection.Problem);
        }

        UsageQuery query = selection.QueryFor(visitor);
        string name = context.Request.Query["table"] == "requests" ? "requests" : "usage";
        string table = await places.RunAsync(
            async () => name == "requests"
                ? UsageCsv.OfLedger([.. (await meter.Usage.RecordsAsync(query, 0, UsageReports.LargestPage, context.RequestAborted)).Select(LedgerReply.From)])
                : UsageCsv.OfSums([.. (await meter.Usage.SummarizeAsync(query, UsageGrouping.Day | selection.Grouping, cancellationToken: context.RequestAborted)).Select(UsageRowReply.From)]),
            context.RequestAborted);
        SecurityHeaders.Add(context.Response.Headers);
        context.Response.Headers.CacheControl = "no-store";
        context.Response.ContentType = UsageCsv.ContentType;
        context.Response.Headers.ContentDisposition = $"attachment; filename=\"{name}-{UsageSelection.Text(selection.First)}-{UsageSelection.Text(selection.Last)}.csv\"";
        await context.Response.WriteAsync(table, Encoding.UTF8, context.RequestAborted);
    }
}
