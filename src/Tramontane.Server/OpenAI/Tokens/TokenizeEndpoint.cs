using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Inference.Engine;
using Tramontane.Server.Catalog;
using Tramontane.Server.Generation;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;
using Tramontane.Tokenization;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Tokens;

/// <summary><c>POST /tokenize</c> and <c>POST /detokenize</c>, in vLLM's form.</summary>
internal sealed class TokenizeEndpoint(IInferenceEngine engine, RequestReader reader, ChatGenerator generator, ModelCatalog catalog, LargeWork largeWork)
{
    internal void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/tokenize", TokenizeAsync);
        routes.MapPost("/detokenize", DetokenizeAsync);
    }

    private async Task TokenizeAsync(HttpContext context)
    {
        (TokenizeRequest? request, ApiError? error) = await reader.ReadAsync(context, TokenFields.TokenizeShape, Read);
        IReadOnlyList<int>? tokens = null;
        if (request is not null && CheckModel(request.Model, out error))
        {
            if (request.Conversation is null)
            {
                tokens = await largeWork.RunAsync(request.Prompt.Length, () => Encode(request), context.RequestAborted);
            }
            else
            {
                (EncodedPrompt? prompt, error) = await generator.EncodeAsync(context, request.Model, request.Conversation, WireNames.Chat);
                tokens = prompt?.Tokens;
            }
        }

        if (tokens is null)
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        var reply = new TokenizeReply
        {
            Count = tokens.Count,
            MaxModelLength = engine.Model.ContextLength,
            Tokens = tokens,
            TokenStrings = request!.ReturnTokenStrings ? [.. tokens.Select(engine.Tokenizer.TokenText)] : null,
        };
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, OpenAIJson.Relaxed.TokenizeReply);
    }

    private async Task DetokenizeAsync(HttpContext context)
    {
        (DetokenizeRequest? request, ApiError? error) = await reader.ReadAsync(context, TokenFields.DetokenizeShape, body =>
            new DetokenizeRequest(body["model"].String(), TokenIdReader.Read(body["tokens"].Required(), engine.Tokenizer.VocabularySize)));
        if (request is null || !CheckModel(request.Model, out error))
        {
            await JsonReply.WriteErrorAsync(context, error!);
            return;
        }

        var reply = new DetokenizeReply { Prompt = engine.Tokenizer.Decode([.. request.Tokens]) };
        await JsonReply.WriteAsync(context, StatusCodes.Status200OK, reply, OpenAIJson.Relaxed.DetokenizeReply);
    }

    private List<int> Encode(TokenizeRequest request)
    {
        List<int> ids = request.AddSpecialTokens ? [SpecialTokens.Bos] : [];
        engine.Tokenizer.Encode(request.Prompt, ids);
        return ids;
    }

    private static TokenizeRequest Read(JsonField body)
    {
        bool isChat = body["messages"].IsPresent;
        JsonField continueFinal = body["continue_final_message"];
        if (body["add_generation_prompt"].Boolean() == true && continueFinal.Boolean() == true)
        {
            continueFinal.Refuse(ApiError.InvalidValue(continueFinal.Path, "Cannot set both 'continue_final_message' and 'add_generation_prompt' to true."));
        }

        JsonField prompt = isChat ? body["prompt"] : body["prompt"].Required();
        return new TokenizeRequest
        {
            Model = body["model"].String(),
            Prompt = prompt.String() ?? "",
            Conversation = isChat ? ChatCompletionReader.ReadConversation(body) : null,
            AddSpecialTokens = body["add_special_tokens"].Boolean() ?? true,
            ReturnTokenStrings = body["return_token_strs"].Boolean() ?? false,
        };
    }

    private bool CheckModel(string? model, out ApiError? error)
    {
        error = model is null || catalog.Knows(model) ? null : ApiError.UnknownModel(model);
        return error is null;
    }

    private sealed record TokenizeRequest
    {
        public required string? Model { get; init; }

        public required string Prompt { get; init; }

        /// <summary>Null when a text is to be encoded.</summary>
        public required ChatConversation? Conversation { get; init; }

        public required bool AddSpecialTokens { get; init; }

        public required bool ReturnTokenStrings { get; init; }
    }

    private sealed record DetokenizeRequest(string? Model, IReadOnlyList<int> Tokens);
}
