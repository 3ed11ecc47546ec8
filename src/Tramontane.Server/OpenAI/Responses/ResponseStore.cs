using Tramontane.Server.Auth;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.OpenAI.Responses;

/// <summary>A reply that clients may come back to.</summary>
/// <param name="Body">The response object as JSON.</param>
/// <param name="Messages">The conversation up to and with the answer, without instructions.</param>
internal sealed record StoredResponse(byte[] Body, IReadOnlyList<ChatMessage> Messages)
{
    /// <summary>About what it takes in memory. Conversations that share messages are each counted in full.</summary>
    internal long Bytes { get; } = Body.Length + Messages.Sum(m =>
        200 + (2L * m.Content.Sum(p => (long)(p is TextPart text ? text.Text.Length : (p as ImagePart)?.Source?.Length ?? 0))) + (2L * m.ToolCalls.Sum(c => (long)c.Arguments.Length)));
}

/// <summary>
/// Keeps replies in memory, each for the key that made it alone. The oldest go first: beyond a number for each key, and
/// beyond a size for all. Gone with the process.
/// </summary>
internal sealed class ResponseStore(ServerOptions options)
{
    private readonly LinkedList<(Caller Owner, string Id, StoredResponse Response)> _byAge = new();
    private readonly Dictionary<(Caller Owner, string Id), LinkedListNode<(Caller Owner, string Id, StoredResponse Response)>> _byId = [];
    private readonly Dictionary<Caller, int> _counts = [];
    private readonly Lock _lock = new();
    private long _bytes;

    internal void Add(Caller owner, string id, StoredResponse response)
    {
        lock (_lock)
        {
            _byId[(owner, id)] = _byAge.AddLast((owner, id, response));
            int count = _counts[owner] = _counts.GetValueOrDefault(owner) + 1;
            _bytes += response.Bytes;
            for (LinkedListNode<(Caller Owner, string Id, StoredResponse Response)>? node = _byAge.First; node is not null && count > options.MaxStoredResponses;)
            {
                LinkedListNode<(Caller Owner, string Id, StoredResponse Response)> oldest = node;
                node = node.Next;
                if (oldest.Value.Owner == owner)
                {
                    Remove(oldest);
                    count--;
                }
            }

            while (_bytes > options.MaxStoredResponseBytes && _byAge.First is { } first)
            {
                Remove(first);
            }
        }
    }

    internal StoredResponse? Find(Caller owner, string id)
    {
        lock (_lock)
        {
            return _byId.GetValueOrDefault((owner, id))?.Value.Response;
        }
    }

    /// <summary>Whether there was one.</summary>
    internal bool Delete(Caller owner, string id)
    {
        lock (_lock)
        {
            if (!_byId.TryGetValue((owner, id), out LinkedListNode<(Caller Owner, string Id, StoredResponse Response)>? node))
            {
                return false;
            }

            Remove(node);
            return true;
        }
    }

    private void Remove(LinkedListNode<(Caller Owner, string Id, StoredResponse Response)> node)
    {
        (Caller owner, string id, StoredResponse response) = node.Value;
        _byAge.Remove(node);
        _byId.Remove((owner, id));
        _counts[owner]--;
        _bytes -= response.Bytes;
    }
}
