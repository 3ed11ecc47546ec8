using Tramontane.Server.Accounting;
using Tramontane.Server.Generation;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>Writes the finished answer as one message.</summary>
internal static class MessageFold
{
    internal static AnthropicMessage ToMessage(string id, ChatRequest request, Answer answer, Bill bill)
    {
        AnthropicBlock[] content = [.. answer.Parts.Select(p => p.CallId is null
            ? AnthropicBlock.OfText(p.Content.ToString())
            : AnthropicBlock.OfCall(p.CallId, p.Name, ToolInput.From(p.Content.ToString())))];
        return new AnthropicMessage
        {
            Id = id,
            Model = request.Model,
            Content = content,
            StopReason = StopReasons.Name(answer.FinishReason, answer.StopText, bill.Tokens.CompletionTokens, request.MaxTokens),
            StopSequence = answer.StopText,
            Usage = AnthropicUsage.From(bill),
        };
    }
}
