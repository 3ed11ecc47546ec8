using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Server.Anthropic;
using Tramontane.Server.Anthropic.Models;
using Tramontane.Server.Catalog;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Models;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, for clients of every dialect.</summary>
internal sealed class ModelsEndpoint(ModelCatalog catalog, ModelFacts facts, IOwnPrices prices, TimeProvider time)
{
    /// <summary>What a chat may ask for beside its model and messages.</summary>
    private static readonly string[] s_supportedParameters =
        [.. ChatFields.Shape.Fields.Where(f => f is { Support: FieldSupport.Supported, IsRequired: false }).Select(f => f.Name).Order(StringComparer.Ordinal)];

    private long Created => facts.Loaded.ToUnixTimeSeconds();

    internal void Map(IEndpointRouteBuilder routes)
    {
        string[] methods = [HttpMethods.Get, HttpMethods.Head];
        routes.MapMethods("/v1/models", methods, ListAsync);
        routes.MapMethods("/v1/models/{**id}", methods, RetrieveAsync);
    }

    private Task ListAsync(HttpContext context) => ClientStyle.Of(context).IsAnthropic
        ? AnthropicModels.WriteListAsync(context, [AnthropicCard(catalog.Names[0])])
        : JsonReply.WriteAsync(context, StatusCodes.Status200OK, new ModelList { Data = [Card(catalog.Names[0])] }, OpenAIJson.Relaxed.ModelList);

    private Task RetrieveAsync(HttpContext context)
    {
        string id = RequestedModel.Id(context);
        return !catalog.Knows(id) ? JsonReply.WriteErrorAsync(context, ApiError.UnknownModel(id))
            : ClientStyle.Of(context).IsAnthropic ? JsonReply.WriteAsync(context, StatusCodes.Status200OK, AnthropicCard(id), AnthropicJson.Relaxed.AnthropicModel)
            : JsonReply.WriteAsync(context, StatusCodes.Status200OK, Card(id), OpenAIJson.Relaxed.ModelCard);
    }

    private AnthropicModel AnthropicCard(string id) => AnthropicModels.Create(id, facts.Name, Created);

    private ModelCard Card(string id) => new()
    {
        Id = id,
        Created = Created,
        OwnedBy = facts.Owner,
        Name = facts.Name,
        Description = facts.Description,
        MaxContextLength = facts.ContextLength,
        Aliases = [.. catalog.Names.Where(n => n != id)],
        Capabilities = new ModelCapabilities { Vision = facts.TakesImages },
        Architecture = new ModelArchitecture { InputModalities = facts.InputModalities },
        DefaultModelTemperature = facts.DefaultTemperature,
        Pricing = Pricing(prices.InForce(time.GetUtcNow())),
        SupportedParameters = s_supportedParameters,
    };

    private static ModelPricing Pricing(OwnPrice? price) => new()
    {
        Prompt = MoneyText.PerToken(price?.Prompt ?? 0),
        Completion = MoneyText.PerToken(price?.Completion ?? 0),
        InputCacheRead = MoneyText.PerToken(price?.Cached ?? 0),
        Currency = price?.Currency,
    };
}
