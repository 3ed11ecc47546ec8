using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Inference.Engine;
using Tramontane.Server.Auth;
using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary><c>/v1/responses</c>: create, count, and what is done with kept replies.</summary>
internal sealed class ResponsesEndpoint(
    IInferenceEngine engine, RequestReader reader, ChatGenerator generator, ResponseStore store, ServerOptions options, GenerationRunner runner, TimeProvider time)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/responses", CreateAsync);
        routes.MapPost("/v1/responses/input_tokens", CountAsync);
        if (options.StoreResponses)
        {
            routes.MapMethods("/v1/responses/{id}", [HttpMethods.Get, HttpMethods.Head], RetrieveAsync);
            routes.MapDelete("/v1/responses/{id}", DeleteAsync);
        }
    }

    private async Task CreateAsync(HttpContext context)
    {
        (ResponseRequest? request, ApiError? error) = await ReadAsync(context);
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
        ReplyHead head = ReplyHead.Create("resp_", request!.Chat.Model, engine, time, context);
        var builder = new ResponseBuilder(head, request, new ChatLogprobsMapper(engine.Tokenizer));
        Caller caller = CallerOf(context);
        if (request.Stream)
        {
            var events = new ServerSentEvents(context, time, options);
            await runner.StreamAsync(context, batch, events, new ResponseStream(events, builder, batch, (answer, response) => Keep(caller, request, answer, response)));
            return;
        }

        var whole = new Answer();
        await runner.FoldAsync(context, batch, whole.Add);
        ResponseObject reply = builder.Finish(whole, batch.Bill);
        Keep(caller, request, whole, reply);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, OpenAIJson.Relaxed.ResponseObject);
    }

    private async Task CountAsync(HttpContext context)
    {
        (ResponseRequest? request, ApiError? error) = await ReadAsync(context);
        EncodedPrompt? prompt = null;
        if (request is not null)
        {
            (prompt, error) = await generator.EncodeAsync(context, request.Chat.Model, request.Chat.Conversation, WireNames.Responses);
        }

        await (prompt is null
            ? JsonReply.WriteErrorAsync(context, error!)
            : JsonReply.WriteAsync(context, StatusCodes.Status200OK, new ResponseInputTokens { InputTokens = prompt.Tokens.Count }, OpenAIJson.Relaxed.ResponseInputTokens));
    }

    private Task RetrieveAsync(HttpContext context)
    {
        string id = IdOf(context);
        return store.Find(CallerOf(context), id) is { } stored
            ? JsonReply.WriteAsync(context, StatusCodes.Status200OK, stored.Body)
            : JsonReply.WriteErrorAsync(context, NotFound(id));
    }

    private Task DeleteAsync(HttpContext context)
    {
        string id = IdOf(context);
        return store.Delete(CallerOf(context), id)
            ? JsonReply.WriteAsync(context, StatusCodes.Status200OK, new DeletedResponse { Id = id }, OpenAIJson.Relaxed.DeletedResponse)
            : JsonReply.WriteErrorAsync(context, NotFound(id));
    }

    /// <summary>Step 1: the dialect, and the conversation that the request goes on from.</summary>
    private async ValueTask<(ResponseRequest? Request, ApiError? Error)> ReadAsync(HttpContext context)
    {
        ClientStyle style = ClientStyle.Of(context);
        (ResponseRequest? request, ApiError? error) = await reader.ReadAsync(context, ResponseFields.Shape, body => ResponseReader.Read(body, style, options));
        if (request?.PreviousResponseId is not { } previous)
        {
            return (request, error);
        }

        if (store.Find(CallerOf(context), previous) is not { } stored)
        {
            return (null, ApiError.BadRequest($"Previous response with id '{previous}' not found.", "previous_response_not_found", "previous_response_id"));
        }

        ChatMessage[] input = [.. stored.Messages, .. request.Input];
        ChatConversation conversation = request.Chat.Conversation with { Messages = [.. ResponseReader.Instruct(request.Instructions), .. input] };
        return (request with { Input = input, Chat = request.Chat with { Conversation = conversation } }, null);
    }

    private void Keep(Caller caller, ResponseRequest request, Answer answer, ResponseObject response)
    {
        if (!request.Store)
        {
            return;
        }

        var message = new ChatMessage
        {
            Role = ChatRole.Assistant,
            Content = answer.Text is { Length: > 0 } text ? [new TextPart(text)] : [],
            ToolCalls = [.. answer.Calls.Select(c => new ToolCall(c.CallId!, c.Name, c.Content.ToString()))],
        };
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(response, OpenAIJson.Relaxed.ResponseObject);
        store.Add(caller, response.Id, new StoredResponse(body, [.. request.Input, message]));
    }

    private static ApiError NotFound(string id) => new(StatusCodes.Status404NotFound, $"Response with id '{id}' not found.");

    private static Caller CallerOf(HttpContext context) => context.Features.Get<Caller>() ?? Caller.Anyone;

    private static string IdOf(HttpContext context) => context.GetRouteValue("id")?.ToString() ?? "";
}
