using Tramontane.Inference.Sampling;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Reads the body of <c>POST /v1/chat/completions</c>. Unknown fields are ignored; what cannot be honoured is refused by name.</summary>
internal static class ChatCompletionReader
{
    private const int MaxTopLogprobs = 20;

    private const string SafePrompt =
        "Always assist with care, respect, and truth. Respond with utmost utility yet securely. Avoid harmful, unethical, prejudiced, or negative content. Ensure replies promote fairness and positivity.";

    /// <summary>The request; meaningless once <paramref name="body"/>'s errors hold one.</summary>
    internal static ChatCompletionRequest Read(JsonField body, int vocabularySize, int maxChoices)
    {
        string model = body["model"].Required().String() ?? "";
        ChatConversation conversation = ReadConversation(body);
        UnsupportedFields.Refuse(body);
        SamplingParameters sampling = SamplingReader.Read(body, vocabularySize);
        bool mayCallTools = ToolChoiceReader.ReadMayCall(body["tool_choice"], conversation.Tools);
        _ = body["metadata"].Object();
        return new ChatCompletionRequest
        {
            Model = model,
            Conversation = conversation,
            Sampling = sampling,
            Streaming = StreamOptions.Read(body),
            ChoiceCount = body["n"].Count(1, maxChoices) ?? 1,
            MaxTokens = ReadMaxTokens(body),
            Stop = StopReader.Read(body["stop"]),
            TopLogprobs = ReadTopLogprobs(body),
            AllowToolCalls = mayCallTools,
            ParallelToolCalls = body["parallel_tool_calls"].Boolean() ?? true,
            ReplyPrefix = ReplyPrefixOf(conversation),
        };
    }

    /// <summary>Messages and tools, for every route that takes them.</summary>
    internal static ChatConversation ReadConversation(JsonField body)
    {
        List<ChatMessage> messages = ChatMessageReader.Read(body["messages"]);
        if (body["safe_prompt"].Boolean() == true)
        {
            messages.Insert(0, new ChatMessage { Role = ChatRole.System, Content = [new TextPart(SafePrompt)] });
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
        JsonField deprecated = body["max_tokens"];
        int? maxTokens = current.Count(1);
        int? older = deprecated.Count(1);
        if (maxTokens is not null && older is not null && maxTokens != older)
        {
            current.Refuse(ApiError.InvalidValue(current.Path, "Setting 'max_tokens' and 'max_completion_tokens' to different values at the same time is not supported."));
        }

        return maxTokens ?? older;
    }

    private static int? ReadTopLogprobs(JsonField body)
    {
        bool logprobs = body["logprobs"].Boolean() ?? false;
        JsonField field = body["top_logprobs"];
        int? count = field.Count(0, MaxTopLogprobs);
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
