using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Anthropic;

/// <summary>Anthropic's error body; in a stream, the data of its <c>error</c> event.</summary>
internal sealed record AnthropicError
{
    [JsonPropertyName("type")]
    public string Type { get; } = "error";

    [JsonPropertyName("error")]
    public required AnthropicErrorDetail Error { get; init; }

    /// <summary>Equal to the reply's <c>request-id</c> header.</summary>
    [JsonPropertyName("request_id")]
    public required string RequestId { get; init; }

    /// <summary>The HTTP status: Anthropic's own for an overloaded server, OpenAI's otherwise.</summary>
    internal static int Status(ApiError error) => TypeOf(error) == "overloaded_error" ? ApiError.AnthropicOverloaded : error.Status;

    internal static AnthropicError From(ApiError error, string requestId) => new()
    {
        Error = new AnthropicErrorDetail { Type = TypeOf(error), Message = ErrorText.Clip(error.AnthropicMessage ?? (error.Param is null ? error.Message : $"{ApiError.Dotted(error.Param)}: {error.Message}")) },
        RequestId = requestId,
    };

    private static string TypeOf(ApiError error) => error.AnthropicType ?? error.Status switch
    {
        StatusCodes.Status401Unauthorized => "authentication_error",
        StatusCodes.Status403Forbidden => "permission_error",
        StatusCodes.Status404NotFound => "not_found_error",
        StatusCodes.Status413PayloadTooLarge => "request_too_large",
        StatusCodes.Status429TooManyRequests => "rate_limit_error",
        >= StatusCodes.Status500InternalServerError => "api_error",
        _ => "invalid_request_error",
    };
}

/// <summary>What went wrong.</summary>
internal sealed record AnthropicErrorDetail
{
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }
}
