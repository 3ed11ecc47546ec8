using Tramontane.Grammar;
using Tramontane.Inference.Engine;
using Microsoft.AspNetCore.Http;

namespace Tramontane.Server.Requests;

/// <summary>
/// A refusal before a dialect has given it its shape. Message, code and path are those of OpenAI's API; what Anthropic's
/// API says instead stands beside them where the two differ.
/// </summary>
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

    /// <summary>Anthropic's status for a server that cannot take more work.</summary>
    internal const int AnthropicOverloaded = 529;

    /// <summary>Anthropic's words for it, path included; null when <see cref="Message"/> serves there too.</summary>
    internal string? AnthropicMessage { get; init; }

    /// <summary>Anthropic's class of the error; null for the one that belongs to the status.</summary>
    internal string? AnthropicType { get; init; }

    /// <summary>Seconds after which it is worth trying again; null when it is not known.</summary>
    internal int? RetryAfterSeconds { get; init; }

    internal static ApiError BadRequest(string message, string? code = null, string? param = null, string? anthropic = null) =>
        new(StatusCodes.Status400BadRequest, message, code, param) { AnthropicMessage = At(param, anthropic) };

    internal static ApiError MalformedJson(string detail) =>
        BadRequest($"We could not parse the JSON body of your request. {detail}");

    internal static ApiError Missing(string path) =>
        BadRequest($"Missing required parameter: '{path}'.", "missing_required_parameter", path, "Field required");

    /// <param name="path">The field.</param>
    /// <param name="expected">What it should be, with its article: <c>a string</c>.</param>
    /// <param name="found">What it is, with its article.</param>
    internal static ApiError WrongType(string path, string expected, string found) =>
        BadRequest($"Invalid type for '{path}': expected {expected}, but got {found} instead.", "invalid_type", path, expected switch
        {
            "a string" => "Input should be a valid string",
            "a decimal" => "Input should be a valid number",
            "an integer" => "Input should be a valid integer",
            "a boolean" => "Input should be a valid boolean",
            _ => $"Input should be {expected}",
        });

    internal static ApiError NotOneOf(string path, string found, IReadOnlyList<string> choices) =>
        BadRequest($"Invalid value: '{found}'. Supported values are: {string.Join(", ", choices.Select(Quote))}.", "invalid_value", path, $"Input should be {EitherOf(choices)}");

    internal static ApiError EmptyArray(string path) => BadRequest(
        $"Invalid '{path}': empty array. Expected an array with minimum length 1, but got an empty array instead.",
        "empty_array",
        path,
        path == "messages" ? "at least one message is required" : "List should have at least 1 item after validation, not 0");

    internal static ApiError ArrayTooLong(string path, int maximum, int length) => BadRequest(
        $"Invalid '{path}': array too long. Expected an array with maximum length {maximum}, but got an array with length {length} instead.",
        "array_above_max_length",
        path,
        $"List should have at most {maximum} items after validation, not {length}");

    internal static ApiError EmptyString(string path) =>
        BadRequest($"Invalid '{path}': empty string. Expected a string with minimum length 1.", "empty_string", path, "String should have at least 1 character");

    internal static ApiError UnknownField(string name) => new(
        StatusCodes.Status400BadRequest, $"Unrecognized request argument supplied: {name}", "unknown_parameter", name) { AnthropicMessage = At(name, "Extra inputs are not permitted") };

    internal static ApiError NotSupportedValue(string path, string message) => BadRequest(message, "unsupported_value", path, message);

    internal static ApiError NotSupportedParameter(string path, string message) => BadRequest(message, "unsupported_parameter", path, message);

    internal static ApiError InvalidValue(string path, string message) => BadRequest(message, "invalid_value", path, message);

    internal static ApiError UnknownModel(string model) =>
        new(StatusCodes.Status404NotFound, $"The model '{model}' does not exist or you do not have access to it.", "model_not_found") { AnthropicMessage = $"model: {model}" };

    internal static ApiError BodyTooLarge(long maxBytes) =>
        new(StatusCodes.Status413PayloadTooLarge, $"The request body is larger than the {maxBytes} bytes that this server accepts.", "request_too_large");

    /// <summary>The engine's queue is full: nobody's fault, and soon over.</summary>
    internal static ApiError Overloaded() =>
        new(StatusCodes.Status429TooManyRequests, "Too many requests are waiting already. Please try again in a moment.", "rate_limit_exceeded", Type: RateLimit)
        {
            AnthropicType = "overloaded_error",
            AnthropicMessage = "Overloaded",
            RetryAfterSeconds = 1,
        };

    /// <summary>The client's own limit is used up.</summary>
    /// <param name="limit">What is limited: <c>requests</c> or <c>tokens</c>.</param>
    /// <param name="perMinute">How many a minute.</param>
    /// <param name="seconds">When there will be room again.</param>
    internal static ApiError RateLimited(string limit, long perMinute, int seconds) =>
        new(StatusCodes.Status429TooManyRequests, $"Rate limit reached: {perMinute} {limit} per minute. Please try again in {seconds}s.", "rate_limit_exceeded", Type: RateLimit) { RetryAfterSeconds = seconds };

    /// <summary>A limit of the client's key is reached.</summary>
    /// <param name="message">Which, its size, and when it opens.</param>
    /// <param name="seconds">When there will be room again; null when waiting does not help.</param>
    internal static ApiError LimitReached(string message, int? seconds) =>
        new(StatusCodes.Status429TooManyRequests, message, "rate_limit_exceeded", Type: RateLimit) { RetryAfterSeconds = seconds };

    /// <summary>The money of the client's key or account is used up.</summary>
    internal static ApiError PaymentRequired(string message, int? seconds) =>
        new(StatusCodes.Status402PaymentRequired, message, "insufficient_quota", Type: "insufficient_quota") { AnthropicType = "billing_error", RetryAfterSeconds = seconds };

    /// <summary>The key was revoked or ran out while its request was read, or its account is closed.</summary>
    internal static ApiError KeyRefused(string message) => new(StatusCodes.Status401Unauthorized, message, "invalid_api_key");

    /// <summary>Nothing may start that could not be written down.</summary>
    internal static ApiError LedgerUnavailable() =>
        new(StatusCodes.Status503ServiceUnavailable, "The ledger does not answer; no request can be taken until it does. Please try again in a moment.", "ledger_unavailable", Type: ServerFault) { RetryAfterSeconds = 1 };

    internal static ApiError EngineStopped() =>
        new(StatusCodes.Status503ServiceUnavailable, "The inference engine has stopped; the server cannot answer requests.", "engine_stopped", Type: ServerFault) { RetryAfterSeconds = 1 };

    /// <summary>The answer's constraint grew beyond its limit while it was used.</summary>
    internal static ApiError ConstraintTooLarge(string reason) =>
        BadRequest($"What the answer must fit is too complex to enforce: {reason} Simplify patterns with large counts or look-ahead, and numeric conditions.", "invalid_json_schema");

    /// <summary>What is told of a fault behind an accepted request.</summary>
    internal static ApiError Of(Exception fault) => fault switch
    {
        EngineStoppedException => EngineStopped(),
        GrammarException grammar => ConstraintTooLarge(grammar.Message),
        _ => Internal(),
    };

    internal static ApiError Internal() =>
        new(StatusCodes.Status500InternalServerError, "The server had an error while processing your request.", Type: ServerFault);

    /// <summary>Both first sentences are parsed by agents, which shorten the conversation when they see them: keep them verbatim.</summary>
    /// <param name="field"><c>messages</c>, <c>input</c> or <c>prompt</c>.</param>
    /// <param name="contextLength">Tokens that one sequence may hold.</param>
    /// <param name="promptTokens">Tokens of the prompt that does not fit.</param>
    internal static ApiError ContextLengthExceeded(string field, int contextLength, int promptTokens) =>
        new(
            StatusCodes.Status400BadRequest,
            $"This model's maximum context length is {contextLength} tokens. However, your {field} resulted in {promptTokens} tokens. Please reduce the length of the {field}.",
            "context_length_exceeded",
            field)
        {
            AnthropicMessage = $"prompt is too long: {promptTokens} tokens > {contextLength} maximum",
        };

    /// <summary>A path in Anthropic's notation: <c>messages.0.content</c>.</summary>
    internal static string Dotted(string path) => path.Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal);

    private static string? At(string? path, string? detail) => detail is null || path is null ? detail : $"{Dotted(path)}: {detail}";

    private static string Quote(string text) => $"'{text}'";

    private static string EitherOf(IReadOnlyList<string> choices) =>
        choices.Count == 1 ? Quote(choices[0]) : $"{string.Join(", ", choices.SkipLast(1).Select(Quote))} or {Quote(choices[^1])}";
}
