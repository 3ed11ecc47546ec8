using System.Runtime.CompilerServices;
using Tramontane.Inference.Engine;
using Tramontane.Tokenization;

namespace Tramontane.Server.Tests.Fakes;

/// <summary>
/// A model that calls the tool <c>weather</c> and, once there is a result, says what it is. A token is the begin of the call
/// or a character of its arguments, up to the request's limit.
/// </summary>
internal static class ToolScript
{
    /// <summary>With this seed the arguments hold every kind of value.</summary>
    internal const ulong SeedOfMany = 99;

    private const string Many = """{"city":"a\"b\\","n":[-1.5e3,20,{"x":null}],"ok":true,"deep":[[["é"],{}]],"last":7}""";

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
        int left = (request.MaxTokens ?? int.MaxValue) - 1, count = 1;
        IEnumerable<string> pieces = request.Sampling.Seed == SeedOfMany ? Many.Chunk(3).Select(c => new string(c)) : ["{\"city\":", "\"Mars", "eille\"}"];
        bool isCut = false;
        foreach (string whole in pieces)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            string piece = whole[..Math.Min(whole.Length, left)];
            isCut = piece.Length < whole.Length;
            if (piece.Length > 0)
            {
                yield return new GenerationUpdate { ToolCalls = [new ToolCallDelta(0, null, null, piece)], TokenIds = ByteTokenizer.Ids(piece) };
            }

            count += piece.Length;
            left -= piece.Length;
            if (isCut)
            {
                break;
            }
        }

        yield return new GenerationUpdate
        {
            FinishReason = isCut ? FinishReason.Length : FinishReason.ToolCalls, Usage = new TokenUsage(request.PromptTokens.Count, count, 0),
        };
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
