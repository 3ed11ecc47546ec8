using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Administration;

/// <summary><c>/v1/admin/accounts</c>: who pays, and what they were given.</summary>
internal sealed class AccountsEndpoint(Meter meter, RequestReader reader)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/admin/accounts", AdminErrors.Answer(ListAsync));
        routes.MapPost("/v1/admin/accounts", AdminErrors.Answer(CreateAsync));
        routes.MapGet("/v1/admin/accounts/{id}", AdminErrors.Answer(GetAsync));
        routes.MapPatch("/v1/admin/accounts/{id}", AdminErrors.Answer(UpdateAsync));
        routes.MapGet("/v1/admin/accounts/{id}/credits", AdminErrors.Answer(ListCreditsAsync));
        routes.MapPost("/v1/admin/accounts/{id}/credits", AdminErrors.Answer(AddCreditAsync));
    }

    private async Task ListAsync(HttpContext context)
    {
        List<Account> accounts = await meter.Accounts.ListAsync(context.RequestAborted);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, new AdminList<AccountReply> { Data = [.. accounts.Select(AccountReply.From)] }, AdminJson.Relaxed.AccountList);
    }

    private async Task CreateAsync(HttpContext context)
    {
        (NewAccount? account, ApiError? error) = await reader.ReadAsync(context, AdminFields.Account, body =>
            new NewAccount(body["id"].String(), body["name"].Required().String() ?? "", body["prepaid"].Boolean() ?? false));
        await (account is null
            ? JsonReply.WriteErrorAsync(context, error!)
            : WriteAsync(context, await meter.Accounts.CreateAsync(account.Name, account.Prepaid, account.Id, context.RequestAborted), StatusCodes.Status201Created));
    }

    private async Task GetAsync(HttpContext context) => await WriteAsync(context, await FindAsync(context));

    private async Task UpdateAsync(HttpContext context)
    {
        Account known = await FindAsync(context);
        (Change? change, ApiError? error) = await reader.ReadAsync(context, AdminFields.AccountPatch, body =>
            new Change(body["name"].String(), body["prepaid"].Boolean(), body["closed"].Boolean()));
        await (change is null
            ? JsonReply.WriteErrorAsync(context, error!)
            : WriteAsync(context, await meter.Accounts.UpdateAsync(known.Id, change.Name, change.Prepaid, change.Closed, context.RequestAborted)));
    }

    private async Task ListCreditsAsync(HttpContext context)
    {
        List<Credit> credits = await meter.Accounts.CreditsAsync((await FindAsync(context)).Id, context.RequestAborted);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, new AdminList<CreditReply> { Data = [.. credits.Select(CreditReply.From)] }, AdminJson.Relaxed.CreditList);
    }

    private async Task AddCreditAsync(HttpContext context)
    {
        Account account = await FindAsync(context);
        (NewCredit? credit, ApiError? error) = await reader.ReadAsync(context, AdminFields.Credit, body => new NewCredit
        {
            Id = body["id"].String(),
            Amount = body["amount"].Money() ?? 0,
            Currency = body["currency"].String(),
            FreeTokens = body["free_tokens"].Integer(long.MinValue, long.MaxValue) ?? 0,
            Note = body["note"].String() ?? "",
        });
        if (credit is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        Credit entry = await meter.Accounts.AddCreditAsync(account.Id, credit, context.RequestAborted);
        await JsonReply.WriteAsync(context, StatusCodes.Status201Created, CreditReply.From(entry), AdminJson.Relaxed.CreditReply);
    }

    private async Task<Account> FindAsync(HttpContext context)
    {
        string id = context.GetRouteValue("id")?.ToString() ?? "";
        return await meter.Accounts.GetAsync(id, context.RequestAborted) ?? throw new MeteringException(MeteringFault.NotFound, $"There is no account {id}.");
    }

    private static Task WriteAsync(HttpContext context, Account account, int status = StatusCodes.Status200OK) =>
        JsonReply.WriteAsync(context, status, AccountReply.From(account), AdminJson.Relaxed.AccountReply);

    private sealed record NewAccount(string? Id, string Name, bool Prepaid);

    private sealed record Change(string? Name, bool? Prepaid, bool? Closed);
}
