using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Requests;

/// <summary>
/// Turns the base paths of the providers into the plain routes, before routing looks at them, and notes the style of
/// answer that goes with each. What no provider has stays as it is and is found nowhere.
/// </summary>
internal sealed class BasePaths(bool acceptProviderFields)
{
    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

    private static readonly string[] s_deepInfra = ["/chat/completions", "/completions", "/models"];
    private static readonly string[] s_modelsLab = ["/v1/messages", "/v1/messages/count_tokens", "/v1/models"];

    internal Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        string requested = request.Path.Value ?? "";
        (BasePath basePath, string path) = Resolve(requested);
        request.Path = path;
        bool isModels = IsAtOrBelow(path, "/v1/models");
        bool isAnthropic = IsAtOrBelow(path, "/v1/messages")
            || (isModels && (basePath == BasePath.ModelsLab || request.Headers.ContainsKey("anthropic-version")));
        context.Features.Set(new ClientStyle(basePath, requested, isAnthropic)
        {
            WantsWholeToolCalls = ClientStyle.IsMistralClient(request),
            AcceptsKeyInBody = acceptProviderFields && basePath == BasePath.ModelsLab,
            AcceptsModelId = acceptProviderFields && (basePath == BasePath.ModelsLab || !isAnthropic),
        });
        return next(context);
    }

    /// <summary>The provider that a path belongs to, and the plain route for it.</summary>
    internal static (BasePath Base, string Path) Resolve(string path)
    {
        if (string.Equals(path.TrimEnd('/'), "/chat/completions", IgnoreCase))
        {
            return (BasePath.Plain, "/v1/chat/completions");
        }

        if (Below(path, "/v1/openai") is { } deepInfra && Array.Exists(s_deepInfra, known => IsAtOrBelow(deepInfra, known)))
        {
            return (BasePath.DeepInfra, "/v1" + deepInfra);
        }

        if (Below(path, "/api/v1") is { } openRouter)
        {
            return (BasePath.OpenRouter, "/v1" + openRouter);
        }

        if (Below(path, "/api/v7/llm") is { } modelsLab)
        {
            string trimmed = modelsLab.TrimEnd('/');
            return string.Equals(trimmed, "/chat/completions", IgnoreCase) ? (BasePath.ModelsLab, "/v1/chat/completions")
                : Array.Exists(s_modelsLab, known => IsAtOrBelow(modelsLab, known)) ? (BasePath.ModelsLab, modelsLab)
                : (BasePath.ModelsLab, path);
        }

        return (BasePath.Plain, path);
    }

    internal static bool IsAtOrBelow(string path, string route) =>
        path.StartsWith(route, IgnoreCase) && (path.Length == route.Length || path[route.Length] == '/');

    private static string? Below(string path, string basePath) =>
        path.Length > basePath.Length && path.StartsWith(basePath, IgnoreCase) && path[basePath.Length] == '/' ? path[basePath.Length..] : null;
}
