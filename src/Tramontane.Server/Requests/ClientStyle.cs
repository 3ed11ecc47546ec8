using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Requests;

/// <summary>The providers whose base paths are served.</summary>
internal enum BasePath
{
    /// <summary><c>/v1</c>, or none.</summary>
    Plain,

    /// <summary><c>/v1/openai</c>.</summary>
    DeepInfra,

    /// <summary><c>/api/v1</c>.</summary>
    OpenRouter,

    /// <summary><c>/api/v7/llm</c>.</summary>
    ModelsLab,
}

/// <summary>How a client wants to be spoken to, as its path and headers tell.</summary>
/// <param name="Base">The base path that it uses.</param>
/// <param name="RequestedPath">The path as it was asked for; routes see the plain one.</param>
/// <param name="IsAnthropic">Errors and model cards in Anthropic's shape.</param>
internal sealed record ClientStyle(BasePath Base, string RequestedPath, bool IsAnthropic)
{
    private const string MistralUserAgent = "mistral-client";

    /// <summary>Mistral's package wants every piece of a streamed tool call to be a whole call.</summary>
    internal bool WantsWholeToolCalls { get; init; }

    /// <summary><c>error.code</c> is the HTTP status.</summary>
    internal bool HasNumericErrorCodes => Base == BasePath.OpenRouter;

    /// <summary>Token counts of a stream come in a chunk of their own whether asked for or not.</summary>
    internal bool AlwaysSendsUsageChunk => Base == BasePath.OpenRouter;

    /// <summary>The body's <c>key</c> may be the API key.</summary>
    internal bool AcceptsKeyInBody { get; init; }

    /// <summary>The body's <c>model_id</c> is another name for <c>model</c>.</summary>
    internal bool AcceptsModelId { get; init; }

    internal static ClientStyle Of(HttpContext context) => context.Features.Get<ClientStyle>() ?? new ClientStyle(BasePath.Plain, context.Request.Path, IsAnthropic: false);

    /// <summary>The model's name under the field names that this client may use; two that differ are refused.</summary>
    internal JsonField Model(JsonField body)
    {
        JsonField model = body["model"], synonym = body["model_id"];
        if (!AcceptsModelId || !synonym.IsPresent)
        {
            return model;
        }

        if (model.IsPresent && synonym.String() is { } other && model.String() is { } name && other != name)
        {
            synonym.Refuse(ApiError.InvalidValue(synonym.Path, "Setting 'model' and 'model_id' to different values at the same time is not supported: send one of them."));
        }

        return model.IsPresent ? model : synonym;
    }

    /// <summary>The dialect that a client speaks, as the ledger names it.</summary>
    internal static string DialectOf(HttpContext context) =>
        Of(context).IsAnthropic ? "anthropic" : IsMistralClient(context.Request) ? "mistral" : "openai";

    internal static bool IsMistralClient(HttpRequest request) =>
        request.Headers.UserAgent.ToString().StartsWith(MistralUserAgent, StringComparison.OrdinalIgnoreCase);
}
