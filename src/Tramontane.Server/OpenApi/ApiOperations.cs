using Tramontane.Server.Administration;
using Tramontane.Server.Anthropic;
using Tramontane.Server.Anthropic.Messages;
using Tramontane.Server.OpenAI;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.OpenAI.Completions;
using Tramontane.Server.OpenAI.Responses;
using Tramontane.Server.OpenAI.Tokens;
using Tramontane.Server.Observability;

namespace Tramontane.Server.OpenApi;

/// <summary>Every route, with the types that its handler reads and writes.</summary>
internal static class ApiOperations
{
    private static readonly OpenAIJson s_openAI = OpenAIJson.Relaxed;
    private static readonly AdminJson s_admin = AdminJson.Relaxed;
    private static readonly AnthropicJson s_anthropic = AnthropicJson.Relaxed;

    internal static IReadOnlyList<ApiOperation> All { get; } =
    [
        new("post", "/v1/chat/completions", "Answer a conversation; fields of OpenAI, Mistral, OpenRouter and vLLM.", s_openAI.ChatCompletion)
        {
            Body = ChatFields.Shape, Error = s_openAI.OpenAIError, Events = [s_openAI.ChatCompletionChunk, s_openAI.ChatCompletionUsageChunk, s_openAI.OpenAIError],
        },
        new("post", "/v1/completions", "Continue a text or token ids.", s_openAI.CompletionWithUsage)
        {
            Body = CompletionFields.Shape, Error = s_openAI.OpenAIError, Events = [s_openAI.Completion, s_openAI.CompletionWithUsage, s_openAI.OpenAIError],
        },
        new("post", "/v1/responses", "Answer with OpenAI's Responses API.", s_openAI.ResponseObject)
        {
            Body = ResponseFields.Shape,
            Error = s_openAI.OpenAIError,
            Events =
            [
                s_openAI.ResponseStateEvent, s_openAI.ResponseItemEvent, s_openAI.ResponsePartEvent, s_openAI.ResponseTextDeltaEvent, s_openAI.ResponseTextDoneEvent,
                s_openAI.ResponseArgumentsDeltaEvent, s_openAI.ResponseArgumentsDoneEvent,
            ],
        },
        new("post", "/v1/responses/input_tokens", "Count the tokens of a response's input.", s_openAI.ResponseInputTokens) { Body = ResponseFields.Shape, Error = s_openAI.OpenAIError },
        new("get", "/v1/responses/{id}", "A kept response.", s_openAI.ResponseObject) { Error = s_openAI.OpenAIError },
        new("delete", "/v1/responses/{id}", "Forget a kept response.", s_openAI.DeletedResponse) { Error = s_openAI.OpenAIError },
        new("post", "/v1/messages", "Answer with Anthropic's Messages API.", s_anthropic.AnthropicMessage)
        {
            Body = MessageFields.Shape,
            Error = s_anthropic.AnthropicError,
            Events =
            [
                s_anthropic.MessageStartEvent, s_anthropic.PingEvent, s_anthropic.ContentBlockStartEvent, s_anthropic.ContentBlockDeltaEvent, s_anthropic.ContentBlockStopEvent,
                s_anthropic.MessageDeltaEvent, s_anthropic.MessageStopEvent, s_anthropic.AnthropicError,
            ],
        },
        new("post", "/v1/messages/count_tokens", "Count the tokens of a message's prompt.", s_anthropic.AnthropicTokenCount) { Body = MessageFields.CountShape, Error = s_anthropic.AnthropicError },
        new("get", "/v1/models", "The model; with an anthropic-version header in Anthropic's form.", s_openAI.ModelList) { Error = s_openAI.OpenAIError, OtherReplies = [s_anthropic.AnthropicModelPage] },
        new("get", "/v1/models/{id}", "The model under one of its names.", s_openAI.ModelCard) { Error = s_openAI.OpenAIError, OtherReplies = [s_anthropic.AnthropicModel] },
        new("post", "/tokenize", "Text or a conversation as token ids.", s_openAI.TokenizeReply) { Body = TokenFields.TokenizeShape, Error = s_openAI.OpenAIError },
        new("post", "/detokenize", "Token ids as text.", s_openAI.DetokenizeReply) { Body = TokenFields.DetokenizeShape, Error = s_openAI.OpenAIError },
        new("get", "/v1/usage/me", "What the caller's key used; query: from, to, group_by, format=csv.", s_admin.UsageReply) { Error = s_openAI.OpenAIError, TextReply = UsageCsv.ContentType },
        new("get", "/v1/admin/usage", "What was used; query: from, to, group_by, account_id, key_id, model, format=csv.", s_admin.UsageReply) { Error = s_openAI.OpenAIError, TextReply = UsageCsv.ContentType },
        new("get", "/v1/admin/requests", "The ledger, request by request; query: from, to, after, limit, format=csv.", s_admin.LedgerPage) { Error = s_openAI.OpenAIError, TextReply = UsageCsv.ContentType },
        new("get", "/v1/admin/keys", "All keys.", s_admin.KeyList) { Error = s_openAI.OpenAIError },
        new("post", "/v1/admin/keys", "Make a key; its secret is in this reply alone.", s_admin.KeyReply) { Status = 201, Body = AdminFields.Key, Error = s_openAI.OpenAIError },
        new("get", "/v1/admin/keys/{id}", "A key.", s_admin.KeyReply) { Error = s_openAI.OpenAIError },
        new("patch", "/v1/admin/keys/{id}", "Change a key's name, scopes, limits or expiry.", s_admin.KeyReply) { Body = AdminFields.KeyPatch, Error = s_openAI.OpenAIError },
        new("delete", "/v1/admin/keys/{id}", "Revoke a key.", s_admin.KeyReply) { Error = s_openAI.OpenAIError },
        new("post", "/v1/admin/keys/{id}/rotate", "Give a key a new secret.", s_admin.KeyReply) { Body = AdminFields.Rotation, Error = s_openAI.OpenAIError },
        new("get", "/v1/admin/accounts", "All accounts.", s_admin.AccountList) { Error = s_openAI.OpenAIError },
        new("post", "/v1/admin/accounts", "Make an account.", s_admin.AccountReply) { Status = 201, Body = AdminFields.Account, Error = s_openAI.OpenAIError },
        new("get", "/v1/admin/accounts/{id}", "An account and its balance.", s_admin.AccountReply) { Error = s_openAI.OpenAIError },
        new("patch", "/v1/admin/accounts/{id}", "Change or close an account.", s_admin.AccountReply) { Body = AdminFields.AccountPatch, Error = s_openAI.OpenAIError },
        new("get", "/v1/admin/accounts/{id}/credits", "What an account was given.", s_admin.CreditList) { Error = s_openAI.OpenAIError },
        new("post", "/v1/admin/accounts/{id}/credits", "Give an account money or free tokens.", s_admin.CreditReply) { Status = 201, Body = AdminFields.Credit, Error = s_openAI.OpenAIError },
        new("get", "/v1/admin/prices", "The price list.", s_admin.PriceList) { Error = s_openAI.OpenAIError },
        new("post", "/v1/admin/prices", "Add a price; earlier ones stay for the requests that began with them.", s_admin.PriceReply) { Status = 201, Body = AdminFields.Price, Error = s_openAI.OpenAIError },
        new("get", "/health", "The process answers.", s_openAI.HealthReply) { Error = s_openAI.OpenAIError },
        new("get", "/ready", "Requests are taken; 503 when they are not.", s_openAI.HealthReply) { Error = s_openAI.OpenAIError },
        new("get", "/metrics", "Metrics for Prometheus.", null) { Error = s_openAI.OpenAIError, TextReply = PrometheusText.ContentType },
    ];
}
