using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;

namespace Tramontane.Server.OpenAI.Completions;

/// <summary>Reads the body of <c>POST /v1/completions</c>.</summary>
internal static class CompletionReader
{
    private const int DefaultMaxTokens = 16;
    private const string PromptForms = "a string, an array of strings, an array of token ids, or an array of arrays of token ids";

    /// <summary>The request; meaningless once <paramref name="body"/>'s errors hold one.</summary>
    internal static CompletionRequest Read(JsonField body, ClientStyle style, ServerOptions options, int vocabularySize)
    {
        int maxSequences = options.MaxSequencesPerRequest;
        UnsupportedFields.Refuse(body);
        RefuseUnsupported(body);
        bool echo = CompletionFields.Echo.Read(body) ?? false;
        StreamOptions streaming = StreamOptions.Read(body);
        int? promptLogprobs = CompletionFields.PromptLogprobs.Count(body);
        if (promptLogprobs is not null && streaming.Stream)
        {
            body["prompt_logprobs"].Refuse(ApiError.InvalidValue("prompt_logprobs", "'prompt_logprobs' is not available when 'stream' is enabled."));
        }

        var request = new CompletionRequest
        {
            Model = style.Model(body).Required().String() ?? "",
            Prompts = ReadPrompts(body["prompt"].Required(), vocabularySize, maxSequences),
            Sampling = SamplingReader.Read(body, vocabularySize, options.DefaultTemperature),
            Streaming = style.AlwaysSendsUsageChunk ? streaming with { IncludeUsage = true } : streaming,
            ChoicesPerPrompt = body["n"].Count(1, maxSequences) ?? 1,
            MaxTokens = body["max_tokens"].Count(echo ? 0 : 1) ?? DefaultMaxTokens,
            Stop = StopReader.Read(body["stop"]),
            ResponseFormat = StructuredOutputsReader.Read(body, ResponseFormatReader.Read(body["response_format"])),
            Logprobs = CompletionFields.Logprobs.Count(body),
            Echo = echo,
            PromptLogprobs = promptLogprobs,
            ReturnTokenIds = CompletionFields.ReturnTokenIds.Read(body) ?? false,
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
            prompt.Refuse(ApiError.EmptyArray(prompt.Path));
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
                prompt.Refuse(ApiError.ArrayTooLong(prompt.Path, maxPrompts, prompt.Length));
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
            item.Refuse(ApiError.EmptyArray(item.Path));
        }

        return new CompletionPrompt(null, TokenIdReader.Read(item, vocabularySize));
    }
}
