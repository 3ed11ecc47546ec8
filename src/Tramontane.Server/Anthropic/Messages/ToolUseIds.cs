using Tramontane.Server.Generation;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>
/// Ids of tool calls as Anthropic writes them: <c>toolu_</c> and 24 letters or digits. Ours carry the model's own nine
/// at their end, so that the next turn's prompt repeats what the model wrote; the fifteen before them tell that it is one of ours.
/// </summary>
internal static class ToolUseIds
{
    private const string Prefix = "toolu_";
    private const int NativeLength = 9;

    internal static string FromNative(string native) => Prefix + Seal(native) + native;

    /// <summary>The model's own id of one of ours; any other id as it is.</summary>
    internal static string ToNative(string id) =>
        id.Length > NativeLength && id == FromNative(id[^NativeLength..]) ? id[^NativeLength..] : id;

    private static string Seal(string native) => ToolCallIds.Hash("toolu " + native) + ToolCallIds.Hash("seal " + native)[..6];
}
