using System.Runtime.CompilerServices;
using Tramontane.Inference.Engine;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>A model that calls the tool <c>weather</c> and, once there is a result, says what it is.</summary>
internal static class ToolScript
{
    internal static async IAsyncEnumerable<GenerationUpdate> Play(GenerationRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int result = Last(request.PromptTokens, SpecialTokens.ToolContent);
        if (!request.AllowToolCalls || result >= 0)
        {
            string prompt = result < 0 ? "Hello" : ByteTokenizer.Instance.Decode([.. request.PromptTokens.Skip(result + 1).TakeWhile(id => id >= SpecialTokens.Count)]);
            await foreach (GenerationUpdate update in ScriptedEngine.PlayText($"The result is {prompt}.", request, cancellationToken))
            {
                yield return update;
            }

            yield break;
        }

        yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, "abcdefghi", "weather", "")], TokenIds = [SpecialTokens.ToolCalls] };
        foreach (string piece in (string[])["{\"city\":", "\"Mars", "eille\"}"])
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, null, null, piece)], TokenIds = ByteTokenizer.Ids(piece) };
        }

        yield return new GenerationUpdate { FinishReason = FinishReason.ToolCalls, Usage = new TokenUsage(request.PromptTokens.Count, 24, 0) };
    }

    private static int Last(IReadOnlyList<int> ids, int id)
    {
        int at = ids.Count - 1;
        while (at >= 0 && ids[at] != id)
        {
            at--;
        }

        return at;
    }
}
