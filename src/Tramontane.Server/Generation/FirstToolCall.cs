using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>
/// <c>parallel_tool_calls: false</c>: passes an answer on up to the end of its first tool call. The sequence runs on
/// to its own end, so that its token counts stay those of the work done.
/// </summary>
internal sealed class FirstToolCall
{
    private bool _done;

    internal GenerationUpdate Limit(GenerationUpdate update)
    {
        ToolCallDelta[] kept = [.. update.ToolCalls.Where(c => c.Index == 0)];
        bool wasDone = _done;
        _done |= kept.Length < update.ToolCalls.Count;
        return wasDone
            ? update with { Text = "", ToolCalls = [], TokenIds = [], Logprobs = [] }
            : _done ? update with { ToolCalls = kept } : update;
    }
}
