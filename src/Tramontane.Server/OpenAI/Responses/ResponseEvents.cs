using System.Text.Json.Serialization;
using Tramontane.Server.OpenAI.Chat;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>What every event of a streamed response has.</summary>
internal abstract record ResponseEvent
{
    [JsonPropertyName("type"), JsonPropertyOrder(-2)]
    public required string Type { get; init; }

    /// <summary>0, 1, 2 …</summary>
    [JsonPropertyName("sequence_number"), JsonPropertyOrder(-1)]
    public required int SequenceNumber { get; init; }
}

/// <summary>The response as a whole: <c>response.created</c>, <c>.in_progress</c>, <c>.completed</c>, <c>.incomplete</c> or <c>.failed</c>.</summary>
internal sealed record ResponseStateEvent : ResponseEvent
{
    [JsonPropertyName("response")]
    public required ResponseObject Response { get; init; }
}

/// <summary><c>response.output_item.added</c> or <c>.done</c>.</summary>
internal sealed record ResponseItemEvent : ResponseEvent
{
    [JsonPropertyName("output_index")]
    public required int OutputIndex { get; init; }

    [JsonPropertyName("item")]
    public required ResponseItem Item { get; init; }
}

/// <summary><c>response.content_part.added</c> or <c>.done</c>.</summary>
internal sealed record ResponsePartEvent : ResponseEvent
{
    [JsonPropertyName("item_id")]
    public required string ItemId { get; init; }

    [JsonPropertyName("output_index")]
    public required int OutputIndex { get; init; }

    [JsonPropertyName("content_index")]
    public int ContentIndex { get; }

    [JsonPropertyName("part")]
    public required ResponseContent Part { get; init; }
}

/// <summary><c>response.output_text.delta</c>.</summary>
internal sealed record ResponseTextDeltaEvent : ResponseEvent
{
    [JsonPropertyName("item_id")]
    public required string ItemId { get; init; }

    [JsonPropertyName("output_index")]
    public required int OutputIndex { get; init; }

    [JsonPropertyName("content_index")]
    public int ContentIndex { get; }

    [JsonPropertyName("delta")]
    public required string Delta { get; init; }

    [JsonPropertyName("logprobs")]
    public required IReadOnlyList<ChatTokenLogprob> Logprobs { get; init; }
}

/// <summary><c>response.output_text.done</c>.</summary>
internal sealed record ResponseTextDoneEvent : ResponseEvent
{
    [JsonPropertyName("item_id")]
    public required string ItemId { get; init; }

    [JsonPropertyName("output_index")]
    public required int OutputIndex { get; init; }

    [JsonPropertyName("content_index")]
    public int ContentIndex { get; }

    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("logprobs")]
    public required IReadOnlyList<ChatTokenLogprob> Logprobs { get; init; }
}

/// <summary><c>response.function_call_arguments.delta</c>.</summary>
internal sealed record ResponseArgumentsDeltaEvent : ResponseEvent
{
    [JsonPropertyName("item_id")]
    public required string ItemId { get; init; }

    [JsonPropertyName("output_index")]
    public required int OutputIndex { get; init; }

    [JsonPropertyName("delta")]
    public required string Delta { get; init; }
}

/// <summary><c>response.function_call_arguments.done</c>.</summary>
internal sealed record ResponseArgumentsDoneEvent : ResponseEvent
{
    [JsonPropertyName("item_id")]
    public required string ItemId { get; init; }

    [JsonPropertyName("output_index")]
    public required int OutputIndex { get; init; }

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("arguments")]
    public required string Arguments { get; init; }
}
