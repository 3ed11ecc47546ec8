using Tramontane.Inference.Engine;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>Anthropic's names for the ends of an answer.</summary>
internal static class StopReasons
{
    /// <param name="reason">The engine's reason.</param>
    /// <param name="stopText">The stop text that ended it, if one did.</param>
    /// <param name="completionTokens">Tokens of the answer.</param>
    /// <param name="maxTokens">What the client allowed; the context may hold less.</param>
    internal static string Name(FinishReason reason, string? stopText, int completionTokens, int? maxTokens) => reason switch
    {
        FinishReason.ToolCalls => "tool_use",
        FinishReason.Length => completionTokens < maxTokens ? "model_context_window_exceeded" : "max_tokens",
        _ => stopText is null ? "end_turn" : "stop_sequence",
    };
}
