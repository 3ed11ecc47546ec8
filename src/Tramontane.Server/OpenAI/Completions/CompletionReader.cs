using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>Reads the body of <c>POST /v1/completions</c>.</summary>
internal static class CompletionReader
{
    private const int DefaultMaxTokens = 16;
    private const int MaxLogprobs = 5;
    private const string PromptForms = "a string, an array of strings, an array of token ids, or an array of arrays of token ids";

    /// <summary>The request; meaningless once <paramref name="body"/>'s errors hold one.</summary>
    internal static CompletionRequest Read(JsonField body, int vocabularySize, int maxSequences)
    {
        UnsupportedFields.Refuse(body);
        RefuseUnsupported(body);
        bool echo = body["echo"].Boolean() ?? false;
        var request = new CompletionRequest
        {
            Model = body["model"].Required().String() ?? "",
            Prompts = ReadPrompts(body["prompt"].Required(), vocabularySize, maxSequences),
            Sampling = SamplingReader.Read(body, vocabularySize),
            Streaming = StreamOptions.Read(body),
            ChoicesPerPrompt = body["n"].Count(1, maxSequences) ?? 1,
            MaxTokens = body["max_tokens"].Count(echo ? 0 : 1) ?? DefaultMaxTokens,
            Stop = StopReader.Read(body["stop"]),
            Logprobs = body["logprobs"].Count(0, MaxLogprobs),
            Echo = echo,
        };
        if (request.Prompts.Count * request.ChoicesPerPrompt > maxSequences)
        {
            body["n"].Refuse(ApiError.InvalidValue("n", $"Invalid 'n': {request.Prompts.Count} prompts times {request.ChoicesPerPrompt} answers are more than the {maxSequences} sequences that one request may start."));
        }

        return request;
    }

    private static void RefuseUnsupported(JsonField body)
    {
        if (body["suffix"].String() is { Length: > 0 })
        {
            body["suffix"].Refuse(ApiError.NotSupportedParameter("suffix", "Unsupported parameter: 'suffix'. The model was not trained to fill in the middle."));
        }

        if (body["best_of"].Count(1) > 1)
        {
            body["best_of"].Refuse(ApiError.NotSupportedValue("best_of", "Unsupported value: 'best_of' must be 1. Ask for several answers with 'n' and choose."));
        }
    }

    private static List<CompletionPrompt> ReadPrompts(JsonField prompt, int vocabularySize, int maxPrompts)
    {
        if (prompt.IsString)
        {
            return [new CompletionPrompt(prompt.String(), [])];
        }

        if (prompt.IsArray && prompt.Length == 0)
        {
            prompt.Refuse(EmptyArray(prompt));
            return [];
        }

        var prompts = new List<CompletionPrompt>();
        foreach (JsonField item in prompt.Items(PromptForms))
        {
            if (item.IsNumber && prompts.Count == 0)
            {
                return [new CompletionPrompt(null, TokenIdReader.Read(prompt, vocabularySize))];
            }

            if (prompts.Count == maxPrompts)
            {
                prompt.Refuse(ApiError.BadRequest(
                    $"Invalid '{prompt.Path}': array too long. Expected an array with maximum length {maxPrompts}, but got an array with length {prompt.Length} instead.",
                    "array_above_max_length",
                    prompt.Path));
                break;
            }

            prompts.Add(ReadPrompt(item, vocabularySize));
        }

        return prompts;
    }

    private static CompletionPrompt ReadPrompt(JsonField item, int vocabularySize)
    {
        if (item.IsString)
        {
            return new CompletionPrompt(item.String(), []);
        }

        if (!item.IsArray)
        {
            item.RefuseType("a string or an array of token ids");
        }
        else if (item.Length == 0)
        {
            item.Refuse(EmptyArray(item));
        }

        return new CompletionPrompt(null, TokenIdReader.Read(item, vocabularySize));
    }

    private static ApiError EmptyArray(JsonField field) => ApiError.BadRequest(
        $"Invalid '{field.Path}': empty array. Expected an array with minimum length 1, but got an empty array instead.", "empty_array", field.Path);
}
