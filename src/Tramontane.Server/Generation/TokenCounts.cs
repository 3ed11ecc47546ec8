using Tramontane.Inference.Engine;

namespace Tramontane.Server.Generation;

/// <summary>Adds up the token counts of a request's answers. Answers to the same prompt count it once.</summary>
/// <param name="choicesPerPrompt">How many neighbouring answers share a prompt.</param>
internal sealed class TokenCounts(int choicesPerPrompt)
{
    internal TokenUsage Total { get; private set; }

    internal void Add(ChoiceUpdate update)
    {
        if (update.Update.Usage is not { } usage)
        {
            return;
        }

        bool firstOfPrompt = update.Choice % choicesPerPrompt == 0;
        Total = new TokenUsage(
            Total.PromptTokens + (firstOfPrompt ? usage.PromptTokens : 0),
            Total.CompletionTokens + usage.CompletionTokens,
            Total.CachedTokens + (firstOfPrompt ? usage.CachedTokens : 0));
    }
}
