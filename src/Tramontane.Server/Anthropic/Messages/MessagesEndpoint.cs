using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Responses;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary><c>POST /v1/messages</c> and <c>POST /v1/messages/count_tokens</c>.</summary>
internal sealed class MessagesEndpoint(RequestReader reader, ChatGenerator generator, ServerOptions options, GenerationRunner runner, TimeProvider time)
{
    private static readonly byte[] s_ping = "event: ping\ndata: {\"type\":\"ping\"}\n\n"u8.ToArray();

    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/messages", HandleAsync);
        routes.MapPost("/v1/messages/count_tokens", CountAsync);
    }

    private async Task HandleAsync(HttpContext context)
    {
        // Step 1: the dialect.
        (MessageRequest? request, ApiError? error) = await ReadAsync(context, MessageFields.Shape, isCount: false);
        GenerationBatch? started = null;
        if (request is not null)
        {
            (started, error) = await generator.StartAsync(context, request.Chat);
        }

        if (started is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        await using GenerationBatch batch = started;
        string id = Identifiers.New("msg_");
        if (request!.Stream)
        {
            var events = new ServerSentEvents(context, time, options) { KeepAlive = s_ping };
            await runner.StreamAsync(context, batch, events, new MessageStream(events, id, context.TraceIdentifier, request.Chat, batch));
            return;
        }

        var answer = new Answer();
        await runner.FoldAsync(context, batch, answer.Add);
        AnthropicMessage message = MessageFold.ToMessage(id, request.Chat, answer, batch.Bill);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, message, AnthropicJson.Relaxed.AnthropicMessage);
    }

    private async Task CountAsync(HttpContext context)
    {
        (MessageRequest? request, ApiError? error) = await ReadAsync(context, MessageFields.CountShape, isCount: true);
        EncodedPrompt? prompt = null;
        if (request is not null)
        {
            (prompt, error) = await generator.EncodeAsync(context, request.Chat.Model, request.Chat.Conversation, request.Chat.Names);
        }

        await (prompt is null
            ? JsonReply.WriteErrorAsync(context, error!)
            : JsonReply.WriteAsync(context, StatusCodes.Status200OK, new AnthropicTokenCount { InputTokens = prompt.Tokens.Count }, AnthropicJson.Relaxed.AnthropicTokenCount));
    }

    private ValueTask<(MessageRequest? Request, ApiError? Error)> ReadAsync(HttpContext context, RequestShape shape, bool isCount)
    {
        ClientStyle style = ClientStyle.Of(context);
        return reader.ReadAsync(context, shape, body => MessageReader.Read(body, style, options, isCount));
    }
}
