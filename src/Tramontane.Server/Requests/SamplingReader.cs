using System.Globalization;
using Tramontane.Inference.Sampling;

namespace Tramontane.Server.Requests;

/// <summary>The sampling fields that OpenAI's chat and legacy completions share, with vLLM's and Mistral's additions.</summary>
internal static class SamplingReader
{
    /// <summary>What <c>top_p</c> 0 means: the most likely token alone, without dividing by nothing.</summary>
    private const double SmallestTopP = 1e-9;

    internal static SamplingParameters Read(JsonField body, int vocabularySize)
    {
        JsonField seed = body["seed"].IsPresent ? body["seed"] : body["random_seed"];
        return new SamplingParameters
        {
            Temperature = (float)(body["temperature"].Decimal(0, 2) ?? 1),
            TopP = (float)Math.Max(body["top_p"].Decimal(0, 1) ?? 1, SmallestTopP),
            TopK = Math.Max(body["top_k"].Count(-1) ?? 0, 0),
            MinP = (float)(body["min_p"].Decimal(0, 1) ?? 0),
            FrequencyPenalty = (float)(body["frequency_penalty"].Decimal(-2, 2) ?? 0),
            PresencePenalty = (float)(body["presence_penalty"].Decimal(-2, 2) ?? 0),
            RepetitionPenalty = ReadRepetitionPenalty(body["repetition_penalty"]),
            LogitBias = ReadLogitBias(body["logit_bias"], vocabularySize),
            Seed = (ulong)(seed.Integer(long.MinValue, long.MaxValue) ?? Random.Shared.NextInt64()),
        };
    }

    private static float ReadRepetitionPenalty(JsonField field)
    {
        // Logits are divided by it in single precision: nothing smaller or larger leaves a finite logit.
        double value = field.Decimal(0, 1e6) ?? 1;
        if (value < 1e-6)
        {
            field.Refuse(ApiError.BadRequest($"Invalid '{field.Path}': decimal below minimum value. Expected a value > 0, but got {value:R} instead.", "decimal_below_min_value", field.Path));
        }

        return (float)value;
    }

    private static Dictionary<int, float> ReadLogitBias(JsonField field, int vocabularySize)
    {
        var bias = new Dictionary<int, float>();
        foreach ((string key, JsonField value) in field.Members())
        {
            if (!int.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out int tokenId) || tokenId >= vocabularySize)
            {
                field.Refuse(ApiError.InvalidValue(field.Path, $"Invalid key in '{field.Path}': '{key}'. Expected a token id from 0 to {vocabularySize - 1}."));
                break;
            }

            bias[tokenId] = (float)(value.Required().Decimal(-100, 100) ?? 0);
        }

        return bias;
    }
}
