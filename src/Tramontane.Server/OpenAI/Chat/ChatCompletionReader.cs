using Tramontane.Server.Generation;
using Tramontane.Server.Mistral;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the body of <c>POST /v1/chat/completions</c>. Unknown fields are reported; what cannot be honoured is refused by name.</summary>
internal static class ChatCompletionReader
{
    /// <summary>The request; meaningless once <paramref name="body"/>'s errors hold one.</summary>
    internal static ChatCompletionRequest Read(JsonField body, ClientStyle style, ServerOptions options, int vocabularySize)
    {
        string model = style.Model(body).Required().String() ?? "";
        ChatConversation conversation = ReadConversation(body);
        UnsupportedFields.Refuse(body);
        StreamOptions streaming = StreamOptions.Read(body);
        int? promptLogprobs = ChatFields.PromptLogprobs.Count(body);
        if (promptLogprobs is not null && streaming.Stream)
        {
            body["prompt_logprobs"].Refuse(ApiError.InvalidValue("prompt_logprobs", "'prompt_logprobs' is not available when 'stream' is enabled."));
        }

        int choices = body["n"].Count(1, options.MaxSequencesPerRequest) ?? 1;
        return new ChatCompletionRequest
        {
            Chat = new ChatRequest
            {
                Model = model,
                Conversation = conversation,
                Sampling = SamplingReader.Read(body, vocabularySize, options.DefaultTemperature),
                ChoiceCount = choices,
                MaxTokens = ReadMaxTokens(body),
                Stop = StopReader.Read(body["stop"]),
                TopLogprobs = ReadTopLogprobs(body),
                PromptLogprobs = promptLogprobs,
                ToolChoice = ToolChoiceReader.Read(body["tool_choice"], conversation.Tools),
                ParallelToolCalls = ChatFields.ParallelToolCalls.ReadOrDefault(body),
                ResponseFormat = StructuredOutputsReader.Read(body, ResponseFormatReader.Read(body["response_format"])),
            },
            Streaming = style.AlwaysSendsUsageChunk ? streaming with { IncludeUsage = true } : streaming,
            ReplyPrefix = ReplyPrefixOf(conversation),
            ReturnTokenIds = ChatFields.ReturnTokenIds.ReadOrDefault(body),
            WholeToolCalls = style.WantsWholeToolCalls,
        };
    }

    /// <summary>Messages and tools, for every route that takes them.</summary>
    internal static ChatConversation ReadConversation(JsonField body)
    {
        List<ChatMessage> messages = ChatMessageReader.Read(body["messages"]);
        if (MistralFields.SafePrompt.Read(body) == true)
        {
            messages.Insert(0, new ChatMessage { Role = ChatRole.System, Content = [new TextPart(MistralFields.SafePromptText)] });
        }

        JsonField continueFinal = body["continue_final_message"];
        bool isContinued = continueFinal.Boolean() ?? false;
        if (isContinued && messages is [.., { Role: not ChatRole.Assistant }])
        {
            continueFinal.Refuse(ApiError.InvalidValue(continueFinal.Path, "'continue_final_message' needs an assistant message at the end."));
        }

        return new ChatConversation
        {
            Messages = messages,
            Tools = ToolReader.Read(body["tools"]),
            ContinueFinalMessage = isContinued,
        };
    }

    private static int? ReadMaxTokens(JsonField body)
    {
        JsonField current = body["max_completion_tokens"];
        int? maxTokens = ChatFields.MaxCompletionTokens.Count(body);
        int? older = ChatFields.MaxTokens.Count(body);
        if (maxTokens is not null && older is not null && maxTokens != older)
        {
            current.Refuse(ApiError.InvalidValue(current.Path, "Setting 'max_tokens' and 'max_completion_tokens' to different values at the same time is not supported."));
        }

        return maxTokens ?? older;
    }

    private static int? ReadTopLogprobs(JsonField body)
    {
        bool logprobs = ChatFields.Logprobs.ReadOrDefault(body);
        JsonField field = body["top_logprobs"];
        int? count = ChatFields.TopLogprobs.Count(body);
        if (count is not null && !logprobs)
        {
            field.Refuse(ApiError.InvalidValue(field.Path, "The 'top_logprobs' parameter is only allowed when 'logprobs' is enabled."));
        }

        return logprobs ? count ?? 0 : null;
    }

    private static string ReplyPrefixOf(ChatConversation conversation) =>
        conversation.Messages is [.., { Role: ChatRole.Assistant, Prefix: true } last]
            ? string.Join("\n\n", last.Content.OfType<TextPart>().Select(p => p.Text).Where(t => t.Length > 0))
            : "";
}
