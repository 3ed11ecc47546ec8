using System.Text;
using Tramontane.Inference.Engine;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Tokenization;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>
/// Turns the updates of one answer into pieces of text and log-probabilities. With <c>echo</c> the first piece is the
/// prompt, so that the lists hold one entry per token of prompt and answer: the contract of evaluation harnesses.
/// </summary>
internal sealed class CompletionAnswer(Tokenizer tokenizer, CompletionRequest request, CompletionPrompt prompt, IReadOnlyList<int> promptTokens)
{
    private readonly Detokenizer _offsets = new(tokenizer);
    private int _offset; // code points of the choice's text before the next token
    private bool _begun;

    internal IReadOnlyList<int> PromptTokens => promptTokens;

    internal (string Text, CompletionLogprobs? Logprobs) Take(GenerationUpdate update)
    {
        CompletionLogprobs? logprobs = request.Logprobs is null ? null : new CompletionLogprobs();
        string text = update.Text;
        if (request.Echo && !_begun)
        {
            text = (prompt.Text ?? tokenizer.Decode([.. promptTokens])) + text;
            if (logprobs is not null)
            {
                AddPrompt(logprobs, update.PromptLogprobs ?? throw new InvalidOperationException("The engine gave no log-probabilities of the prompt."));
            }
        }

        _begun = true;
        if (logprobs is not null)
        {
            foreach (PositionLogprobs position in update.Logprobs)
            {
                Add(logprobs, position.Token.TokenId, position);
            }

            if (update.EndOfSequence is { } end)
            {
                Add(logprobs, end.Token.TokenId, end); // harnesses cut off the last entry, which must not be one of the prompt's
            }
        }

        return (text, logprobs);
    }

    private void AddPrompt(CompletionLogprobs logprobs, IReadOnlyList<PositionLogprobs?> positions)
    {
        for (int i = 0; i < promptTokens.Count; i++)
        {
            Add(logprobs, promptTokens[i], positions[i]);
        }

        _offset += CodePoints(_offsets.Flush()); // a character that the prompt cuts off ends with it
    }

    private void Add(CompletionLogprobs logprobs, int tokenId, PositionLogprobs? position)
    {
        logprobs.Tokens.Add(tokenizer.TokenText(tokenId));
        logprobs.TokenLogprobs.Add(position is null ? null : ChatLogprobsMapper.Finite(position.Token.Logprob));
        logprobs.TopLogprobs.Add(position is null ? null : Top(position));
        logprobs.TextOffset.Add(_offset);
        _offset += CodePoints(_offsets.Append(tokenId));
    }

    /// <summary>The alternatives by text, and the token itself, which may be one more. Of two with the same text the likelier stays.</summary>
    private Dictionary<string, float> Top(PositionLogprobs position)
    {
        var top = new Dictionary<string, float>(position.Top.Count + 1, StringComparer.Ordinal);
        foreach (TokenLogprob token in position.Top.Take(request.Logprobs ?? 0))
        {
            top.TryAdd(tokenizer.TokenText(token.TokenId), ChatLogprobsMapper.Finite(token.Logprob));
        }

        top.TryAdd(tokenizer.TokenText(position.Token.TokenId), ChatLogprobsMapper.Finite(position.Token.Logprob));
        return top;
    }

    private static int CodePoints(string text)
    {
        int count = 0;
        foreach (Rune _ in text.EnumerateRunes())
        {
            count++;
        }

        return count;
    }
}
