using System.Net;
using Tramontane.Server.Images;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Images;

/// <summary>Fetching under the egress policy, from a site on the loopback.</summary>
public sealed class ImageFetcherTests
{
    [Theory]
    [InlineData("/image.png")]
    [InlineData("/untyped")]
    [InlineData("/redirect?to=/image.png")]
    public async Task Fetch_FromAnAllowedOrigin_GivesTheBytes(string path)
    {
        await using ImageSite site = await ImageSite.StartAsync();
        using ImageFetcher fetcher = Fetcher(o => o.AllowedOrigins.Add(site.Origin));
        FetchedImage fetched = await fetcher.FetchAsync(site.Origin + path, default);
        Assert.Null(fetched.Refusal);
        Assert.Equal(ImageSite.Png, fetched.Bytes);
        Assert.DoesNotContain(site.LastHeaders!.Keys, key => key is "Authorization" or "Cookie" or "traceparent");
    }

    [Theory]
    [InlineData("/page", "not declared as an image")]
    [InlineData("/nothing", "status 404")]
    [InlineData("/stated-size", "more than 1048576 bytes")]
    [InlineData("/endless", "more than 1048576 bytes")]
    [InlineData("/loop", "redirected more than 5 times")]
    [InlineData("/lost", "names no address")]
    [InlineData("/redirect?to=file:///etc/passwd", "scheme 'file'")]
    [InlineData("/redirect?to=http://169.254.169.254/latest/meta-data/", "link-local")]
    [InlineData("/redirect?to=http://[::ffff:127.0.0.1]:9/", "loopback")]
    [InlineData("/redirect?to=http://metadata.google.internal/", "metadata")]
    [InlineData("/redirect?to=http://u:p@127.0.0.1/", "user name")]
    public async Task Fetch_WhatIsNotAllowed_NamesTheRuleAndQuotesNothing(string path, string rule)
    {
        await using ImageSite site = await ImageSite.StartAsync();
        using ImageFetcher fetcher = Fetcher(o =>
        {
            o.AllowedOrigins.Add(site.Origin);
            o.MaxBytes = 1 << 20;
        });
        FetchedImage fetched = await fetcher.FetchAsync(site.Origin + path, default);
        Assert.Null(fetched.Bytes);
        Assert.Contains(rule, fetched.Refusal, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fetched.Refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("2130706433")] // 127.0.0.1 as one number
    [InlineData("0x7f.1")]
    [InlineData("[::ffff:7f00:1]")]
    public async Task Fetch_LoopbackInAnySpelling_IsRefusedWithoutConnecting(string host)
    {
        await using ImageSite site = await ImageSite.StartAsync();
        using ImageFetcher fetcher = Fetcher(_ => { });
        FetchedImage fetched = await fetcher.FetchAsync($"http://{host}:{site.Port}/image.png", default);
        Assert.Contains("loopback", fetched.Refusal, StringComparison.Ordinal);
        Assert.Empty(site.Requests);
    }

    [Fact]
    public async Task Fetch_NameThatChangesItsAddress_IsResolvedOnceAndConnectedToThat()
    {
        await using ImageSite site = await ImageSite.StartAsync();
        int asked = 0;
        Task<IPAddress[]> Resolve(string name, CancellationToken cancellation)
        {
            Assert.Equal("images.example", name);
            return Task.FromResult<IPAddress[]>(Interlocked.Increment(ref asked) == 1 ? [IPAddress.Loopback] : [IPAddress.Parse("169.254.169.254")]);
        }

        using ImageFetcher fetcher = Fetcher(o => o.AllowPrivateNetworks = true, Resolve);
        Assert.Equal(ImageSite.Png, (await fetcher.FetchAsync($"http://images.example:{site.Port}/image.png", default)).Bytes);
        Assert.Equal(1, asked);

        // The next fetch asks again and meets the policy again.
        Assert.Contains("link-local", (await fetcher.FetchAsync($"http://images.example:{site.Port}/image.png", default)).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_NameWithOneForbiddenAddressAmongOthers_IsRefused()
    {
        await using ImageSite site = await ImageSite.StartAsync();
        using ImageFetcher fetcher = Fetcher(o => o.AllowPrivateNetworks = true, (_, _) => Task.FromResult<IPAddress[]>([IPAddress.Loopback, IPAddress.Parse("169.254.169.254")]));
        Assert.Contains("link-local", (await fetcher.FetchAsync($"http://images.example:{site.Port}/image.png", default)).Refusal, StringComparison.Ordinal);
        Assert.Empty(site.Requests);
    }

    [Fact]
    public async Task Fetch_SilentSite_EndsAtTheDeadline()
    {
        await using ImageSite site = await ImageSite.StartAsync();
        var time = new ManualTime();
        var options = new ImageOptions { FetchTimeoutSeconds = 7 };
        options.AllowedOrigins.Add(site.Origin);
        using var fetcher = new ImageFetcher(options, time);
        Task<FetchedImage> fetching = fetcher.FetchAsync(site.Origin + "/silent", default);
        SpinWait.SpinUntil(() => site.Requests.Count == 1);
        time.Advance(TimeSpan.FromSeconds(8));
        Assert.Contains("7 seconds", (await fetching).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_CallerGivesUp_Throws()
    {
        await using ImageSite site = await ImageSite.StartAsync();
        using ImageFetcher fetcher = Fetcher(o => o.AllowedOrigins.Add(site.Origin));
        using var gaveUp = new CancellationTokenSource();
        Task<FetchedImage> fetching = fetcher.FetchAsync(site.Origin + "/silent", gaveUp.Token);
        SpinWait.SpinUntil(() => site.Requests.Count == 1);
        await gaveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => fetching);
    }

    [Theory]
    [InlineData(false, "https://example.org/a.png", "fetches no images")]
    [InlineData(true, "http://", "no valid address")]
    [InlineData(true, "http://no-such-host.invalid/a.png", "cannot be resolved")]
    [InlineData(true, "http://127.0.0.1:1/a.png", "loopback")]
    public async Task Fetch_Hopeless_SaysWhy(bool fetchRemote, string address, string reason)
    {
        using ImageFetcher fetcher = Fetcher(o => o.FetchRemote = fetchRemote, (name, _) => throw new System.Net.Sockets.SocketException());
        Assert.Contains(reason, (await fetcher.FetchAsync(address, default)).Refusal, StringComparison.Ordinal);
    }

    private static ImageFetcher Fetcher(Action<ImageOptions> configure, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        var options = new ImageOptions();
        configure(options);
        return new ImageFetcher(options, TimeProvider.System, resolve);
    }
}
