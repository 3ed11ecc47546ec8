using Tramontane.Inference.Engine;
using Tramontane.Server.Accounting;
using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>Puts the response object together: for a reply as a whole, and for the events that repeat it.</summary>
internal sealed class ResponseBuilder(ReplyHead head, ResponseRequest request, ChatLogprobsMapper logprobs)
{
    internal const string InProgress = "in_progress";
    internal const string Completed = "completed";
    internal const string Incomplete = "incomplete";
    internal const string Failed = "failed";

    private readonly List<string> _itemIds = [];

    /// <summary>The response before, or without, its end.</summary>
    internal ResponseObject Build(string status, IReadOnlyList<ResponseItem> output, Bill? bill = null, ResponseError? error = null) => new()
    {
        Id = head.Id,
        CreatedAt = head.Created,
        Status = status,
        Error = error,
        IncompleteDetails = status == Incomplete ? new IncompleteDetails() : null,
        Instructions = request.Instructions,
        MaxOutputTokens = request.Chat.MaxTokens,
        Model = head.Model,
        Output = output,
        ParallelToolCalls = request.Chat.ParallelToolCalls,
        PreviousResponseId = request.PreviousResponseId,
        Store = request.Store,
        Temperature = request.Temperature,
        ToolChoice = request.ToolChoice,
        Tools = request.Tools,
        TopLogprobs = request.TopLogprobs,
        TopP = request.TopP,
        Usage = bill is null ? null : ResponseUsage.From(bill),
        Metadata = request.Metadata,
    };

    /// <summary>The response of an answer that has ended. An empty answer is a message with an empty text.</summary>
    internal ResponseObject Finish(Answer answer, Bill bill)
    {
        string status = answer.FinishReason == FinishReason.Length ? Incomplete : Completed;
        int last = answer.Parts.Count - 1;
        IReadOnlyList<ResponseItem> output = last < 0
            ? [Message(0, status, Content("", []))]
            : [.. answer.Parts.Select((part, i) => Item(i, part, i == last ? status : Completed))];
        return Build(status, output, bill);
    }

    /// <summary>One item of the output.</summary>
    internal ResponseItem Item(int index, AnswerPart part, string status) => part.CallId is null
        ? Message(index, status, Content(part.Content.ToString(), part.Logprobs))
        : ResponseItem.OfCall(ItemId(index, "fc_"), status, part.CallId, part.Name, part.Content.ToString());

    internal ResponseItem Message(int index, string status, params IReadOnlyList<ResponseContent> content) => ResponseItem.OfMessage(ItemId(index, "msg_"), status, content);

    internal ResponseContent Content(string text, IReadOnlyList<PositionLogprobs> positions) => new() { Text = text, Logprobs = logprobs.Map(positions) };

    /// <summary>The id of an item that was built before.</summary>
    internal string IdOf(int index) => _itemIds[index];

    private string ItemId(int index, string prefix)
    {
        if (index == _itemIds.Count)
        {
            _itemIds.Add(Identifiers.New(prefix));
        }

        return _itemIds[index];
    }
}
