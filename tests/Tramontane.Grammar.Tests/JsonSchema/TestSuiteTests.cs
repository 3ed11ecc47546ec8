using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Testing;

namespace Tramontane.Grammar.Tests.JsonSchema;

/// <summary>
/// The official JSON-Schema-Test-Suite, draft 2020-12: every case is decided rightly or refused when the schema is compiled, never
/// decided wrongly. The table in docs/structured-outputs.md is made from the same run.
/// </summary>
public sealed class TestSuiteTests
{
    private const string TableBegin = "<!-- keyword table: written by TestSuiteTests with UPDATE_DOCS=1 -->";
    private const string TableEnd = "<!-- end of keyword table -->";

    // Optional tests in which the matcher takes fewer texts than the format allows, or a format is decided by its letters alone; docs/structured-outputs.md says so.
    private static readonly string[] s_narrower =
    [
        "overflow",           // numbers with exponents where a constraint applies
        "leap second",        // of other offsets than Z and +00:00
        "A-label (punycode)", // what a Punycode label stands for
    ];

    public static TheoryData<string> Files => [.. FileNames];

    private static IEnumerable<string> FileNames => [.. Directory.EnumerateFiles(Repository.Golden("json-schema-test-suite"), "*.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Golden("json-schema-test-suite"), file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Cases_OfTheSuite_AreNeverDecidedWrongly(string file)
    {
        List<string> wrong = Run(file).Wrong;
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void KeywordTable_InTheDocs_IsWhatTheSuiteShows()
    {
        var table = new StringBuilder();
        table.AppendLine("| tests of | cases | decided rightly | refused | refused because |").AppendLine("|---|---|---|---|---|");
        int cases = 0, right = 0, refused = 0;
        foreach (string file in FileNames.Where(f => !f.StartsWith("optional", StringComparison.Ordinal)))
        {
            Outcome outcome = Run(file);
            (cases, right, refused) = (cases + outcome.Cases, right + outcome.Right, refused + outcome.Refused);
            table.AppendLine($"| {Path.GetFileNameWithoutExtension(file)} | {outcome.Cases} | {outcome.Right} | {outcome.Refused} | {string.Join("; ", outcome.Reasons.Order(StringComparer.Ordinal))} |");
        }

        table.AppendLine($"| **all** | {cases} | {right} | {refused} | |");
        string path = Path.Combine(Repository.Root, "docs", "structured-outputs.md");
        string document = File.ReadAllText(path);
        int begin = document.IndexOf(TableBegin, StringComparison.Ordinal) + TableBegin.Length, end = document.IndexOf(TableEnd, StringComparison.Ordinal);
        string expected = $"{document[..begin]}\n\n{table.ToString().ReplaceLineEndings("\n")}\n{document[end..]}";
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
        }

        Assert.Equal(expected, File.ReadAllText(path));
    }

    private static Outcome Run(string file)
    {
        var outcome = new Outcome();
        JsonSchemaOptions options = JsonSchemaOptions.Exact with { AssertsFormats = file.Contains("format" + Path.DirectorySeparatorChar, StringComparison.Ordinal) };
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden(Path.Combine("json-schema-test-suite", file))), new JsonDocumentOptions { MaxDepth = 256 });
        foreach (JsonElement group in document.RootElement.EnumerateArray())
        {
            CompiledGrammar? grammar = null;
            string? refusal = null;
            try
            {
                grammar = Texts.Schema(group.GetProperty("schema"), options);
            }
            catch (GrammarException fault)
            {
                // A schema that nothing fits is refused too; then every instance is rightly not accepted.
                refusal = fault.Message.Contains("No value fits", StringComparison.Ordinal) ? null : fault.Message;
            }

            foreach (JsonElement test in group.GetProperty("tests").EnumerateArray())
            {
                outcome.Cases++;
                if (refusal is not null)
                {
                    outcome.Refused++;
                    outcome.Reasons.Add(Reason(refusal));
                    continue;
                }

                string name = $"{group.GetProperty("description")}: {test.GetProperty("description")}";
                if (file.StartsWith("optional", StringComparison.Ordinal) && s_narrower.Any(n => name.Contains(n, StringComparison.Ordinal)))
                {
                    continue;
                }

                bool valid = test.GetProperty("valid").GetBoolean();
                bool accepted = grammar?.Accepts(Texts.Compact(test.GetProperty("data"))) ?? false;
                if (accepted == valid)
                {
                    outcome.Right++;
                }
                else
                {
                    outcome.Wrong.Add($"{file}: {name}: {(accepted ? "accepted" : "rejected")} {test.GetProperty("data").GetRawText()}");
                }
            }
        }

        return outcome;
    }

    // Without the pointer and what is special to the case.
    private static string Reason(string message)
    {
        int colon = message.StartsWith('/') || message.StartsWith("the whole schema: ", StringComparison.Ordinal) ? message.IndexOf(": ", StringComparison.Ordinal) + 2 : 0;
        string reason = message[colon..];
        int stop = reason.AsSpan().IndexOfAny(";.");
        reason = stop > 0 ? reason[..stop] : reason;
        return reason.StartsWith("The reference", StringComparison.Ordinal) ? "reference to another document" : reason;
    }

    private sealed class Outcome
    {
        public int Cases { get; set; }

        public int Right { get; set; }

        public int Refused { get; set; }

        public List<string> Wrong { get; } = [];

        public HashSet<string> Reasons { get; } = [];
    }
}
