using System.Text.Json.Serialization;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI;

/// <summary>OpenAI's error body. All four keys are always there.</summary>
internal sealed record OpenAIError
{
    private const int MaxTextLength = 2000;

    [JsonPropertyName("error")]
    public required OpenAIErrorDetail Error { get; init; }

    internal static OpenAIError From(ApiError error) => new()
    {
        Error = new OpenAIErrorDetail { Message = Clip(error.Message), Type = error.Type, Param = error.Param is null ? null : Clip(error.Param), Code = error.Code },
    };

    /// <summary>Messages quote what the client sent, which may be megabytes.</summary>
    private static string Clip(string text)
    {
        if (text.Length <= MaxTextLength)
        {
            return text;
        }

        int length = char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength;
        return text[..length] + "…";
    }
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
