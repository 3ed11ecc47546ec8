using System.Text;
using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Folds the updates of a chat completion into one reply: what a client of the stream would have put together.</summary>
internal sealed class ChatFold
{
    private readonly ReplyHead _head;
    private readonly ChatCompletionRequest _request;
    private readonly ChatLogprobsMapper _logprobs;
    private readonly Answer[] _answers;

    internal ChatFold(ReplyHead head, ChatCompletionRequest request, ChatLogprobsMapper logprobs)
    {
        _head = head;
        _request = request;
        _logprobs = logprobs;
        _answers = new Answer[request.ChoiceCount];
        for (int i = 0; i < _answers.Length; i++)
        {
            _answers[i] = new Answer();
            _answers[i].Text.Append(request.ReplyPrefix);
        }
    }

    internal void Add(ChoiceUpdate update)
    {
        Answer answer = _answers[update.Choice];
        answer.Text.Append(update.Update.Text);
        answer.Logprobs.AddRange(_logprobs.Map(update.Update.Logprobs));
        answer.FinishReason = update.Update.FinishReason ?? answer.FinishReason;
        foreach (ToolCallDelta delta in update.Update.ToolCalls)
        {
            if (delta.Index == answer.Calls.Count)
            {
                answer.Calls.Add(new Call(delta.Id ?? "", delta.Name ?? "", new StringBuilder()));
            }

            answer.Calls[delta.Index].Arguments.Append(delta.Arguments);
        }
    }

    internal ChatCompletion ToReply(TokenUsage usage) => new()
    {
        Id = _head.Id,
        Created = _head.Created,
        Model = _head.Model,
        SystemFingerprint = _head.Fingerprint,
        Choices = [.. _answers.Select(ToChoice)],
        Usage = Usage.From(usage),
    };

    private ChatChoice ToChoice(Answer answer, int index) => new()
    {
        Index = index,
        Message = new AssistantMessage
        {
            Content = answer.Calls.Count > 0 && answer.Text.Length == 0 ? null : answer.Text.ToString(),
            ToolCalls = answer.Calls.Count == 0 ? null : [.. answer.Calls.Select(c => new ChatToolCall
            {
                Id = c.Id,
                Function = new ChatFunctionCall { Name = c.Name, Arguments = c.Arguments.ToString() },
            })],
        },
        Logprobs = _request.TopLogprobs is null ? null : new ChatLogprobs { Content = answer.Logprobs },
        FinishReason = FinishReasons.Name(answer.FinishReason ?? FinishReason.Length),
    };

    private sealed class Answer
    {
        internal StringBuilder Text { get; } = new();

        internal List<Call> Calls { get; } = [];

        internal List<ChatTokenLogprob> Logprobs { get; } = [];

        internal FinishReason? FinishReason { get; set; }
    }

    private sealed record Call(string Id, string Name, StringBuilder Arguments);
}
