using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Tramontane.Server.Anthropic.Messages;
using Tramontane.Server.Anthropic.Models;

namespace Tramontane.Server.Anthropic;

/// <summary>Everything that this API writes, serialised without reflection.</summary>
[JsonSerializable(typeof(AnthropicError))]
[JsonSerializable(typeof(AnthropicMessage))]
[JsonSerializable(typeof(AnthropicTokenCount))]
[JsonSerializable(typeof(MessageStartEvent))]
[JsonSerializable(typeof(PingEvent))]
[JsonSerializable(typeof(ContentBlockStartEvent))]
[JsonSerializable(typeof(ContentBlockDeltaEvent))]
[JsonSerializable(typeof(ContentBlockStopEvent))]
[JsonSerializable(typeof(MessageDeltaEvent))]
[JsonSerializable(typeof(MessageStopEvent))]
[JsonSerializable(typeof(AnthropicModelPage))]
[JsonSerializable(typeof(AnthropicModel))]
internal sealed partial class AnthropicJson : JsonSerializerContext
{
    /// <summary>Writes text beyond ASCII as it is: the replies are JSON, never HTML.</summary>
    internal static AnthropicJson Relaxed { get; } = new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = ToolInput.MaxDepth + 64 });
}
