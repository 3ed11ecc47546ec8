using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Tramontane.Metering.Keys;
using Tramontane.Metering.Ledger;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Usage;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Usage;

/// <summary>The dashboard says what the ledger says.</summary>
public sealed class UsagePageTests : IAsyncLifetime
{
    private readonly SettableTime _time = new();
    private TestLedger _ledger = null!;
    private TestServer _server = null!;
    private ConsoleBrowser _browser = null!;
    private IssuedKey[] _keys = null!;
    private List<LedgerRecord> _records = null!;

    public async Task InitializeAsync()
    {
        _ledger = await TestLedger.OpenAsync(_time);
        _keys = await SampleLedger.FillAsync(_ledger, _time, SampleLedger.Today, days: 10, perDay: 9);
        _records = await _ledger.AllAsync();
        Assert.True(_records.Count > 50);
        _server = await TestServer.StartAsync(time: _time, meter: _ledger.Meter);
        _browser = ConsoleBrowser.Of(_server);
        await _browser.SignInAsync(_keys[0].Secret);
    }

    public async Task DisposeAsync()
    {
        _browser.Dispose();
        await _server.DisposeAsync();
        await _ledger.DisposeAsync();
    }

    [Theory]
    [InlineData("", "2026-05-01", "2026-05-30")]
    [InlineData("?days=7", "2026-05-24", "2026-05-30")]
    [InlineData("?days=90&group=outcome", "2026-03-02", "2026-05-30")]
    [InlineData("?from=2026-05-22&to=2026-05-25&group=account", "2026-05-22", "2026-05-25")]
    [InlineData("?from=2026-05-26&group=dialect", "2026-05-26", "2026-05-30")]
    public async Task Page_OfARange_HasTheLedgersSumsToTheLastDigit(string query, string first, string last)
    {
        string html = await PageAsync("/usage" + query);
        LedgerRecord[] chosen = [.. _records.Where(r => In(r, first, last))];
        Assert.Contains($"<b>{chosen.Length:N0}</b><span>requests", html, StringComparison.Ordinal);
        Assert.Contains($"<b>{chosen.Sum(r => (long)r.Counts.Prompt):N0}</b>", html, StringComparison.Ordinal);
        Assert.Contains($"<b>{chosen.Sum(r => (long)r.Counts.Completion):N0}</b>", html, StringComparison.Ordinal);
        Assert.Contains($"id=\"total-cost\">{MoneyText.Format(chosen.Sum(r => r.Cost.Total), "USD")}<", html, StringComparison.Ordinal);

        // The twins of the charts add up to the same.
        Assert.Equal(chosen.Length, Twin(html, "requests").Sum());
        Assert.Equal(chosen.Sum(r => (long)r.Counts.Prompt + r.Counts.Completion), Twin(html, "tokens").Sum());
        Assert.Equal(chosen.Sum(r => r.Cost.Total), Twin(html, "cost").Sum());
        int days = DateOnly.Parse(last, CultureInfo.InvariantCulture).DayNumber - DateOnly.Parse(first, CultureInfo.InvariantCulture).DayNumber + 1;
        Assert.Equal(days, Regex.Count(Figure(html, "cost"), "<th scope=\"row\">"));
        Assert.Matches("<svg[^>]*role=\"img\"[^>]*aria-labelledby=\"t-cost d-cost\"", Figure(html, "cost"));
    }

    [Fact]
    public async Task Groups_Outcomes_AndLatest_AreTheLedgers()
    {
        string html = await PageAsync("/usage?group=key");
        foreach (IGrouping<string?, LedgerRecord> group in _records.GroupBy(r => r.KeyId))
        {
            ApiKey key = _keys.First(k => k.Key.Id == group.Key).Key;
            Assert.Matches($"{Regex.Escape(key.Settings.Name)} \\({Regex.Escape(key.Display)}\\)</a></th>\\s*<td class=\"num\">{group.Count():N0}</td>", WebUtility.HtmlDecode(html));
        }

        foreach (IGrouping<RequestOutcome, LedgerRecord> group in _records.GroupBy(r => r.Outcome))
        {
            Assert.Matches($">{OutcomeNames.Of(group.Key)}</span></th><td class=\"num\">{group.Count():N0}</td>", html);
        }

        string[] latest = [.. Regex.Matches(html, "<code class=\"id\">(req_[0-9a-f]+)</code>").Select(m => m.Groups[1].Value)];
        Assert.Equal(_records.AsEnumerable().Reverse().Take(UsageLoader.MostRequests).Select(r => r.RequestId), latest);
    }

    [Fact]
    public async Task Reader_SeesItsOwnAlone_WhateverItAsksFor()
    {
        using var reader = ConsoleBrowser.Of(_server);
        await reader.SignInAsync(_keys[1].Secret);
        LedgerRecord[] own = [.. _records.Where(r => r.KeyId == _keys[1].Key.Id)];
        foreach (string query in (string[])["", $"?key={_keys[3].Key.Id}"])
        {
            string html = (await reader.GetAsync("/usage" + query)).Html;
            Assert.Contains($"<b>{own.Length:N0}</b><span>requests", html, StringComparison.Ordinal);
            Assert.DoesNotContain(_keys[3].Key.Display, ConsoleBrowser.Text(html), StringComparison.Ordinal);
            Assert.DoesNotContain("nightly batch", html, StringComparison.Ordinal);
            string csv = (await reader.GetAsync($"/usage.csv{query}{(query.Length == 0 ? "?" : "&")}table=requests")).Html;
            Assert.Equal(own.Length, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length - 1);
        }

        foreach (string group in (string[])["key", "account"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await reader.GetAsync("/usage?group=" + group)).Response.StatusCode);
        }
    }

    [Fact]
    public async Task Csv_OfTheSelection_IsADownloadWithTheSameSums()
    {
        (HttpResponseMessage response, string csv) = await _browser.GetAsync("/usage.csv?days=7&group=key");
        Assert.Equal(("text/csv", "no-store", "usage-2026-05-24-2026-05-30.csv"), (response.Content.Headers.ContentType!.MediaType, response.Headers.CacheControl!.ToString(), response.Content.Headers.ContentDisposition!.FileName!.Trim('"')));
        decimal cost = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Sum(line => decimal.Parse(line.Split(',')[12], CultureInfo.InvariantCulture));
        Assert.Equal(_records.Where(r => In(r, "2026-05-24", "2026-05-30")).Sum(r => r.Cost.Total), cost);
        Assert.Equal(HttpStatusCode.BadRequest, (await _browser.GetAsync("/usage.csv?days=0")).Response.StatusCode);
    }

    [Theory]
    [InlineData("?days=0")]
    [InlineData("?days=367")]
    [InlineData("?days=abc")]
    [InlineData("?from=2026-05-30&to=2026-05-01")]
    [InlineData("?from=2020-01-01&to=2026-05-01")]
    [InlineData("?from=yesterday")]
    [InlineData("?from=9999-12-31&to=9999-12-31")]
    [InlineData("?to=2026-05-01")]
    [InlineData("?group=colour")]
    public async Task Page_OfAWrongAddress_SaysSoAndShowsTheUsual(string query)
    {
        (HttpResponseMessage response, string html) = await _browser.GetAsync("/usage" + query);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("role=\"alert\"", html, StringComparison.Ordinal);
        Assert.Contains($"<b>{_records.Count:N0}</b>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_WithoutRequests_SaysSo() => Assert.Contains("No request has ended", await PageAsync("/usage?from=2020-01-01&to=2020-01-02"), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(5, 5)]
    [InlineData(51, 100)]
    [InlineData(1999, 2000)]
    [InlineData(0.0003, 0.0005)]
    public void Top_OfAChart_IsTheNextRoundNumber(double value, double expected) => Assert.Equal((decimal)expected, Chart.RoundUp((decimal)value));

    [Fact]
    public void Bars_OfDays_StackToTheirSum()
    {
        var chart = new Chart("x", "<b>", "", [new(2026, 5, 1), new(2026, 5, 2)], [new("<a>", 1, [1, 2]), new("b", 2, [1, 3])], v => v.ToString(CultureInfo.InvariantCulture));
        Assert.Equal(5, chart.Top);
        string svg = chart.Bars();
        Assert.Contains("<rect class=\"bar-1\" x=\"11\" y=\"60\" width=\"8\" height=\"40\"/><rect class=\"bar-2\" x=\"11\" y=\"0\" width=\"8\" height=\"60\"/>", svg, StringComparison.Ordinal);
        Assert.Contains("<title>2026-05-01: &lt;a&gt; 1, b 1</title>", svg, StringComparison.Ordinal);
        Assert.Contains("highest on 2026-05-02 with 5", chart.Summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, true, null)] // 2.5 requests are none
    [InlineData(2, true, "1")]
    [InlineData(100, true, "50")]
    [InlineData(5, false, "2.5")]
    public void Middle_OfAnAxis_IsNeverRounded(int top, bool isWhole, string? expected) =>
        Assert.Equal(expected, new Chart("x", "x", "", [new(2026, 5, 1)], [new("a", 1, [top])], v => v.ToString(CultureInfo.InvariantCulture)) { IsWhole = isWhole }.Middle);

    [Fact]
    public void Chart_OfNothing_SaysSo()
    {
        var chart = new Chart("x", "x", "", [new(2026, 5, 1)], [new("a", 1, [0])], v => v.ToString(CultureInfo.InvariantCulture));
        Assert.False(chart.HasValues);
        Assert.Equal("No values.", chart.Summary);
    }

    [Fact]
    public async Task Keys_BeyondTheList_AreCountedAndTheChosenOneIsInIt()
    {
        IssuedKey first = await _ledger.CreateKeyAsync();
        await _ledger.Meter.Keys.RevokeAsync(first.Key.Id);
        for (int i = 0; i < UsageLoader.MostKeys; i++)
        {
            await _ledger.CreateKeyAsync();
        }

        string html = await PageAsync($"/usage?key={first.Key.Id}");
        int options = Regex.Count(Regex.Match(html, "<select[^>]*name=\"key\".*?</select>", RegexOptions.Singleline).Value, "<option");
        Assert.Equal(UsageLoader.MostKeys + 1, options); // and "all keys"
        Assert.Matches($"<option value=\"{first.Key.Id}\" selected", html);
        Assert.Matches("The list has 200 keys; the usage of [0-9]+ more", html);
    }

    private async Task<string> PageAsync(string path)
    {
        (HttpResponseMessage response, string html) = await _browser.GetAsync(path);
        Assert.True(response.IsSuccessStatusCode, html);
        return html;
    }

    private static bool In(LedgerRecord record, string first, string last) =>
        DateOnly.FromDateTime(record.StartedAt.UtcDateTime) is var day && day >= DateOnly.Parse(first, CultureInfo.InvariantCulture) && day <= DateOnly.Parse(last, CultureInfo.InvariantCulture);

    private static string Figure(string html, string chart) => Regex.Match(html, $"<figure class=\"chart usage-chart\" id=\"chart-{chart}\">.*?</figure>", RegexOptions.Singleline).Value;

    private static IEnumerable<decimal> Twin(string html, string chart) =>
        Regex.Matches(Figure(html, chart), "<td class=\"num\">\\$?([0-9,.]+)</td>").Select(m => decimal.Parse(m.Groups[1].Value, NumberStyles.AllowThousands | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture));
}
