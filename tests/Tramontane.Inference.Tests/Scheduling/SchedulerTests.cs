using Tramontane.Inference.KvCache;
using Tramontane.Inference.Scheduling;

namespace Tramontane.Inference.Tests.Scheduling;

public sealed class SchedulerTests
{
    [Fact]
    public void Plan_ThousandsOfRandomWorkloads_KeepsItsPromises()
    {
        int cached = 0;
        long preemptions = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            var workload = new Workload(seed);
            var idleSteps = 0;
            for (int step = 0; !workload.IsDone; step++)
            {
                string where = $"seed {seed}, step {step}";
                Assert.True(step < 20_000, $"no end: {where}");
                workload.Change();
                IReadOnlyList<ScheduledTokens<FakeSequence>> plan = workload.Scheduler.Plan();
                AssertLimits(workload, plan, where);
                idleSteps = plan.Count == 0 && workload.Alive.Any(s => !s.IsPaused) ? idleSteps + 1 : 0;
                Assert.True(idleSteps == 0, $"nothing happens: {where}");
                workload.Complete(plan, where);
            }

            Assert.True(workload.HeldBlocks == 0 && (workload.Scheduler.RunningCount, workload.Scheduler.WaitingCount) == (0, 0), $"something is left: seed {seed}");
            cached += workload.CachedTokens;
            preemptions += workload.Scheduler.PreemptionCount;
        }

        Assert.True(cached > 10_000 && preemptions > 1_000, $"the workloads exercise little: {cached} cached tokens, {preemptions} preemptions");
    }

    [Fact]
    public void Plan_PromptThatWantsEveryRowsLogits_LeavesTheOtherRowsToPromptsBehindIt()
    {
        Scheduler<FakeSequence> scheduler = Create(new SchedulerLimits(3, 64, 8, 2000), out PrefixCache cache);
        FakeSequence[] sequences = [Prompt(1000, wantsLogits: true), Prompt(100), Prompt(2)];
        Array.ForEach(sequences, scheduler.Enqueue);

        Assert.Equal([new(sequences[0], 8, 8), new(sequences[1], 56, 0)], Step(scheduler, cache));
        Assert.Equal([new(sequences[0], 8, 8), new(sequences[1], 43, 0), new(sequences[2], 1, 0)], Step(scheduler, cache));
        Assert.Equal([new(sequences[1], 1, 1), new(sequences[2], 1, 1), new(sequences[0], 6, 6)], Step(scheduler, cache));
    }

    [Fact]
    public void Plan_PromptThatWaitsForAnImage_StopsBeforeItAndHoldsUpNobody()
    {
        Scheduler<FakeSequence> scheduler = Create(new SchedulerLimits(2, 64, 8, 2000), out PrefixCache cache);
        FakeSequence waiting = Prompt(50), other = Prompt(20);
        waiting.ReadyCount = 30;
        scheduler.Enqueue(waiting);
        scheduler.Enqueue(other);
        Assert.Equal([new(waiting, 30, 0), new(other, 20, 1)], Step(scheduler, cache));
        Assert.Equal([new(other, 1, 1)], Step(scheduler, cache));
        waiting.ReadyCount = 49; // all but the last token
        Assert.Equal([new(other, 1, 1), new(waiting, 19, 0)], Step(scheduler, cache));
        Assert.Equal([new(other, 1, 1)], Step(scheduler, cache));
        waiting.ReadyCount = int.MaxValue;
        Assert.Contains(new ScheduledTokens<FakeSequence>(waiting, 1, 1), Step(scheduler, cache));
    }

    [Fact]
    public void Plan_DecodingBesideALongPrompt_ComesFirstAndEveryStep()
    {
        Scheduler<FakeSequence> scheduler = Create(new SchedulerLimits(2, 64, 8, 2000), out PrefixCache cache);
        FakeSequence decoding = Prompt(5), prompt = Prompt(1500);
        scheduler.Enqueue(decoding);
        Step(scheduler, cache);
        scheduler.Enqueue(prompt);
        for (int step = 0; step < 20; step++)
        {
            Assert.Equal(new(decoding, 1, 1), Step(scheduler, cache)[0]);
        }

        Assert.True(prompt.ComputedCount > 300);
    }

    [Fact]
    public void Plan_TenantWithManyPrompts_DelaysAnotherByOneOfThemOnly()
    {
        Scheduler<FakeSequence> scheduler = Create(new SchedulerLimits(4, 64, 8, 2000), out PrefixCache cache);
        FakeSequence[] greedy = [.. Enumerable.Range(0, 20).Select(i => Prompt(640, seed: i, tenant: "greedy", answer: 0))];
        Array.ForEach(greedy, scheduler.Enqueue);
        Step(scheduler, cache);
        FakeSequence modest = Prompt(640, seed: 99, tenant: "modest", answer: 0);
        scheduler.Enqueue(modest);
        int steps = 0;
        while (modest.Pending > 0)
        {
            Assert.True(++steps <= 24, "10 steps of its own and as many of the other tenant, and a place to wait for");
            Step(scheduler, cache);
        }

        Assert.True(greedy.Count(s => s.Pending == 0) <= 2);
    }

    [Fact]
    public void Plan_HigherPriority_TakesThePlaceOfLower()
    {
        Scheduler<FakeSequence> scheduler = Create(new SchedulerLimits(1, 64, 8, 500), out PrefixCache cache);
        FakeSequence low = Prompt(50, answer: 100), high = Prompt(50, seed: 1, answer: 3, priority: 1);
        scheduler.Enqueue(low);
        Step(scheduler, cache);
        scheduler.Enqueue(high);
        Assert.Equal([new(high, 50, 1)], Step(scheduler, cache));
        Assert.Null(low.Blocks);
        Assert.Equal(1, scheduler.PreemptionCount);
        while (high.AnsweredCount < 3 || high.Pending > 0)
        {
            Step(scheduler, cache);
        }

        ScheduledTokens<FakeSequence> resumed = Assert.Single(Step(scheduler, cache));
        Assert.Equal((low, 1), (resumed.Sequence, resumed.TokenCount)); // what it had computed was still in the cache
    }

    [Fact]
    public void Plan_SamePromptManyTimes_ComputesItOnce()
    {
        Scheduler<FakeSequence> scheduler = Create(new SchedulerLimits(8, 64, 16, 500), out PrefixCache cache);
        FakeSequence[] sequences = [.. Enumerable.Range(0, 8).Select(_ => Prompt(320, answer: 1))];
        Array.ForEach(sequences, scheduler.Enqueue);
        int rows = 0;
        while (scheduler.RunningCount + scheduler.WaitingCount > 0)
        {
            rows += Step(scheduler, cache).Sum(share => share.TokenCount);
        }

        Assert.True(rows <= 320 + (7 * 32) + 8, $"{rows} rows: the prompt once, the last block of the others, one answer each");
    }

    private static Scheduler<FakeSequence> Create(SchedulerLimits limits, out PrefixCache cache)
    {
        var pool = new BlockPool(limits.MaxSequences * BlockPool.BlocksFor(limits.MaxContext));
        cache = new PrefixCache(pool, (_, _) => { });
        return new Scheduler<FakeSequence>(limits, pool, cache);
    }

    private static FakeSequence Prompt(int length, int seed = 0, string? tenant = null, int answer = 1000, int priority = 0, bool wantsLogits = false)
    {
        var random = new Random((seed * 7919) + length);
        return new FakeSequence([.. Enumerable.Range(0, length).Select(_ => random.Next(1000))], answer) { Tenant = tenant, Priority = priority, WantsPromptLogits = wantsLogits };
    }

    private static ScheduledTokens<FakeSequence>[] Step(Scheduler<FakeSequence> scheduler, PrefixCache cache)
    {
        ScheduledTokens<FakeSequence>[] plan = [.. scheduler.Plan()];
        foreach (ScheduledTokens<FakeSequence> share in plan)
        {
            if (share.Sequence.Advance(share.TokenCount))
            {
                scheduler.Remove(share.Sequence);
            }
            else
            {
                cache.Index(share.Sequence.Blocks!, share.Sequence, share.Sequence.ComputedCount);
            }
        }

        return plan;
    }

    private static void AssertLimits(Workload workload, IReadOnlyList<ScheduledTokens<FakeSequence>> plan, string where)
    {
        Assert.True(plan.Sum(p => p.TokenCount + p.DraftCount) <= workload.Limits.MaxTokens, $"token budget: {where}");
        Assert.True(plan.Sum(p => p.LogitCount) <= workload.Limits.MaxLogitRows, $"logit rows: {where}");
        Assert.True(workload.Scheduler.RunningCount <= workload.Limits.MaxSequences, $"places: {where}");
        Assert.True(plan.DistinctBy(p => p.Sequence).Count() == plan.Count, $"planned twice: {where}");
        bool promptsBegan = false;
        foreach ((FakeSequence sequence, int tokenCount, int logitCount, int draftCount) in plan)
        {
            Assert.True(workload.Alive.Contains(sequence) && !sequence.IsPaused, $"not to be planned: {where}");
            Assert.True(tokenCount >= 1 && tokenCount <= sequence.Pending, $"{tokenCount} of {sequence.Pending} tokens: {where}");
            Assert.True(draftCount == 0 || (tokenCount == sequence.Pending && draftCount <= sequence.DraftCount), $"{draftCount} guesses: {where}");
            Assert.True(sequence.ComputedCount + tokenCount + draftCount <= workload.Limits.MaxContext, $"beyond the context: {where}");

            // The last pending row is sampled from, so its logits are always computed; others only where they are wanted.
            int wanted = sequence.FullLogitsCount > 0 ? tokenCount : tokenCount == sequence.Pending ? 1 + draftCount : 0;
            Assert.True(logitCount == wanted, $"{logitCount} logit rows, wanted {wanted}: {where}");
            promptsBegan |= !sequence.IsDecoding && sequence.Pending > 1;
            Assert.True(!sequence.IsDecoding || !promptsBegan, $"decoding first: {where}");
        }
    }
}
