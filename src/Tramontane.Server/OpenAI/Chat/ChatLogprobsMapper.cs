using System.Globalization;
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

    /// <summary>vLLM's form for a prompt: by id the alternatives, best first, and the token that stands there.</summary>
    internal List<Dictionary<string, PromptLogprob>?> MapPrompt(IReadOnlyList<PositionLogprobs?> positions) =>
        [.. positions.Select(position =>
        {
            if (position is null)
            {
                return null;
            }

            var entries = new Dictionary<string, PromptLogprob>(position.Top.Count + 1);
            for (int i = 0; i < position.Top.Count; i++)
            {
                Add(entries, position.Top[i], i + 1);
            }

            Add(entries, position.Token, null);
            return entries;
        })];

    internal static float Finite(float logprob) => logprob > Impossible ? logprob : Impossible; // NaN is impossible too

    private void Add(Dictionary<string, PromptLogprob> entries, TokenLogprob token, int? rank) => entries.TryAdd(
        token.TokenId.ToString(CultureInfo.InvariantCulture),
        new PromptLogprob { Logprob = Finite(token.Logprob), Rank = rank, DecodedToken = tokenizer.TokenText(token.TokenId) });

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
