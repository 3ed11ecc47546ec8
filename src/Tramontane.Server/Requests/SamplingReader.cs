using System.Globalization;
using Tramontane.Inference.Sampling;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Requests;

/// <summary>The sampling fields that OpenAI's chat and legacy completions share, with vLLM's and Mistral's additions.</summary>
internal static class SamplingReader
{
    /// <summary>What <c>top_p</c> 0 means: the most likely token alone, without dividing by nothing.</summary>
    private const double SmallestTopP = 1e-9;

    internal static SamplingParameters Read(JsonField body, int vocabularySize, double defaultTemperature)
    {
        JsonField seed = body["seed"].IsPresent ? body["seed"] : body["random_seed"];
        return new SamplingParameters
        {
            Temperature = (float)(SamplingFields.Temperature.Read(body) ?? defaultTemperature),
            TopP = TopP(SamplingFields.TopP.ReadOrDefault(body)),
            TopK = Math.Max(SamplingFields.TopK.CountOrDefault(body), 0),
            MinP = (float)SamplingFields.MinP.ReadOrDefault(body),
            FrequencyPenalty = (float)SamplingFields.FrequencyPenalty.ReadOrDefault(body),
            PresencePenalty = (float)SamplingFields.PresencePenalty.ReadOrDefault(body),
            RepetitionPenalty = (float)SamplingFields.RepetitionPenalty.ReadOrDefault(body),
            LogitBias = ReadLogitBias(body["logit_bias"], vocabularySize),
            Seed = (ulong)(seed.Integer(long.MinValue, long.MaxValue) ?? RandomSeed()),
        };
    }

    internal static float TopP(double? value) => (float)Math.Max(value ?? 1, SmallestTopP);

    /// <summary>For a request that gives none.</summary>
    internal static long RandomSeed() => Random.Shared.NextInt64();

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
