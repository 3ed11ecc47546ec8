using Tramontane.Inference.Engine;
using Tramontane.Server.Accounting;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>Writes the updates of an answer as Anthropic's events: a block is opened only when it has content.</summary>
internal sealed class MessageStream(ServerSentEvents events, string id, string requestId, ChatRequest request, GenerationBatch batch) : IEventWriter
{
    private int _index = -1;
    private OpenBlock _open;
    private InputPieces _pieces; // of the call that is open
    private (FinishReason Reason, string? StopText) _end = (FinishReason.Length, null);

    private enum OpenBlock
    {
        None,
        Text,
        Call,
    }

    public void Begin()
    {
        var message = new AnthropicMessage
        {
            Id = id,
            Model = request.Model,
            Content = [],
            StopReason = null,
            StopSequence = null,
            Usage = AnthropicUsage.From(new Bill(new TokenUsage(batch.Prompt.Count, 0, 0))),
        };
        events.Write(MessageStartEvent.Name, new MessageStartEvent { Message = message }, AnthropicJson.Relaxed.MessageStartEvent);
        events.Write(PingEvent.Name, new PingEvent(), AnthropicJson.Relaxed.PingEvent);
    }

    public void Write(ChoiceUpdate update)
    {
        if (update.Update.Text.Length > 0)
        {
            if (_open != OpenBlock.Text)
            {
                Open(OpenBlock.Text, AnthropicBlock.OfText(""));
            }

            Write(new ContentBlockDelta { Type = "text_delta", Text = update.Update.Text });
        }

        foreach (ToolCallDelta delta in update.Update.ToolCalls)
        {
            if (delta.Id is not null)
            {
                Open(OpenBlock.Call, AnthropicBlock.OfCall(delta.Id, delta.Name ?? "", ToolInput.Empty));
                _pieces = default;
            }

            string piece = _pieces.Add(delta.Arguments);
            if (piece.Length > 0)
            {
                Write(new ContentBlockDelta { Type = "input_json_delta", PartialJson = piece });
            }
        }

        if (update.Update.FinishReason is { } reason)
        {
            _end = (reason, update.Update.StopText);
        }
    }

    public void End()
    {
        Close();
        Bill bill = batch.Bill;
        var end = new MessageDeltaEvent
        {
            Delta = new MessageDelta
            {
                StopReason = StopReasons.Name(_end.Reason, _end.StopText, bill.Tokens.CompletionTokens, request.MaxTokens),
                StopSequence = _end.StopText,
            },
            Usage = MessageDeltaUsage.From(AnthropicUsage.From(bill)),
        };
        events.Write(MessageDeltaEvent.Name, end, AnthropicJson.Relaxed.MessageDeltaEvent);
        events.Write(MessageStopEvent.Name, new MessageStopEvent(), AnthropicJson.Relaxed.MessageStopEvent);
    }

    public void Fail(ApiError error) => events.Write("error", AnthropicError.From(error, requestId), AnthropicJson.Relaxed.AnthropicError);

    private void Open(OpenBlock kind, AnthropicBlock block)
    {
        Close();
        _open = kind;
        events.Write(ContentBlockStartEvent.Name, new ContentBlockStartEvent { Index = ++_index, ContentBlock = block }, AnthropicJson.Relaxed.ContentBlockStartEvent);
    }

    private void Write(ContentBlockDelta delta) =>
        events.Write(ContentBlockDeltaEvent.Name, new ContentBlockDeltaEvent { Index = _index, Delta = delta }, AnthropicJson.Relaxed.ContentBlockDeltaEvent);

    private void Close()
    {
        if (_open != OpenBlock.None)
        {
            _open = OpenBlock.None;
            events.Write(ContentBlockStopEvent.Name, new ContentBlockStopEvent { Index = _index }, AnthropicJson.Relaxed.ContentBlockStopEvent);
        }
    }
}
