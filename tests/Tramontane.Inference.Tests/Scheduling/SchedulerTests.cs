using Tramontane.Inference.Scheduling;

namespace Tramontane.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void Plan_RandomWorkloads_KeepsItsPromises()
    {
        for (int seed = 0; seed < 500; seed++)
        {
            var workload = new Workload(seed);
            for (int step = 0; !workload.IsDone; step++)
            {
                string where = $"seed {seed}, step {step}";
                Assert.True(step < 20_000, $"no end: {where}");
                workload.Arrive();
                IReadOnlyList<ScheduledTokens<FakeSequence>> plan = workload.Scheduler.Plan(workload.Running);
                AssertLimits(workload, plan, where);
                AssertOrder(workload, plan, where);
                AssertNobodyStarves(workload, plan, where);
                workload.Complete(plan);
            }
        }
    }

    [Fact]
    public void Plan_PromptThatWantsEveryRowsLogits_LeavesTheOtherRowsToPromptsBehindIt()
    {
        var scheduler = new Scheduler<FakeSequence>(maxTokens: 64, maxLogitRows: 8);
        FakeSequence[] running = [new(prompt: 1000, answer: 1, wantsPromptLogits: true), new(prompt: 100, answer: 1, wantsPromptLogits: false), new(prompt: 2, answer: 1, wantsPromptLogits: false)];

        IReadOnlyList<ScheduledTokens<FakeSequence>> plan = scheduler.Plan(running);

        Assert.Equal([new(running[0], 8, 8), new(running[1], 56, 0)], plan);
        running[1].ComputedCount = 98;
        plan = scheduler.Plan(running);
        Assert.Equal([new(running[0], 8, 8), new(running[1], 1, 0), new(running[2], 1, 0)], plan);
        running[1].ComputedCount++;
        plan = scheduler.Plan(running);
        Assert.Equal([new(running[1], 1, 1), new(running[0], 7, 7), new(running[2], 1, 0)], plan);
    }

    private static void AssertLimits(Workload workload, IReadOnlyList<ScheduledTokens<FakeSequence>> plan, string where)
    {
        Assert.True(plan.Sum(p => p.TokenCount) <= workload.MaxTokens, $"token budget: {where}");
        Assert.True(plan.Sum(p => p.LogitCount) <= workload.MaxLogitRows, $"logit rows: {where}");
        Assert.True(plan.DistinctBy(p => p.Sequence).Count() == plan.Count, $"planned twice: {where}");
        foreach ((FakeSequence sequence, int tokenCount, int logitCount) in plan)
        {
            Assert.True(workload.Running.Contains(sequence) && !sequence.IsPaused, $"not to be planned: {where}");
            Assert.True(tokenCount >= 1 && tokenCount <= sequence.Pending, $"{tokenCount} of {sequence.Pending} tokens: {where}");
            // The last pending row is sampled from, so its logits are always computed; others only where they are wanted.
            int wanted = sequence.FullLogitsCount > 0 ? tokenCount : tokenCount == sequence.Pending ? 1 : 0;
            Assert.True(logitCount == wanted, $"{logitCount} logit rows, wanted {wanted}: {where}");
        }
    }

    private static void AssertOrder(Workload workload, IReadOnlyList<ScheduledTokens<FakeSequence>> plan, string where)
    {
        FakeSequence[] decoding = [.. workload.Running.Where(s => !s.IsPaused && s.Pending == 1)];
        Assert.True(plan.Take(decoding.Length).Select(p => p.Sequence).SequenceEqual(decoding), $"decode rows first, all of them: {where}");
        int[] places = [.. plan.Skip(decoding.Length).Select(p => workload.Running.IndexOf(p.Sequence))];
        Assert.True(places.SequenceEqual(places.Order()), $"prompts, oldest first: {where}");
    }

    private static void AssertNobodyStarves(Workload workload, IReadOnlyList<ScheduledTokens<FakeSequence>> plan, string where)
    {
        FakeSequence[] prefilling = [.. workload.Running.Where(s => !s.IsPaused && s.Pending > 1)];
        if (prefilling.Length > 0)
        {
            Assert.True(plan.Any(p => p.Sequence == prefilling[0]), $"the oldest prompt goes on: {where}");
        }

        if (plan.Sum(p => p.TokenCount) < workload.MaxTokens)
        {
            Assert.True(prefilling.All(s => s.FullLogitsCount > 0 || plan.Any(p => p.Sequence == s)), $"rows left idle: {where}");
        }
    }

    private sealed class FakeSequence(int prompt, int answer, bool wantsPromptLogits) : ISchedulable
    {
        private int _answered;

        public int TokenCount => prompt + _answered;

        public int ComputedCount { get; set; }

        public int FullLogitsCount => wantsPromptLogits ? Math.Max(0, prompt - ComputedCount) : 0;

        public bool IsPaused { get; set; }

        public int Pending => TokenCount - ComputedCount;

        /// <summary>Takes over a step; true when the answer has ended.</summary>
        public bool Advance(int tokenCount)
        {
            ComputedCount += tokenCount;
            return Pending == 0 && _answered++ == answer;
        }
    }

    /// <summary>Random limits, and sequences that come, pause, go on and end at random times.</summary>
    private sealed class Workload
    {
        private readonly Random _random;
        private readonly int _maxBatch;
        private int _toCome;

        public Workload(int seed)
        {
            _random = new Random(seed);
            _maxBatch = _random.Next(1, 9);
            _toCome = _random.Next(1, 25);
            MaxTokens = _maxBatch + _random.Next(0, 40);
            MaxLogitRows = _maxBatch + _random.Next(0, 20);
            Scheduler = new Scheduler<FakeSequence>(MaxTokens, MaxLogitRows);
        }

        public int MaxTokens { get; }

        public int MaxLogitRows { get; }

        public Scheduler<FakeSequence> Scheduler { get; }

        public List<FakeSequence> Running { get; } = [];

        public bool IsDone => _toCome == 0 && Running.Count == 0;

        public void Arrive()
        {
            while (_toCome > 0 && Running.Count < _maxBatch && _random.Next(3) == 0)
            {
                Running.Add(new FakeSequence(_random.Next(1, 200), _random.Next(0, 30), wantsPromptLogits: _random.Next(4) == 0));
                _toCome--;
            }

            Running.ForEach(sequence => sequence.IsPaused = _random.Next(10) == 0);
        }

        public void Complete(IReadOnlyList<ScheduledTokens<FakeSequence>> plan)
        {
            foreach ((FakeSequence sequence, int tokenCount, _) in plan)
            {
                if (sequence.Advance(tokenCount))
                {
                    Running.Remove(sequence);
                }
            }
        }
    }
}
