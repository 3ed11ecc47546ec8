using System.Text.RegularExpressions;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Generation;

/// <summary>
/// Brings a conversation that the model's format refuses into one that it knows, without losing text:
/// <list type="bullet">
/// <item>results stand directly behind the call that they answer; a call without one gets an empty result</item>
/// <item>a result that answers no call, and a system message behind an answer, become part of the user's turn</item>
/// <item>ids of other makers become nine letters or digits; characters that a tool's name may not have become <c>_</c></item>
/// <item>assistant messages without text and calls are dropped; a lone first assistant turn gets an empty user turn before it</item>
/// <item>images of tool results follow the results in a user's turn, since the format has images in those alone</item>
/// <item>an assistant message at the end is continued</item>
/// </list>
/// Only for conversations that are refused otherwise: those that the format accepts are written as they are.
/// </summary>
internal static partial class ConversationRepair
{
    private static readonly ChatMessage s_noResult = new() { Role = ChatRole.Tool, Content = [new TextPart("")] };

    internal static ChatConversation Apply(ChatConversation conversation)
    {
        var repaired = new List<ChatMessage>();
        IReadOnlyList<ChatMessage> source = conversation.Messages;
        var answered = new bool[source.Count]; // results that already stand behind their call
        for (int i = 0; i < source.Count; i++)
        {
            ChatMessage message = source[i];
            switch (message.Role)
            {
                case ChatRole.Assistant:
                    AddAssistant(repaired, source, i, answered);
                    break;
                case ChatRole.Tool when answered[i]:
                    break;
                case ChatRole.Tool:
                    repaired.Add(AsUser(message));
                    break;
                case ChatRole.System when repaired is [.., { Role: ChatRole.Assistant or ChatRole.Tool }]:
                    repaired.Add(AsUser(message));
                    break;
                default:
                    repaired.Add(message);
                    break;
            }
        }

        if (repaired.Count == 0 || (repaired[0].Role == ChatRole.Assistant && (repaired.Count == 1 || repaired[0].ToolCalls.Count > 0)))
        {
            repaired.Insert(0, new ChatMessage { Role = ChatRole.User, Content = [new TextPart("")] });
        }

        repaired = MoveImages(repaired);
        bool endsOpen = repaired[^1].Role == ChatRole.Assistant;
        return conversation with { Messages = repaired, ContinueFinalMessage = endsOpen && !repaired[^1].Prefix };
    }

    private static List<ChatMessage> MoveImages(List<ChatMessage> messages)
    {
        var moved = new List<ChatMessage>(messages.Count);
        var images = new List<ContentPart>();
        foreach (ChatMessage message in messages)
        {
            if (message.Role == ChatRole.Tool)
            {
                images.AddRange(message.Content.OfType<ImagePart>());
                ContentPart[] rest = [.. message.Content.Where(p => p is not ImagePart)];
                moved.Add(message with { Content = rest.Length > 0 ? rest : s_noResult.Content });
                continue;
            }

            Flush();
            moved.Add(message);
        }

        Flush();
        return moved;

        void Flush()
        {
            if (images.Count > 0)
            {
                moved.Add(new ChatMessage { Role = ChatRole.User, Content = [.. images] });
                images.Clear();
            }
        }
    }

    private static void AddAssistant(List<ChatMessage> repaired, IReadOnlyList<ChatMessage> source, int index, bool[] answered)
    {
        ChatMessage message = source[index];
        bool isLast = index == source.Count - 1;
        if (message.ToolCalls.Count == 0)
        {
            if (message.Content.OfType<TextPart>().Any(p => p.Text.Length > 0))
            {
                repaired.Add(message with { Prefix = message.Prefix && isLast });
            }

            return;
        }

        Dictionary<string, Queue<int>> unused = ResultsBehind(source, index);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        var calls = new List<ToolCall>();
        var results = new List<ChatMessage>();
        foreach (ToolCall call in message.ToolCalls)
        {
            string id = ToolCallIds.Normalize(call.Id);
            if (!ids.Add(id))
            {
                id = ToolCallIds.Hash($"{call.Id}#{calls.Count}"); // given twice: the place tells them apart
                ids.Add(id);
            }

            calls.Add(call with { Id = id, Name = CleanName(call.Name) });
            ChatMessage result = s_noResult;
            if (unused.TryGetValue(call.Id, out Queue<int>? places) && places.TryDequeue(out int place))
            {
                answered[place] = true;
                result = source[place];
            }

            results.Add(result with { ToolCallId = id, Name = null });
        }

        repaired.Add(message with { ToolCalls = calls, Prefix = message.Prefix && isLast });
        if (!isLast)
        {
            repaired.AddRange(results);
        }
    }

    /// <summary>Where results stand before the next assistant message, by the id they answer. A lookup, because a body may hold a hundred thousand calls.</summary>
    private static Dictionary<string, Queue<int>> ResultsBehind(IReadOnlyList<ChatMessage> source, int assistantIndex)
    {
        var places = new Dictionary<string, Queue<int>>(StringComparer.Ordinal);
        for (int i = assistantIndex + 1; i < source.Count && source[i].Role != ChatRole.Assistant; i++)
        {
            if (source[i] is { Role: ChatRole.Tool, ToolCallId: string id })
            {
                if (!places.TryGetValue(id, out Queue<int>? queue))
                {
                    places[id] = queue = new Queue<int>();
                }

                queue.Enqueue(i);
            }
        }

        return places;
    }

    private static string CleanName(string name)
    {
        string clean = ForeignCharacter().Replace(name, "_");
        return clean.Length is > 0 and <= 64 ? clean : clean.Length == 0 ? "_" : clean[..64];
    }

    private static ChatMessage AsUser(ChatMessage message) => new() { Role = ChatRole.User, Content = message.Content };

    [GeneratedRegex("[^a-zA-Z0-9_-]")]
    private static partial Regex ForeignCharacter();
}
