using Tramontane.Server.Generation;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>A request of Anthropic's Messages API after reading.</summary>
/// <param name="Chat">What the model is asked.</param>
/// <param name="Stream">Events instead of one message.</param>
internal sealed record MessageRequest(ChatRequest Chat, bool Stream);
