using Tramontane.Server.Requests;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Anthropic.Messages;

/// <summary>
/// The line that Claude Code puts in front of <c>system</c> for Anthropic's billing, such as
/// <c>x-anthropic-billing-header: cc_version=2.1.112.f2c; cc_entrypoint=cli; cch=00000;</c>. It says nothing to a model, and its
/// values change with the version, the conversation and in some versions with every request: as a part of the prompt it would
/// keep any of it from being found in the prefix cache. So it is left out, which the reply header of ignored fields tells.
/// </summary>
internal static class BillingLine
{
    private const string Start = "x-anthropic-billing-header:";

    /// <summary>The parts without the line, if they begin with it.</summary>
    /// <param name="system">The field, a text or text blocks.</param>
    /// <param name="parts">What was read from it.</param>
    internal static IReadOnlyList<ContentPart> LeaveOut(JsonField system, IReadOnlyList<ContentPart> parts)
    {
        if (parts is not [TextPart { Text: var text }, ..] || !text.StartsWith(Start, StringComparison.OrdinalIgnoreCase))
        {
            return parts;
        }

        (system.IsArray ? system.Items("content blocks").First() : system).LeaveOut();
        int end = text.IndexOf('\n', StringComparison.Ordinal);
        string rest = end < 0 ? "" : text[(end + 1)..];
        return rest.Length == 0 ? [.. parts.Skip(1)] : [new TextPart(rest), .. parts.Skip(1)];
    }
}
