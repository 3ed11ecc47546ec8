using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Metering;
using Tramontane.Metering.Prices;
using Tramontane.Server.Catalog;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Administration;

/// <summary><c>/v1/admin/prices</c>: the price list, to which rows are only ever added.</summary>
internal sealed class PricesEndpoint(Meter meter, RequestReader reader, ModelCatalog catalog)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/admin/prices", AdminErrors.Answer(ListAsync));
        routes.MapPost("/v1/admin/prices", AdminErrors.Answer(AddAsync));
    }

    private Task ListAsync(HttpContext context) => JsonReply.WriteAsync(
        context, StatusCodes.Status200OK, new AdminList<PriceReply> { Data = [.. meter.Prices.Current.Rows.Select(PriceReply.From)] }, AdminJson.Relaxed.PriceList);

    private async Task AddAsync(HttpContext context)
    {
        (NewPrice? price, ApiError? error) = await reader.ReadAsync(context, AdminFields.Price, body =>
        {
            var row = new NewPrice
            {
                Model = body["model"].String() ?? catalog.CanonicalId,
                Currency = body["currency"].Required().String() ?? "",
                Prompt = body["prompt"].Required().Money() ?? 0,
                Cached = body["cached"].Money(),
                Completion = body["completion"].Required().Money() ?? 0,
                EffectiveFrom = body["effective_from"].Time(),
                AsOf = body["as_of"].Time(),
            };
            return row with
            {
                Provider = body["provider"].String() ?? row.Provider,
                Tier = body["tier"].String() ?? row.Tier,
                Source = body["source"].String() ?? row.Source,
            };
        });
        if (price is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        PriceRow added = await meter.Prices.AddAsync(price, context.RequestAborted);
        await JsonReply.WriteAsync(context, StatusCodes.Status201Created, PriceReply.From(added), AdminJson.Relaxed.PriceReply);
    }
}
