using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Writes the updates of a chat completion as chunks, without flushing.</summary>
internal sealed class ChatStream(ServerSentEvents events, ReplyHead head, ChatCompletionRequest request, ChatLogprobsMapper logprobs, Func<ChoiceUpdate, ChoiceUpdate> limit) : IEventWriter
{
    private readonly TokenCounts _counts = new(request.ChoiceCount);

    /// <summary>Opens each answer: its role, and the prefix that the reply repeats.</summary>
    public void Begin()
    {
        for (int i = 0; i < request.ChoiceCount; i++)
        {
            WriteDelta(i, new ChatDelta { Role = "assistant", Content = "" });
            if (request.ReplyPrefix.Length > 0)
            {
                WriteDelta(i, new ChatDelta { Content = request.ReplyPrefix });
            }
        }
    }

    public void Write(ChoiceUpdate update)
    {
        GenerationUpdate news = limit(update).Update;
        _counts.Add(update);
        ChatLogprobs? entries = request.TopLogprobs is not null && logprobs.Map(news.Logprobs) is { Count: > 0 } mapped ? new ChatLogprobs { Content = mapped } : null;
        if (news.Text.Length > 0 || (entries is not null && news.ToolCalls.Count == 0))
        {
            WriteDelta(update.Choice, new ChatDelta { Content = news.Text }, entries);
            entries = null;
        }

        if (news.ToolCalls.Count > 0)
        {
            WriteDelta(update.Choice, new ChatDelta { ToolCalls = [.. news.ToolCalls.Select(ToDelta)] }, entries);
        }

        if (news.FinishReason is { } reason)
        {
            var choice = new ChatChunkChoice { Index = update.Choice, Delta = new ChatDelta(), FinishReason = FinishReasons.Name(reason) };
            bool usageHere = request.ChoiceCount == 1 && !request.Streaming.IncludeUsage;
            Write([choice], usageHere ? Usage.From(_counts.Total) : null, hasUsageKey: usageHere || request.Streaming.IncludeUsage);
        }
    }

    public void End()
    {
        if (request.Streaming.IncludeUsage)
        {
            Write([], Usage.From(_counts.Total), hasUsageKey: true);
        }

        events.WriteDone();
    }

    /// <summary>No <c>[DONE]</c> follows: a client must not take the stream for a whole one.</summary>
    public void Fail(ApiError error) => events.Write(OpenAIError.From(error), OpenAIJson.Relaxed.OpenAIError);

    private static ChatToolCallDelta ToDelta(ToolCallDelta delta) => new()
    {
        Index = delta.Index,
        Id = delta.Id,
        Type = delta.Id is null ? null : "function",
        Function = new ChatFunctionDelta { Name = delta.Name, Arguments = delta.Arguments },
    };

    private void WriteDelta(int choice, ChatDelta delta, ChatLogprobs? entries = null) =>
        Write([new ChatChunkChoice { Index = choice, Delta = delta, Logprobs = entries }], usage: null, hasUsageKey: request.Streaming.IncludeUsage);

    private void Write(IReadOnlyList<ChatChunkChoice> choices, Usage? usage, bool hasUsageKey)
    {
        if (hasUsageKey)
        {
            events.Write(
                new ChatCompletionUsageChunk { Id = head.Id, Created = head.Created, Model = head.Model, SystemFingerprint = head.Fingerprint, Choices = choices, Usage = usage },
                OpenAIJson.Relaxed.ChatCompletionUsageChunk);
        }
        else
        {
            events.Write(
                new ChatCompletionChunk { Id = head.Id, Created = head.Created, Model = head.Model, SystemFingerprint = head.Fingerprint, Choices = choices },
                OpenAIJson.Relaxed.ChatCompletionChunk);
        }
    }
}
