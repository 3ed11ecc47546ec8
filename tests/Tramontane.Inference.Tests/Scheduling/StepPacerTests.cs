using Tramontane.Inference.Scheduling;

namespace Tramontane.Inference.Tests.Scheduling;

public sealed class StepPacerTests
{
    [Fact]
    public void PromptRows_WithoutDecoding_AreAll() => Assert.Equal(512, new StepPacer(2.5).PromptRows(0, 512));

    [Fact]
    public void PromptRows_BesideDecoding_KeepTheStepWithinTheSlowdown()
    {
        var pacer = new StepPacer(3);
        for (int i = 0; i < 50; i++)
        {
            pacer.Record(1, 0, TimeSpan.FromMilliseconds(50));
            pacer.Record(0, 500, TimeSpan.FromMilliseconds(1000)); // 2 ms a row
        }

        Assert.Equal(50, pacer.PromptRows(1, 512), 1.0); // 50 ms and 50 · 2 ms are three times 50 ms
        Assert.Equal(20, pacer.PromptRows(1, 20));
    }

    [Fact]
    public void PromptRows_HoweverSlow_GoOn()
    {
        var pacer = new StepPacer(1.5);
        pacer.Record(1, 0, TimeSpan.FromMilliseconds(1));
        pacer.Record(1, 64, TimeSpan.FromSeconds(10));
        Assert.Equal(StepPacer.LeastRows, pacer.PromptRows(1, 512));
    }

    [Fact]
    public void PromptRows_BeforeAnythingIsMeasured_AreFew() => Assert.InRange(new StepPacer(2.5).PromptRows(1, 512), StepPacer.LeastRows, 128);
}
