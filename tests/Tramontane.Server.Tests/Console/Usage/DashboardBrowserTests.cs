using Tramontane.Metering.Keys;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>Usage and keys in the system's Chromium: <c>tests/browser/dashboard</c>.</summary>
[Collection(BrowserTests.Collection)]
public sealed class DashboardBrowserTests
{
    [Fact]
    public async Task Dashboard_InChromium_PassesItsTests()
    {
        var clock = new SettableTime();
        await using TestLedger ledger = await TestLedger.OpenAsync(clock);
        IssuedKey[] keys = await SampleLedger.FillAsync(ledger, clock, SampleLedger.Today);
        await using TestServer metered = await TestServer.StartAsync(time: clock, meter: ledger.Meter);
        await using TestLedger none = await TestLedger.OpenAsync();
        await using TestServer open = await TestServer.StartAsync(meter: none.Meter);
        await BrowserTests.RunAsync(
            "dashboard", [("METERED", metered), ("OPEN", open)], new("TRAMONTANE_ADMIN_KEY", keys[0].Secret), new("TRAMONTANE_READER_KEY", keys[1].Secret));
    }
}
