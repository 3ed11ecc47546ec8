using System.Text;

namespace Tramontane.Tokenization.Instruct;

/// <summary>A turn of the conversation.</summary>
/// <param name="Message">The merged message.</param>
/// <param name="Index">Index of the first message that went into it.</param>
internal sealed record MergedMessage(ChatMessage Message, int Index);

/// <summary>
/// Merges neighbouring messages of one role into the turns that the format knows. Users' and the assistant's messages
/// become one; system messages stay apart; tool results stay apart and take the order of the calls they answer.
/// </summary>
internal static class ConversationNormalizer
{
    private const string Separator = "\n\n";

    /// <summary>The merged messages. Texts that touch are joined, empty texts are gone, and a text-only content is one part.</summary>
    public static List<MergedMessage> Normalize(IReadOnlyList<ChatMessage> messages)
    {
        var merged = new List<MergedMessage>();
        for (int start = 0, end; start < messages.Count; start = end)
        {
            ChatRole role = messages[start].Role;
            for (end = start + 1; end < messages.Count && messages[end].Role == role;)
            {
                end++;
            }

            List<MergedMessage> group = [.. Enumerable.Range(start, end - start).Select(i => new MergedMessage(messages[i], i))];
            switch (role)
            {
                case ChatRole.User or ChatRole.Assistant:
                    ChatMessage message = messages[start] with
                    {
                        Content = Join(group.SelectMany(m => m.Message.Content)),
                        ToolCalls = [.. group.SelectMany(m => m.Message.ToolCalls)],
                        Prefix = group.Exists(m => m.Message.Prefix),
                    };
                    merged.Add(new MergedMessage(message, start));
                    break;
                case ChatRole.Tool:
                    merged.AddRange(InOrderOfCalls(group, merged.LastOrDefault()?.Message.ToolCalls ?? []).Select(WithJoinedContent));
                    break;
                default:
                    merged.AddRange(group.Select(WithJoinedContent));
                    break;
            }
        }

        return merged;
    }

    private static MergedMessage WithJoinedContent(MergedMessage merged) =>
        merged with { Message = merged.Message with { Content = Join(merged.Message.Content) } };

    // Stable; results that answer no call of the message before come last.
    private static IEnumerable<MergedMessage> InOrderOfCalls(List<MergedMessage> results, IReadOnlyList<ToolCall> calls)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (ToolCall call in calls)
        {
            order.TryAdd(call.Id, order.Count);
        }

        return results.OrderBy(r => r.Message.ToolCallId is string id && order.TryGetValue(id, out int place) ? place : int.MaxValue);
    }

    private static List<ContentPart> Join(IEnumerable<ContentPart> parts)
    {
        var joined = new List<ContentPart>();
        var text = new StringBuilder();
        foreach (ContentPart part in parts)
        {
            if (part is TextPart { Text: string next })
            {
                text.Append(text.Length > 0 && next.Length > 0 ? Separator : "").Append(next);
                continue;
            }

            EndText();
            joined.Add(part);
        }

        EndText();
        return joined;

        void EndText()
        {
            if (text.Length > 0)
            {
                joined.Add(new TextPart(text.ToString()));
                text.Clear();
            }
        }
    }
}
