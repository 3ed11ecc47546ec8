using Tramontane.Compute.Memory;
using Tramontane.Inference.KvCache;
using Tramontane.Inference.Scheduling;

namespace Tramontane.Inference.Tests.Scheduling;

/// <summary>
/// Random limits, and sequences of several tenants that come, pause, go on, are cancelled and end at random times. Prompts
/// begin alike now and then. What each block of the cache holds is tracked position by position.
/// </summary>
internal sealed class Workload
{
    private const int BlockTokens = KeyValueBlocks.BlockTokens;

    private readonly Random _random;
    private readonly List<FakeSequence> _alive = [];
    private readonly string[] _stored; // [blocks · BlockTokens]: tenant and all contents up to a position, by name
    private readonly BlockPool _pool;
    private int _toCome;

    public Workload(int seed)
    {
        _random = new Random(seed);
        _toCome = _random.Next(1, 25);
        int sequences = _random.Next(1, 9), context = _random.Next(40, 250);
        Limits = new SchedulerLimits(sequences, sequences + _random.Next(0, 60), sequences + _random.Next(0, 20), context);
        _pool = new BlockPool(_random.Next(BlockPool.BlocksFor(context), (sequences * BlockPool.BlocksFor(context)) + 2));
        _stored = new string[_pool.BlockCount * BlockTokens];
        Cache = new PrefixCache(_pool, (from, to) => Array.Copy(_stored, from * BlockTokens, _stored, to * BlockTokens, BlockTokens));
        Scheduler = new Scheduler<FakeSequence>(Limits, _pool, Cache);
    }

    public SchedulerLimits Limits { get; }

    public PrefixCache Cache { get; }

    public Scheduler<FakeSequence> Scheduler { get; }

    public IReadOnlyList<FakeSequence> Alive => _alive;

    public bool IsDone => _toCome == 0 && _alive.Count == 0;

    public int HeldBlocks => _pool.HeldCount;

    public int CachedTokens { get; private set; }

    /// <summary>What comes, pauses and leaves before a step.</summary>
    public void Change()
    {
        while (_toCome > 0 && _random.Next(3) == 0)
        {
            int answer = _random.Next(0, Math.Min(30, Limits.MaxContext - 2));
            int common = _random.Next(3) * 40;
            int[] prompt = [.. Enumerable.Range(0, _random.Next(1, Limits.MaxContext - answer)).Select(i => i < common ? i : _random.Next(100))];
            var sequence = new FakeSequence(prompt, answer)
            {
                Tenant = _random.Next(3) switch { 0 => null, 1 => "a", _ => "b" },
                Priority = _random.Next(4) == 0 ? 1 : 0,
                WantsPromptLogits = _random.Next(6) == 0,
            };
            _alive.Add(sequence);
            Scheduler.Enqueue(sequence);
            _toCome--;
        }

        foreach (FakeSequence sequence in _alive)
        {
            (sequence.IsPaused, sequence.Drafts) = (_random.Next(10) == 0, _random.Next(4));
        }

        if (_random.Next(60) == 0 && _alive.Count > 0)
        {
            FakeSequence leaving = _alive[_random.Next(_alive.Count)];
            Scheduler.RemoveWhere(sequence => sequence == leaving);
            _alive.Remove(leaving);
        }
    }

    /// <summary>Computes a step; what stands in front of each computed position must be stored in the sequence's blocks.</summary>
    public void Complete(IReadOnlyList<ScheduledTokens<FakeSequence>> plan, string where)
    {
        var written = new HashSet<int>();
        foreach ((FakeSequence sequence, int tokenCount, _, int draftCount) in plan)
        {
            string[] names = Names(sequence);
            int computed = sequence.ComputedCount;
            for (int position = 0; position < computed; position++)
            {
                Assert.True(names[position] == _stored[Slot(sequence, position)], $"position {position} holds something else: {where}");
            }

            for (int position = computed; position < computed + tokenCount + draftCount; position++)
            {
                int slot = Slot(sequence, position);
                Assert.True(written.Add(slot), $"two sequences write position {position}: {where}");
                _stored[slot] = position < computed + tokenCount ? names[position] : "a wrong guess";
            }
        }

        foreach ((FakeSequence sequence, int tokenCount, _, _) in plan.ToArray())
        {
            if (sequence.Advance(tokenCount))
            {
                CachedTokens += sequence.CachedCount;
                Scheduler.Remove(sequence);
                _alive.Remove(sequence);
            }
            else
            {
                Cache.Index(sequence.Blocks!, sequence, sequence.ComputedCount);
            }
        }
    }

    private static int Slot(FakeSequence sequence, int position) => (sequence.Blocks!.Blocks[position / BlockTokens] * BlockTokens) + (position % BlockTokens);

    // Keys and values at a position follow from everything up to it.
    private static string[] Names(FakeSequence sequence)
    {
        var contents = new ulong[sequence.TokenCount];
        sequence.CopyContents(0, contents);
        var hash = new HashCode();
        hash.Add(sequence.Tenant);
        var names = new string[contents.Length];
        for (int i = 0; i < contents.Length; i++)
        {
            hash.Add(contents[i]);
            names[i] = $"{i}:{hash.ToHashCode()}";
        }

        return names;
    }
}
