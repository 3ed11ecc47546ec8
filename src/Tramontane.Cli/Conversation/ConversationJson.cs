using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Tramontane.Cli.Conversation;

/// <summary>What <c>run --json</c> prints.</summary>
internal sealed record RunReport(
    [property: JsonPropertyName("text")] string Text,
    [property: JsonPropertyName("finish_reason")] string FinishReason,
    [property: JsonPropertyName("prompt_tokens")] int PromptTokens,
    [property: JsonPropertyName("completion_tokens")] int CompletionTokens,
    [property: JsonPropertyName("seed")] ulong Seed);

/// <summary>A conversation in OpenAI's shape, as <c>/save</c> writes it.</summary>
internal sealed record SavedChat([property: JsonPropertyName("messages")] IReadOnlyList<SavedMessage> Messages);

/// <summary>One message of a <see cref="SavedChat"/>.</summary>
internal sealed record SavedMessage([property: JsonPropertyName("role")] string Role, [property: JsonPropertyName("content")] JsonNode Content);

/// <summary>JSON of this folder's records without reflection.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(SavedChat))]
internal sealed partial class ConversationJson : JsonSerializerContext;
