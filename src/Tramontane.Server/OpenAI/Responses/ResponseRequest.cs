using System.Text.Json;
using Tramontane.Server.Generation;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>A request of the Responses API after reading. The reply repeats much of it.</summary>
internal sealed record ResponseRequest
{
    /// <summary>What the model is asked, without what a previous response adds.</summary>
    public required ChatRequest Chat { get; init; }

    /// <summary>The conversation without the instructions: what a later response goes on from.</summary>
    public required IReadOnlyList<ChatMessage> Input { get; init; }

    public required string? Instructions { get; init; }

    public required string? PreviousResponseId { get; init; }

    public required bool Stream { get; init; }

    /// <summary>The reply is to be kept.</summary>
    public required bool Store { get; init; }

    public required int TopLogprobs { get; init; }

    public required double Temperature { get; init; }

    public required double TopP { get; init; }

    public required IReadOnlyList<ResponseTool> Tools { get; init; }

    /// <summary>As sent, or <c>auto</c>.</summary>
    public required JsonElement ToolChoice { get; init; }

    /// <summary>As sent, or an empty object.</summary>
    public required JsonElement Metadata { get; init; }
}
