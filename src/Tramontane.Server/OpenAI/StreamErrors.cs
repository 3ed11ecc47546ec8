using System.Text.Json.Serialization;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI;

/// <summary>The last event of a stream that breaks.</summary>
internal static class StreamErrors
{
    /// <summary>OpenAI's clients throw on an event with an error; OpenRouter's also expect the form of a chunk.</summary>
    internal static void Write(ServerSentEvents events, ReplyHead head, ClientStyle style, ApiError error, string objectName)
    {
        if (!style.HasNumericErrorCodes)
        {
            events.Write(OpenAIError.From(error), OpenAIJson.Relaxed.OpenAIError);
            return;
        }

        events.Write(
            new OpenRouterErrorChunk
            {
                Id = head.Id,
                Object = objectName,
                Created = head.Created,
                Model = head.Model,
                Error = OpenRouterError.From(error).Error,
                Choices = [new ChatChunkChoice { Index = 0, Delta = new ChatDelta { Content = "" }, FinishReason = "error" }],
            },
            OpenAIJson.Relaxed.OpenRouterErrorChunk);
    }
}

/// <summary>OpenRouter's last chunk of a stream that breaks.</summary>
internal sealed record OpenRouterErrorChunk
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public required string Object { get; init; }

    [JsonPropertyName("created")]
    public required long Created { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("error")]
    public required OpenRouterErrorDetail Error { get; init; }

    [JsonPropertyName("choices")]
    public required IReadOnlyList<ChatChunkChoice> Choices { get; init; }
}
