using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Inference.Engine;
using Tramontane.Server.Generation;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenAI.Chat;

/// <summary><c>POST /v1/chat/completions</c>, for clients of OpenAI and of Mistral.</summary>
internal sealed class ChatCompletionsEndpoint(
    IInferenceEngine engine, RequestReader reader, ChatGenerator generator, ServerOptions options, GenerationRunner runner, TimeProvider time)
{
    internal void Map(IEndpointRouteBuilder routes) => routes.MapPost("/v1/chat/completions", HandleAsync);

    private async Task HandleAsync(HttpContext context)
    {
        // Step 1: the dialect, read and checked. Nothing is sent before the engine has accepted the request.
        ClientStyle style = ClientStyle.Of(context);
        (ChatCompletionRequest? request, ApiError? error) = await reader.ReadAsync(
            context, ChatFields.Shape, body => ChatCompletionReader.Read(body, style, options, engine.Model.VocabularySize));
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
        ReplyHead head = ReplyHead.Create("chatcmpl-", request!.Chat.Model, engine, time, context);
        var logprobs = new ChatLogprobsMapper(engine.Tokenizer);
        if (request.Streaming.Stream)
        {
            var events = new ServerSentEvents(context, time, options);
            await runner.StreamAsync(context, batch, events, new ChatStream(events, head, request, style, logprobs, batch));
            return;
        }

        var fold = new ChatFold(head, request, logprobs);
        await runner.FoldAsync(context, batch, fold.Add);
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, fold.ToReply(batch.Bill, batch.Prompt), OpenAIJson.Relaxed.ChatCompletion);
    }
}
