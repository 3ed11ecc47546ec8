using Tramontane.Server.Accounting;
using Tramontane.Server.Generation;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary>Writes the finished answers of a chat completion as one reply.</summary>
internal sealed class ChatFold(ReplyHead head, ChatCompletionRequest request, ChatLogprobsMapper logprobs)
{
    private readonly Answer[] _answers = [.. Enumerable.Range(0, request.Chat.ChoiceCount).Select(_ => new Answer())];

    internal void Add(ChoiceUpdate update) => _answers[update.Choice].Add(update);

    internal ChatCompletion ToReply(Bill bill, IReadOnlyList<int> prompt) => new()
    {
        Id = head.Id,
        Created = head.Created,
        Model = head.Model,
        SystemFingerprint = head.Fingerprint,
        Choices = [.. _answers.Select(ToChoice)],
        Usage = Usage.From(bill),
        PromptLogprobs = _answers[0].PromptLogprobs is { } positions ? logprobs.MapPrompt(positions) : null,
        PromptTokenIds = request.ReturnTokenIds ? prompt : null,
    };

    private ChatChoice ToChoice(Answer answer, int index)
    {
        string text = request.ReplyPrefix + answer.Text;
        return new ChatChoice
        {
            Index = index,
            Message = new AssistantMessage
            {
                Content = answer.Calls.Count > 0 && text.Length == 0 ? null : text,
                ToolCalls = answer.Calls.Count == 0 ? null : [.. answer.Calls.Select(c => new ChatToolCall
                {
                    Id = c.CallId!,
                    Function = new ChatFunctionCall { Name = c.Name, Arguments = c.Content.ToString() },
                })],
            },
            Logprobs = request.Chat.TopLogprobs is null ? null : new ChatLogprobs { Content = logprobs.Map(answer.Logprobs) },
            FinishReason = FinishReasons.Name(answer.FinishReason),
            TokenIds = request.ReturnTokenIds ? answer.TokenIds : null,
        };
    }
}
