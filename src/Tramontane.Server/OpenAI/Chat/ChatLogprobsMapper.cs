using Tramontane.Inference.Engine;
using Tramontane.Tokenization;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Writes the engine's log-probabilities in the form of chat completions.</summary>
internal sealed class ChatLogprobsMapper(Tokenizer tokenizer)
{
    /// <summary>Stands for a probability of zero, whose logarithm JSON cannot write.</summary>
    internal const float Impossible = -9999;

    /// <summary>One entry per token that the client gets.</summary>
    internal List<ChatTokenLogprob> Map(IReadOnlyList<PositionLogprobs> positions) =>
        [.. positions.Select(p => new ChatTokenLogprob
        {
            Token = tokenizer.TokenText(p.Token.TokenId),
            Logprob = Finite(p.Token.Logprob),
            Bytes = Bytes(p.Token.TokenId),
            TopLogprobs = [.. p.Top.Select(t => new ChatTopLogprob
            {
                Token = tokenizer.TokenText(t.TokenId),
                Logprob = Finite(t.Logprob),
                Bytes = Bytes(t.TokenId),
            })],
        })];

    internal static float Finite(float logprob) => logprob > Impossible ? logprob : Impossible; // NaN is impossible too

    private int[] Bytes(int tokenId)
    {
        ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(tokenId);
        var numbers = new int[bytes.Length];
        for (int i = 0; i < bytes.Length; i++)
        {
            numbers[i] = bytes[i];
        }

        return numbers;
    }
}
