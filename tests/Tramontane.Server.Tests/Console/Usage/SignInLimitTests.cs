using System.Globalization;
using System.Net;
using Tramontane.Metering.Keys;
using Tramontane.Server.Console.Sessions;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>How often a sign-in may be tried.</summary>
public sealed class SignInLimitTests
{
    private static readonly IPAddress s_one = IPAddress.Parse("192.0.2.1"), s_other = IPAddress.Parse("192.0.2.2");

    [Fact]
    public async Task WrongKeys_FromOneAddress_AreRefusedAtTheLimitAndTakenAgainLater()
    {
        using var time = new ManualTime();
        await using TestLedger ledger = await TestLedger.OpenAsync();
        IssuedKey key = await ledger.CreateKeyAsync();
        await using TestServer server = await TestServer.StartAsync(time: time, meter: ledger.Meter);
        using var browser = ConsoleBrowser.Of(server);
        for (int i = 0; i < SignInLimit.PerMinute; i++)
        {
            Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync(key.Secret)).StatusCode); // right ones cost nothing
            Assert.Equal(HttpStatusCode.Unauthorized, (await browser.SignInAsync("wrong")).StatusCode);
        }

        (HttpResponseMessage response, string html) = await browser.PostAsync("/sign-in", [new("key", key.Secret)]);
        Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode); // right or wrong, or the answer would tell
        Assert.False(response.Headers.Contains("Set-Cookie"));
        int seconds = (int)response.Headers.RetryAfter!.Delta!.Value.TotalSeconds;
        Assert.Equal(60 / SignInLimit.PerMinute, seconds);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Try again in {seconds} seconds."), html, StringComparison.Ordinal);
        Assert.Contains("action=\"/sign-in\"", html, StringComparison.Ordinal);
        Assert.Contains("Sign out", (await browser.GetAsync("/usage")).Html, StringComparison.Ordinal); // who is signed in stays so

        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(HttpStatusCode.SeeOther, (await browser.SignInAsync(key.Secret)).StatusCode);
    }

    [Fact]
    public void Enter_OfOneAddressBeyondItsLimit_LeavesOthersAlone()
    {
        using var time = new ManualTime();
        var limit = new SignInLimit(time);
        Assert.Equal(SignInLimit.PerMinute, TriesOf(limit, s_one, 50));
        Assert.Equal(SignInLimit.PerMinute, TriesOf(limit, s_other, 50));
        Assert.Equal(SignInLimit.PerMinute, TriesOf(limit, null, 50));
    }

    [Fact]
    public void Enter_OfAllTogetherBeyondTheirLimit_MakesThoseWaitWhoFailed()
    {
        using var time = new ManualTime();
        var limit = new SignInLimit(time);
        int tries = 0;
        for (int round = 0; round < 5; round++)
        {
            for (int i = 0; i < 40; i++)
            {
                tries += TriesOf(limit, IPAddress.Parse($"198.51.100.{i}"), 1);
            }
        }

        Assert.Equal(SignInLimit.PerMinuteOfAll, tries);
        Assert.True(limit.Enter(IPAddress.Parse("198.51.100.0")) > TimeSpan.Zero);
        Assert.Equal(TimeSpan.Zero, limit.Enter(s_one)); // has not failed
        limit.GiveBack(s_one);
        Assert.Equal(TimeSpan.Zero, limit.Enter(s_one));
        Assert.True(limit.Enter(s_one) > TimeSpan.Zero);
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, limit.Enter(s_one));
    }

    [Theory]
    [InlineData("2001:db8::1", "2001:db8::ffff:2", true)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Enter_OfOneNetwork_CountsAsOneAddress(string one, string other, bool isSame)
    {
        using var time = new ManualTime();
        var limit = new SignInLimit(time);
        TriesOf(limit, IPAddress.Parse(one), 50);
        Assert.Equal(isSame ? 0 : SignInLimit.PerMinute, TriesOf(limit, IPAddress.Parse(other), 50));
    }

    [Fact]
    public void Enter_OfAnyNumberOfAddresses_RemembersSoMany()
    {
        using var time = new ManualTime();
        var limit = new SignInLimit(time);
        for (int i = 0; i < SignInLimit.MostAddresses + 500; i++)
        {
            limit.Enter(new IPAddress(0x0A000000L + i));
        }

        Assert.Equal(SignInLimit.MostAddresses, limit.Count);
        time.Advance(TimeSpan.FromHours(1));
        limit.Enter(s_one);
        Assert.Equal(1, limit.Count);
    }

    private static int TriesOf(SignInLimit limit, IPAddress? address, int tries) => Enumerable.Range(0, tries).Count(_ => limit.Enter(address) == TimeSpan.Zero);
}
