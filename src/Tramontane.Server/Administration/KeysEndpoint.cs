using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Metering.Budgets;
using Tramontane.Metering.Keys;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Administration;

/// <summary><c>/v1/admin/keys</c>: list, make, look at, change, rotate and revoke.</summary>
internal sealed class KeysEndpoint(Meter meter, RequestReader reader)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/admin/keys", AdminErrors.Answer(ListAsync));
        routes.MapPost("/v1/admin/keys", AdminErrors.Answer(CreateAsync));
        routes.MapGet("/v1/admin/keys/{id}", AdminErrors.Answer(GetAsync));
        routes.MapPatch("/v1/admin/keys/{id}", AdminErrors.Answer(UpdateAsync));
        routes.MapDelete("/v1/admin/keys/{id}", AdminErrors.Answer(RevokeAsync));
        routes.MapPost("/v1/admin/keys/{id}/rotate", AdminErrors.Answer(RotateAsync));
    }

    private async Task ListAsync(HttpContext context)
    {
        if (QueryReader.Check(context.Request.Query, "account_id") is { } error)
        {
            await JsonReply.WriteErrorAsync(context, error);
            return;
        }

        List<ApiKey> keys = await meter.Keys.ListAsync(QueryReader.Text(context.Request.Query, "account_id"), context.RequestAborted);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, new AdminList<KeyReply> { Data = [.. keys.Select(k => KeyReply.From(k))] }, AdminJson.Relaxed.KeyList);
    }

    private async Task CreateAsync(HttpContext context)
    {
        (NewKey? key, ApiError? error) = await reader.ReadAsync(context, AdminFields.Key, body => new NewKey(
            body["account_id"].String() ?? Account.Local,
            Change.Read(body).Apply(new KeySettings { Name = body["name"].Required().String() ?? "" })));
        if (key is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        IssuedKey issued = await meter.Keys.CreateAsync(key.AccountId, key.Settings, context.RequestAborted);
        await WriteAsync(context, issued.Key, issued.Secret, StatusCodes.Status201Created);
    }

    private async Task GetAsync(HttpContext context) => await WriteAsync(context, await FindAsync(context));

    private async Task UpdateAsync(HttpContext context)
    {
        ApiKey key = await FindAsync(context);
        (Change? change, ApiError? error) = await reader.ReadAsync(context, AdminFields.KeyPatch, Change.Read);
        await (change is null ? JsonReply.WriteErrorAsync(context, error!) : WriteAsync(context, await meter.Keys.UpdateAsync(key.Id, change.Apply, context.RequestAborted)));
    }

    private async Task RevokeAsync(HttpContext context) => await WriteAsync(context, await meter.Keys.RevokeAsync((await FindAsync(context)).Id, context.RequestAborted));

    private async Task RotateAsync(HttpContext context)
    {
        ApiKey key = await FindAsync(context);
        (Grace? grace, ApiError? error) = await reader.ReadAsync(
            context, AdminFields.Rotation, body => new Grace(TimeSpan.FromSeconds(body["grace_seconds"].Integer(0, (long)KeyRing.LongestGrace.TotalSeconds) ?? 0)));
        if (grace is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        IssuedKey issued = await meter.Keys.RotateAsync(key.Id, grace.Time, context.RequestAborted);
        await WriteAsync(context, issued.Key, issued.Secret);
    }

    private async Task<ApiKey> FindAsync(HttpContext context)
    {
        string id = context.GetRouteValue("id")?.ToString() ?? "";
        return await meter.Keys.GetAsync(id, context.RequestAborted) ?? throw new MeteringException(MeteringFault.NotFound, $"There is no key {id}.");
    }

    private static Task WriteAsync(HttpContext context, ApiKey key, string? secret = null, int status = StatusCodes.Status200OK)
    {
        context.Response.Headers.CacheControl = "no-store";
        return JsonReply.WriteAsync(context, status, KeyReply.From(key, secret), AdminJson.Relaxed.KeyReply);
    }

    /// <summary>What a body says about a key; what it does not name stays as it is.</summary>
    private sealed record Change(string? Name, KeyScopes? Scopes, LimitsChange Limits, bool HasExpiry, DateTimeOffset? ExpiresAt)
    {
        internal static Change Read(JsonField body) => new(
            body["name"].String(), body["scopes"].Scopes(), body["limits"].Limits(), body["expires_at"].IsPresent || body["expires_at"].IsNull, body["expires_at"].Time());

        internal KeySettings Apply(KeySettings known) => known with
        {
            Name = Name ?? known.Name,
            Scopes = Scopes ?? known.Scopes,
            Limits = Limits.Apply(known.Limits),
            ExpiresAt = HasExpiry ? ExpiresAt : known.ExpiresAt,
        };
    }

    private sealed record NewKey(string AccountId, KeySettings Settings);

    private sealed record Grace(TimeSpan Time);
}
