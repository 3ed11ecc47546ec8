using System.CommandLine;
using System.Security.Cryptography;
using Tramontane.Cli.CommandLine;
using Tramontane.Inference.Sampling;

namespace Tramontane.Cli.Conversation;

/// <summary>The options that choose how answers are drawn.</summary>
internal sealed class SamplingArguments
{
    /// <summary>What the model card recommends for Mistral Small 3.2.</summary>
    public const float DefaultTemperature = 0.15f;

    private readonly Option<float> _temperature = Arguments.Number(
        "--temperature", "How much chance decides; 0 always takes the likeliest token. The model card recommends 0.15.", DefaultTemperature, 0, 100);

    private readonly Option<float> _topP = Arguments.Number("--top-p", "Keep the likeliest tokens that together reach this probability.", 1, 0, 1);

    private readonly Option<int> _topK = Arguments.Integer("--top-k", "Keep this many of the likeliest tokens; 0 keeps all.", 0, 0, int.MaxValue);

    private readonly Option<float> _minP = Arguments.Number("--min-p", "Keep tokens at least this fraction as likely as the likeliest.", 0, 0, 1);

    private readonly Option<ulong?> _seed = new("--seed")
    {
        Description = "Makes the answer repeatable: one seed and one prompt give one answer. Left out: chosen by chance.", HelpName = "N",
    };

    private readonly Option<int?> _maxTokens = Arguments.OptionalInteger("--max-tokens", "Longest answer in tokens. Left out: to the end of the context.", 1, int.MaxValue);

    /// <summary>Gives a command these options.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_temperature, _topP, _topK, _minP, _seed, _maxTokens])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>How tokens are drawn.</summary>
    public SamplingParameters Read(ParseResult result) => new()
    {
        Temperature = result.GetValue(_temperature),
        TopP = result.GetValue(_topP),
        TopK = result.GetValue(_topK),
        MinP = result.GetValue(_minP),
        Seed = result.GetValue(_seed) ?? (ulong)RandomNumberGenerator.GetInt32(int.MaxValue),
    };

    /// <summary>Longest answer in tokens; null for the rest of the context.</summary>
    public int? ReadMaxTokens(ParseResult result) => result.GetValue(_maxTokens);
}
