using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>Adds up the token counts of a request's answers, as far as they have come. Answers to the same prompt count it once.</summary>
/// <param name="choiceCount">How many answers there are.</param>
/// <param name="choicesPerPrompt">How many neighbouring answers share a prompt.</param>
internal sealed class UsageCounter(int choiceCount, int choicesPerPrompt)
{
    private readonly TokenUsage[] _byChoice = new TokenUsage[choiceCount];

    /// <summary>Counts of all answers. A prompt counts once one of its answers has begun.</summary>
    internal TokenUsage Total
    {
        get
        {
            (int prompt, int completion, int cached) = (0, 0, 0);
            for (int first = 0; first < _byChoice.Length; first += choicesPerPrompt)
            {
                ReadOnlySpan<TokenUsage> answers = _byChoice.AsSpan(first, choicesPerPrompt);
                bool hasPrompt = false;
                foreach (TokenUsage answer in answers)
                {
                    completion += answer.CompletionTokens;
                    if (!hasPrompt && answer.PromptTokens > 0)
                    {
                        (hasPrompt, prompt, cached) = (true, prompt + answer.PromptTokens, cached + answer.CachedTokens);
                    }
                }
            }

            return new TokenUsage(prompt, completion, cached);
        }
    }

    internal void Add(ChoiceUpdate update) => _byChoice[update.Choice] = update.Update.Usage;
}
