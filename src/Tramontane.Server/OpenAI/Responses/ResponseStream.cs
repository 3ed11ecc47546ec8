using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>Writes the updates of an answer as the events of the Responses API.</summary>
/// <param name="events">The stream.</param>
/// <param name="builder">Builds items and the response itself.</param>
/// <param name="batch">What is answered, with its bill in the end.</param>
/// <param name="finished">Told of the whole answer and its response before the last event.</param>
internal sealed class ResponseStream(ServerSentEvents events, ResponseBuilder builder, GenerationBatch batch, Action<Answer, ResponseObject> finished) : IEventWriter
{
    private readonly Answer _answer = new();
    private int _sequence;
    private int _open = -1; // index of the item that goes on

    public void Begin()
    {
        ResponseObject response = builder.Build(ResponseBuilder.InProgress, []);
        WriteState("response.created", response);
        WriteState("response.in_progress", response);
    }

    public void Write(ChoiceUpdate update)
    {
        GenerationUpdate news = update.Update;
        bool isOfText = news.Text.Length > 0 || news.ToolCalls.Count == 0;
        WriteText(update with { Update = news with { ToolCalls = [], Logprobs = isOfText ? news.Logprobs : [] } });
        foreach (ToolCallDelta delta in news.ToolCalls)
        {
            WriteCall(new ChoiceUpdate(0, new GenerationUpdate { ToolCalls = [delta] }));
        }
    }

    public void End()
    {
        if (_answer.Parts.Count == 0)
        {
            OpenMessage(0);
            CloseMessage(0, builder.Content("", []), Status);
        }

        Close(Status);
        ResponseObject response = builder.Finish(_answer, batch.Bill);
        finished(_answer, response);
        WriteState("response." + response.Status, response);
    }

    public void Fail(ApiError error) => WriteState("response.failed", builder.Build(
        ResponseBuilder.Failed,
        [.. _answer.Parts.Select((part, i) => builder.Item(i, part, i == _open ? ResponseBuilder.Incomplete : ResponseBuilder.Completed))],
        error: new ResponseError { Code = "server_error", Message = error.Message }));

    private string Status => _answer.FinishReason == FinishReason.Length ? ResponseBuilder.Incomplete : ResponseBuilder.Completed;

    private void WriteText(ChoiceUpdate piece)
    {
        bool isNew = piece.Update.Text.Length > 0 && _answer.Parts is not [.., { IsCall: false }];
        if (isNew)
        {
            Close(ResponseBuilder.Completed);
        }

        _answer.Add(piece);
        if (isNew)
        {
            OpenMessage(_answer.Parts.Count - 1);
        }

        if (piece.Update.Text.Length > 0)
        {
            events.Write(
                "response.output_text.delta",
                new ResponseTextDeltaEvent
                {
                    Type = "response.output_text.delta",
                    SequenceNumber = _sequence++,
                    ItemId = builder.IdOf(_open),
                    OutputIndex = _open,
                    Delta = piece.Update.Text,
                    Logprobs = builder.Content("", piece.Update.Logprobs).Logprobs,
                },
                OpenAIJson.Relaxed.ResponseTextDeltaEvent);
        }
    }

    private void WriteCall(ChoiceUpdate piece)
    {
        ToolCallDelta delta = piece.Update.ToolCalls[0];
        if (delta.Id is not null)
        {
            Close(ResponseBuilder.Completed);
        }

        _answer.Add(piece);
        if (delta.Id is not null)
        {
            _open = _answer.Parts.Count - 1;
            ResponseItem item = builder.Item(_open, _answer.Parts[_open], ResponseBuilder.InProgress);
            WriteItem("response.output_item.added", _open, item with { Arguments = "" });
        }

        if (delta.Arguments.Length > 0)
        {
            events.Write(
                "response.function_call_arguments.delta",
                new ResponseArgumentsDeltaEvent
                {
                    Type = "response.function_call_arguments.delta", SequenceNumber = _sequence++, ItemId = builder.IdOf(_open), OutputIndex = _open, Delta = delta.Arguments,
                },
                OpenAIJson.Relaxed.ResponseArgumentsDeltaEvent);
        }
    }

    private void OpenMessage(int index)
    {
        _open = index;
        ResponseItem item = builder.Message(index, ResponseBuilder.InProgress);
        WriteItem("response.output_item.added", index, item);
        WritePart("response.content_part.added", index, item.Id, builder.Content("", []));
    }

    private void Close(string status)
    {
        if (_open < 0)
        {
            return;
        }

        ResponseItem item = builder.Item(_open, _answer.Parts[_open], status);
        if (item.Content is { } content)
        {
            CloseMessage(_open, content[0], status);
            return;
        }

        events.Write(
            "response.function_call_arguments.done",
            new ResponseArgumentsDoneEvent
            {
                Type = "response.function_call_arguments.done", SequenceNumber = _sequence++, ItemId = item.Id, OutputIndex = _open, Name = item.Name!, Arguments = item.Arguments!,
            },
            OpenAIJson.Relaxed.ResponseArgumentsDoneEvent);
        WriteItem("response.output_item.done", _open, item);
        _open = -1;
    }

    private void CloseMessage(int index, ResponseContent content, string status)
    {
        ResponseItem item = builder.Message(index, status, content);
        events.Write(
            "response.output_text.done",
            new ResponseTextDoneEvent
            {
                Type = "response.output_text.done", SequenceNumber = _sequence++, ItemId = item.Id, OutputIndex = index, Text = content.Text, Logprobs = content.Logprobs,
            },
            OpenAIJson.Relaxed.ResponseTextDoneEvent);
        WritePart("response.content_part.done", index, item.Id, content);
        WriteItem("response.output_item.done", index, item);
        _open = -1;
    }

    private void WriteState(string type, ResponseObject response) =>
        events.Write(type, new ResponseStateEvent { Type = type, SequenceNumber = _sequence++, Response = response }, OpenAIJson.Relaxed.ResponseStateEvent);

    private void WriteItem(string type, int index, ResponseItem item) =>
        events.Write(type, new ResponseItemEvent { Type = type, SequenceNumber = _sequence++, OutputIndex = index, Item = item }, OpenAIJson.Relaxed.ResponseItemEvent);

    private void WritePart(string type, int index, string itemId, ResponseContent part) =>
        events.Write(type, new ResponsePartEvent { Type = type, SequenceNumber = _sequence++, ItemId = itemId, OutputIndex = index, Part = part }, OpenAIJson.Relaxed.ResponsePartEvent);
}
