using Tramontane.Inference.Engine;

namespace Tramontane.Server.OpenAI;

/// <summary>OpenAI's names for the ends of an answer.</summary>
internal static class FinishReasons
{
    internal static string Name(FinishReason reason) => reason switch
    {
        FinishReason.Length => "length",
        FinishReason.ToolCalls => "tool_calls",
        _ => "stop",
    };
}
