using System.Text.Json;
using System.Text.Json.Serialization;
using Tramontane.Server.Accounting;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>The reply of <c>POST /v1/responses</c>. Events repeat it whole, because clients build on every key.</summary>
internal sealed record ResponseObject
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public string Object { get; } = "response";

    [JsonPropertyName("created_at")]
    public required long CreatedAt { get; init; }

    /// <summary><c>in_progress</c>, <c>completed</c>, <c>incomplete</c> or <c>failed</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("background")]
    public bool Background { get; }

    [JsonPropertyName("error")]
    public ResponseError? Error { get; init; }

    [JsonPropertyName("incomplete_details")]
    public IncompleteDetails? IncompleteDetails { get; init; }

    [JsonPropertyName("instructions")]
    public required string? Instructions { get; init; }

    [JsonPropertyName("max_output_tokens")]
    public required int? MaxOutputTokens { get; init; }

    [JsonPropertyName("model")]
    public required string Model { get; init; }

    [JsonPropertyName("output")]
    public required IReadOnlyList<ResponseItem> Output { get; init; }

    [JsonPropertyName("parallel_tool_calls")]
    public required bool ParallelToolCalls { get; init; }

    [JsonPropertyName("previous_response_id")]
    public required string? PreviousResponseId { get; init; }

    [JsonPropertyName("reasoning")]
    public ResponseReasoning Reasoning { get; } = new();

    [JsonPropertyName("service_tier")]
    public string ServiceTier { get; } = "default";

    /// <summary>Whether the reply is kept.</summary>
    [JsonPropertyName("store")]
    public required bool Store { get; init; }

    [JsonPropertyName("temperature")]
    public required double Temperature { get; init; }

    [JsonPropertyName("text")]
    public ResponseText Text { get; } = new();

    [JsonPropertyName("tool_choice")]
    public required JsonElement ToolChoice { get; init; }

    [JsonPropertyName("tools")]
    public required IReadOnlyList<ResponseTool> Tools { get; init; }

    [JsonPropertyName("top_logprobs")]
    public required int TopLogprobs { get; init; }

    [JsonPropertyName("top_p")]
    public required double TopP { get; init; }

    [JsonPropertyName("truncation")]
    public string Truncation { get; } = "disabled";

    /// <summary>Null until the reply has ended.</summary>
    [JsonPropertyName("usage")]
    public required ResponseUsage? Usage { get; init; }

    [JsonPropertyName("user")]
    public string? User { get; }

    [JsonPropertyName("metadata")]
    public required JsonElement Metadata { get; init; }
}

/// <summary>Why a reply failed.</summary>
internal sealed record ResponseError
{
    [JsonPropertyName("code")]
    public required string Code { get; init; }

    [JsonPropertyName("message")]
    public required string Message { get; init; }
}

/// <summary>Why a reply is cut.</summary>
internal sealed record IncompleteDetails
{
    [JsonPropertyName("reason")]
    public string Reason { get; } = "max_output_tokens";
}

/// <summary>This model does not reason apart.</summary>
internal sealed record ResponseReasoning
{
    [JsonPropertyName("effort")]
    public string? Effort { get; }

    [JsonPropertyName("summary")]
    public string? Summary { get; }
}

/// <summary>The form of the reply's text.</summary>
internal sealed record ResponseText
{
    [JsonPropertyName("format")]
    public ResponseTextFormat Format { get; } = new();
}

/// <summary>Any text.</summary>
internal sealed record ResponseTextFormat
{
    [JsonPropertyName("type")]
    public string Type { get; } = "text";
}

/// <summary>A tool as it was offered.</summary>
internal sealed record ResponseTool
{
    [JsonPropertyName("type")]
    public string Type { get; } = "function";

    [JsonPropertyName("name")]
    public required string Name { get; init; }

    [JsonPropertyName("description")]
    public required string? Description { get; init; }

    [JsonPropertyName("parameters")]
    public required JsonElement Parameters { get; init; }

    [JsonPropertyName("strict")]
    public required bool? Strict { get; init; }

    internal static ResponseTool From(ToolDefinition tool, bool? strict)
    {
        using JsonDocument parameters = JsonDocument.Parse(tool.ParametersJson, new JsonDocumentOptions { MaxDepth = Requests.RequestBody.MaxDepth });
        return new ResponseTool
        {
            Name = tool.Name,
            Description = tool.Description.Length == 0 ? null : tool.Description,
            Parameters = parameters.RootElement.Clone(),
            Strict = strict,
        };
    }
}

/// <summary>A message or a call; keys of the other kind are left out.</summary>
internal sealed record ResponseItem
{
    /// <summary><c>message</c> or <c>function_call</c>.</summary>
    [JsonPropertyName("type")]
    public required string Type { get; init; }

    [JsonPropertyName("id")]
    public required string Id { get; init; }

    /// <summary><c>in_progress</c>, <c>completed</c> or <c>incomplete</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    [JsonPropertyName("role"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    [JsonPropertyName("content"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ResponseContent>? Content { get; init; }

    [JsonPropertyName("call_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? CallId { get; init; }

    [JsonPropertyName("name"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Name { get; init; }

    [JsonPropertyName("arguments"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Arguments { get; init; }

    internal static ResponseItem OfMessage(string id, string status, IReadOnlyList<ResponseContent> content) =>
        new() { Type = "message", Id = id, Status = status, Role = "assistant", Content = content };

    internal static ResponseItem OfCall(string id, string status, string callId, string name, string arguments) =>
        new() { Type = "function_call", Id = id, Status = status, CallId = callId, Name = name, Arguments = arguments };
}

/// <summary>Text of a message.</summary>
internal sealed record ResponseContent
{
    [JsonPropertyName("type")]
    public string Type { get; } = "output_text";

    [JsonPropertyName("text")]
    public required string Text { get; init; }

    [JsonPropertyName("annotations")]
    public IReadOnlyList<string> Annotations { get; } = [];

    [JsonPropertyName("logprobs")]
    public IReadOnlyList<ChatTokenLogprob> Logprobs { get; init; } = [];
}

/// <summary>Token counts of a reply.</summary>
internal sealed record ResponseUsage
{
    [JsonPropertyName("input_tokens")]
    public required int InputTokens { get; init; }

    [JsonPropertyName("input_tokens_details")]
    public required ResponseInputDetails InputTokensDetails { get; init; }

    [JsonPropertyName("output_tokens")]
    public required int OutputTokens { get; init; }

    [JsonPropertyName("output_tokens_details")]
    public CompletionTokensDetails OutputTokensDetails { get; } = new();

    [JsonPropertyName("total_tokens")]
    public required int TotalTokens { get; init; }

    /// <summary>What the request cost; left out where nothing is metered.</summary>
    [JsonPropertyName("cost"), JsonConverter(typeof(MoneyJson)), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public decimal? Cost { get; init; }

    [JsonPropertyName("cost_details"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CostDetails? CostDetails { get; init; }

    internal static ResponseUsage From(Bill bill) => new()
    {
        InputTokens = bill.Tokens.PromptTokens,
        InputTokensDetails = new ResponseInputDetails { CachedTokens = bill.Tokens.CachedTokens },
        OutputTokens = bill.Tokens.CompletionTokens,
        TotalTokens = bill.Tokens.PromptTokens + bill.Tokens.CompletionTokens,
        Cost = bill.Cost,
        CostDetails = bill.Details,
    };
}

/// <summary>Where prompt tokens came from.</summary>
internal sealed record ResponseInputDetails
{
    [JsonPropertyName("cached_tokens")]
    public required int CachedTokens { get; init; }

    [JsonPropertyName("cache_write_tokens")]
    public int CacheWriteTokens { get; }
}

/// <summary>The reply of <c>POST /v1/responses/input_tokens</c>.</summary>
internal sealed record ResponseInputTokens
{
    [JsonPropertyName("object")]
    public string Object { get; } = "response.input_tokens";

    [JsonPropertyName("input_tokens")]
    public required int InputTokens { get; init; }
}

/// <summary>The reply of <c>DELETE /v1/responses/{id}</c>.</summary>
internal sealed record DeletedResponse
{
    [JsonPropertyName("id")]
    public required string Id { get; init; }

    [JsonPropertyName("object")]
    public string Object { get; } = "response";

    [JsonPropertyName("deleted")]
    public bool Deleted { get; } = true;
}
