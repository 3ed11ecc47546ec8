using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Inference.Engine;
using Tramontane.Server.Anthropic;
using Tramontane.Server.Anthropic.Models;
using Tramontane.Server.Catalog;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Models;

/// <summary><c>GET /v1/models</c> and <c>GET /v1/models/{id}</c>, for clients of every dialect.</summary>
internal sealed class ModelsEndpoint(ModelCatalog catalog, IInferenceEngine engine, ServerOptions options, TimeProvider time)
{
    /// <summary>What a chat may ask for beside its model and messages.</summary>
    private static readonly string[] s_supportedParameters =
        [.. ChatFields.Shape.Fields.Where(f => f is { Support: FieldSupport.Supported, IsRequired: false }).Select(f => f.Name).Order(StringComparer.Ordinal)];

    private readonly long _created = time.GetUtcNow().ToUnixTimeSeconds();

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

    private AnthropicModel AnthropicCard(string id) => AnthropicModels.Create(id, engine.Model.Name, _created);

    private ModelCard Card(string id) => new()
    {
        Id = id,
        Created = _created,
        OwnedBy = engine.Model.IsDemo ? "tramontane" : "mistralai",
        Name = engine.Model.Name,
        Description = engine.Model.IsDemo
            ? "The small demo model that comes with Tramontane: it shows that everything works and knows next to nothing. Load the real one with `tramontane serve --model FILE.gguf`, where FILE.gguf is Mistral-Small-3.2-24B-Instruct-2506."
            : $"{engine.Model.FileName}, {engine.Model.ParameterCount / 1e9:F1} billion parameters.",
        MaxContextLength = engine.Model.ContextLength,
        Aliases = [.. catalog.Names.Where(n => n != id)],
        Capabilities = new ModelCapabilities { Vision = engine.Model.TakesImages },
        Architecture = new ModelArchitecture { InputModalities = engine.Model.TakesImages ? ["text", "image"] : ["text"] },
        DefaultModelTemperature = options.DefaultTemperature,
        SupportedParameters = s_supportedParameters,
    };
}
