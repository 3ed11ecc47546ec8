using System.Text;
using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Writes the updates of a chat completion as chunks, without flushing.</summary>
/// <param name="events">The stream.</param>
/// <param name="head">What every chunk repeats.</param>
/// <param name="request">What was asked for.</param>
/// <param name="style">How errors are told.</param>
/// <param name="logprobs">Writes log-probabilities.</param>
/// <param name="batch">What is answered: its prompt, and in the end its bill.</param>
internal sealed class ChatStream(
    ServerSentEvents events, ReplyHead head, ChatCompletionRequest request, ClientStyle style, ChatLogprobsMapper logprobs, GenerationBatch batch) : IEventWriter
{
    private readonly WholeCalls[] _wholeCalls = request.WholeToolCalls ? [.. Enumerable.Range(0, request.Chat.ChoiceCount).Select(_ => new WholeCalls())] : [];

    /// <summary>Opens each answer: its role, and the prefix that the reply repeats.</summary>
    public void Begin()
    {
        for (int i = 0; i < request.Chat.ChoiceCount; i++)
        {
            WriteDelta(i, new ChatDelta { Role = "assistant", Content = "" }, promptTokenIds: i == 0 && request.ReturnTokenIds ? batch.Prompt : null);
            if (request.ReplyPrefix.Length > 0)
            {
                WriteDelta(i, new ChatDelta { Content = request.ReplyPrefix });
            }
        }
    }

    public void Write(ChoiceUpdate update)
    {
        GenerationUpdate news = update.Update;
        ChatLogprobs? entries = request.Chat.TopLogprobs is not null && logprobs.Map(news.Logprobs) is { Count: > 0 } mapped ? new ChatLogprobs { Content = mapped } : null;
        IReadOnlyList<int>? tokenIds = request.ReturnTokenIds && news.TokenIds.Count > 0 ? news.TokenIds : null;
        IReadOnlyList<ToolCallDelta> calls = _wholeCalls.Length == 0 ? news.ToolCalls : _wholeCalls[update.Choice].Take(news);
        if (news.Text.Length > 0 || ((entries is not null || tokenIds is not null) && calls.Count == 0))
        {
            WriteDelta(update.Choice, new ChatDelta { Content = news.Text }, entries, tokenIds);
            (entries, tokenIds) = (null, null);
        }

        if (calls.Count > 0)
        {
            WriteDelta(update.Choice, new ChatDelta { ToolCalls = [.. calls.Select(ToDelta)] }, entries, tokenIds);
        }

        if (news.FinishReason is { } reason)
        {
            var choice = new ChatChunkChoice { Index = update.Choice, Delta = new ChatDelta(), FinishReason = FinishReasons.Name(reason) };
            bool usageHere = request.Chat.ChoiceCount == 1 && !request.Streaming.IncludeUsage;
            Write([choice], usageHere ? Usage.From(batch.Bill) : null, hasUsageKey: usageHere || request.Streaming.IncludeUsage);
        }
    }

    public void End()
    {
        if (request.Streaming.IncludeUsage)
        {
            Write([], Usage.From(batch.Bill), hasUsageKey: true);
        }

        events.WriteDone();
    }

    /// <summary>No <c>[DONE]</c> follows: a client must not take the stream for a whole one.</summary>
    public void Fail(ApiError error) => StreamErrors.Write(events, head, style, error, "chat.completion.chunk");

    private static ChatToolCallDelta ToDelta(ToolCallDelta delta) => new()
    {
        Index = delta.Index,
        Id = delta.Id,
        Type = delta.Id is null ? null : "function",
        Function = new ChatFunctionDelta { Name = delta.Name, Arguments = delta.Arguments },
    };

    private void WriteDelta(int choice, ChatDelta delta, ChatLogprobs? entries = null, IReadOnlyList<int>? tokenIds = null, IReadOnlyList<int>? promptTokenIds = null) =>
        Write([new ChatChunkChoice { Index = choice, Delta = delta, Logprobs = entries, TokenIds = tokenIds }], usage: null, hasUsageKey: request.Streaming.IncludeUsage, promptTokenIds);

    private void Write(IReadOnlyList<ChatChunkChoice> choices, Usage? usage, bool hasUsageKey, IReadOnlyList<int>? promptTokenIds = null)
    {
        if (hasUsageKey)
        {
            events.Write(
                new ChatCompletionUsageChunk
                {
                    Id = head.Id, Created = head.Created, Model = head.Model, SystemFingerprint = head.Fingerprint, Choices = choices, Usage = usage, PromptTokenIds = promptTokenIds,
                },
                OpenAIJson.Relaxed.ChatCompletionUsageChunk);
        }
        else
        {
            events.Write(
                new ChatCompletionChunk { Id = head.Id, Created = head.Created, Model = head.Model, SystemFingerprint = head.Fingerprint, Choices = choices, PromptTokenIds = promptTokenIds },
                OpenAIJson.Relaxed.ChatCompletionChunk);
        }
    }

    /// <summary>Holds the pieces of a call back until it is whole: when the next begins, or the answer ends.</summary>
    private sealed class WholeCalls
    {
        private readonly StringBuilder _arguments = new();
        private ToolCallDelta? _open;

        internal List<ToolCallDelta> Take(GenerationUpdate update)
        {
            var whole = new List<ToolCallDelta>();
            foreach (ToolCallDelta delta in update.ToolCalls)
            {
                if (delta.Id is not null)
                {
                    Close(whole);
                    _open = delta;
                }

                _arguments.Append(delta.Arguments);
            }

            if (update.FinishReason is not null)
            {
                Close(whole);
            }

            return whole;
        }

        private void Close(List<ToolCallDelta> whole)
        {
            if (_open is not null)
            {
                whole.Add(_open with { Arguments = _arguments.ToString() });
            }

            _open = null;
            _arguments.Clear();
        }
    }
}
