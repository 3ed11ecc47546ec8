using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tramontane.Server.Observability;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.OpenAI.Completions;
using Tramontane.Server.OpenAI.Models;
using Tramontane.Server.OpenAI.Responses;
using Tramontane.Server.OpenAI.Tokens;

namespace Tramontane.Server.OpenAI;

/// <summary>Everything that this API writes, serialised without reflection.</summary>
[JsonSerializable(typeof(OpenAIError))]
[JsonSerializable(typeof(OpenRouterError))]
[JsonSerializable(typeof(OpenRouterErrorChunk))]
[JsonSerializable(typeof(ChatCompletion))]
[JsonSerializable(typeof(ChatCompletionChunk))]
[JsonSerializable(typeof(ChatCompletionUsageChunk))]
[JsonSerializable(typeof(Completion))]
[JsonSerializable(typeof(CompletionWithUsage))]
[JsonSerializable(typeof(ModelList))]
[JsonSerializable(typeof(ModelCard))]
[JsonSerializable(typeof(ResponseObject))]
[JsonSerializable(typeof(ResponseStateEvent))]
[JsonSerializable(typeof(ResponseItemEvent))]
[JsonSerializable(typeof(ResponsePartEvent))]
[JsonSerializable(typeof(ResponseTextDeltaEvent))]
[JsonSerializable(typeof(ResponseTextDoneEvent))]
[JsonSerializable(typeof(ResponseArgumentsDeltaEvent))]
[JsonSerializable(typeof(ResponseArgumentsDoneEvent))]
[JsonSerializable(typeof(ResponseInputTokens))]
[JsonSerializable(typeof(DeletedResponse))]
[JsonSerializable(typeof(HealthReply))]
[JsonSerializable(typeof(TokenizeReply))]
[JsonSerializable(typeof(DetokenizeReply))]
internal sealed partial class OpenAIJson : JsonSerializerContext
{
    /// <summary>Writes text beyond ASCII as it is: the replies are JSON, never HTML.</summary>
    internal static OpenAIJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
