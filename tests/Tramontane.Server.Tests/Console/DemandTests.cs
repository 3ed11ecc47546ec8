using System.Text.RegularExpressions;
using Tramontane.Server.Catalog;
using Tramontane.Server.Tests.Fakes;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Console;

/// <summary>Everything that providers' pages offer is shown by a test that exists, or there is a decision against it.</summary>
public sealed partial class DemandTests
{
    private const int RowCount = 86;

    private static readonly IReadOnlyList<(int Row, string Shown)> s_rows = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "decisions", "what-providers-offer.md"))
        .Select(line => Row().Match(line)).Where(m => m.Success).Select(m => (int.Parse(m.Groups[1].Value), m.Groups[2].Value))];

    // A test's class and method, wherever in tests/ it is.
    private static readonly Lazy<ILookup<string, string>> s_sources = new(() =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj" or "node_modules"))
            .ToLookup(file => Path.GetFileNameWithoutExtension(file), File.ReadAllText));

    public static TheoryData<string> References => [.. s_rows.SelectMany(r => Code().Matches(r.Shown).Select(m => m.Groups[1].Value)).Where(c => c.Contains("Tests.", StringComparison.Ordinal) || c.StartsWith("pages/", StringComparison.Ordinal)).Concat(s_capabilities.Values).Distinct()];

    [Fact]
    public void Rows_AreAllThereOnce() => Assert.Equal(Enumerable.Range(1, RowCount), s_rows.Select(r => r.Row));

    [Fact]
    public void Rows_NameATestOrADecisionWithItsReason() => Assert.All(s_rows, row => Assert.True(
        Regex.IsMatch(row.Shown, "`(\\w+Tests\\.|pages/)") || Regex.IsMatch(row.Shown, "Decision: .{60}"), $"row {row.Row}: {row.Shown}"));

    // What the pages say that the server can do, and the test that shows it end to end.
    private static readonly Dictionary<string, string> s_capabilities = new()
    {
        ["chat"] = "OpenAISdkTests.Chat_OfThreeStreamedTurns_AnswersFromTheConversation",
        ["vision"] = "ImageRequestTests.Images_OfEveryDialect_GiveTheSamePromptTokens",
        ["tools"] = "ConstrainedAnswerTests.Calls_OfRandomTools_NameOneAndFitItsSchema",
        ["json_mode"] = "ConstrainedAnswerTests.Answer_HeldToAForm_HasIt",
        ["structured_outputs"] = "ConstrainedAnswerTests.Format_OfRandomSchemas_IsAlwaysKept",
        ["streaming"] = "OpenAISdkTests.Chat_WithTheSameSeed_IsTheSameWhetherStreamedOrNot",
        ["logprobs"] = "RealEngineTests.Score_OfAText_IsTheSameWhetherPromptedOrGenerated",
        ["seed"] = "RealEngineTests.Answers_OfSixteenClientsAtOnce_EqualThoseOfOneByOne",
        ["prompt_caching"] = "ClaudeCodeTests.Prompts_OfLaterRequests_AreFoundInTheCache",
    };

    [Fact]
    public void Capabilities_ThatAreOffered_AreEachShownByATest()
    {
        var options = new ServerOptions();
        var engine = new ScriptedEngine();
        engine.Model = engine.Model with { TakesImages = true };
        var facts = new ModelFacts(new ModelCatalog(options, engine), engine, options, TimeProvider.System);
        Assert.Equal(facts.Capabilities.Where(c => c.IsAvailable).Select(c => c.Id), s_capabilities.Keys);
    }

    [Theory, MemberData(nameof(References))]
    public void Reference_IsATestThatExists(string reference)
    {
        if (reference.StartsWith("pages/", StringComparison.Ordinal))
        {
            string[] parts = reference.Split(": ", 2);
            Assert.Contains(parts[1], File.ReadAllText(Path.Combine(Repository.Root, "tests", "browser", parts[0])), StringComparison.Ordinal);
            return;
        }

        string[] names = reference.Split('.');
        Assert.Contains(s_sources.Value[names[0]], source => Regex.IsMatch(source, $@"public (async )?(void|Task) {names[1]}\("));
    }

    [GeneratedRegex(@"^\| (\d+) \| [^|]+ \| (.+) \|$")]
    private static partial Regex Row();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();
}
