using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Requests;

/// <summary>A refusal before a dialect has given it its shape. Messages and codes are those of OpenAI's API.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Message">A sentence for the developer who sent the request.</param>
/// <param name="Code">Machine-readable reason, or null.</param>
/// <param name="Param">Path of the offending field, for example <c>messages[0].content</c>, or null.</param>
/// <param name="Type">Class of the error.</param>
internal sealed record ApiError(int Status, string Message, string? Code = null, string? Param = null, string Type = ApiError.InvalidRequest)
{
    internal const string InvalidRequest = "invalid_request_error";
    internal const string ServerFault = "server_error";
    internal const string RateLimit = "rate_limit_error";

    internal static ApiError BadRequest(string message, string? code = null, string? param = null) =>
        new(StatusCodes.Status400BadRequest, message, code, param);

    internal static ApiError MalformedJson(string detail) =>
        BadRequest($"We could not parse the JSON body of your request. {detail}");

    internal static ApiError Missing(string path) =>
        BadRequest($"Missing required parameter: '{path}'.", "missing_required_parameter", path);

    internal static ApiError WrongType(string path, string expected, string found) =>
        BadRequest($"Invalid type for '{path}': expected {expected}, but got {found} instead.", "invalid_type", path);

    internal static ApiError NotSupportedValue(string path, string message) => BadRequest(message, "unsupported_value", path);

    internal static ApiError NotSupportedParameter(string path, string message) => BadRequest(message, "unsupported_parameter", path);

    internal static ApiError InvalidValue(string path, string message) => BadRequest(message, "invalid_value", path);

    internal static ApiError UnknownModel(string model) =>
        new(StatusCodes.Status404NotFound, $"The model '{model}' does not exist or you do not have access to it.", "model_not_found");

    internal static ApiError BodyTooLarge(long maxBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The request body is larger than the {maxBytes} bytes that this server accepts.", "request_too_large");

    internal static ApiError Overloaded() =>
        new(StatusCodes.Status429TooManyRequests, "Too many requests are waiting already. Please try again in a moment.", "rate_limit_exceeded", Type: RateLimit);

    internal static ApiError EngineStopped() =>
        new(StatusCodes.Status503ServiceUnavailable, "The inference engine has stopped; the server cannot answer requests.", "engine_stopped", Type: ServerFault);

    internal static ApiError Internal() =>
        new(StatusCodes.Status500InternalServerError, "The server had an error while processing your request.", Type: ServerFault);

    /// <summary>The first sentence is parsed by agents, which shorten the conversation when they see it: keep it verbatim.</summary>
    /// <param name="field"><c>messages</c> or <c>prompt</c>.</param>
    /// <param name="contextLength">Tokens that one sequence may hold.</param>
    /// <param name="promptTokens">Tokens of the prompt that does not fit.</param>
    internal static ApiError ContextLengthExceeded(string field, int contextLength, int promptTokens) =>
        BadRequest(
            $"This model's maximum context length is {contextLength} tokens. However, your {field} resulted in {promptTokens} tokens. Please reduce the length of the {field}.",
            "context_length_exceeded",
            field);
}
