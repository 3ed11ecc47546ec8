using System.Text.Json.Serialization;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI;

/// <summary>OpenAI's error body. All four keys are always there.</summary>
internal sealed record OpenAIError
{
    [JsonPropertyName("error")]
    public required OpenAIErrorDetail Error { get; init; }

    internal static OpenAIError From(ApiError error) => new()
    {
        Error = new OpenAIErrorDetail { Message = ErrorText.Clip(error.Message), Type = error.Type, Param = error.Param is null ? null : ErrorText.Clip(error.Param), Code = error.Code },
    };
}

/// <summary>What went wrong.</summary>
internal sealed record OpenAIErrorDetail
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("param")]
    public required string? Param { get; init; }

    [JsonPropertyName("code")]
    public required string? Code { get; init; }
}

/// <summary>OpenRouter's error body: OpenAI's with the HTTP status as its code.</summary>
internal sealed record OpenRouterError
{
    [JsonPropertyName("error")]
    public required OpenRouterErrorDetail Error { get; init; }

    internal static OpenRouterError From(ApiError error) => new()
    {
        Error = new OpenRouterErrorDetail { Message = ErrorText.Clip(error.Message), Type = error.Type, Param = error.Param is null ? null : ErrorText.Clip(error.Param), Code = error.Status },
    };
}

/// <summary>What went wrong.</summary>
internal sealed record OpenRouterErrorDetail
{
    [JsonPropertyName("message")]
    public required string Message { get; init; }

    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("param")]
    public required string? Param { get; init; }

    [JsonPropertyName("code")]
    public required int Code { get; init; }
}
