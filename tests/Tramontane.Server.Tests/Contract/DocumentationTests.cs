using System.Text;
using Tramontane.Server.Administration;
using Tramontane.Server.Requests.Fields;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Contract;

/// <summary>
/// The tables of fields in docs/api.md are written from the fields that <see cref="FieldTests"/> has tried out. With
/// TRAMONTANE_UPDATE_DOCS=1 the test brings the document up to date instead of failing.
/// </summary>
public sealed class DocumentationTests
{
    private static readonly string s_path = Path.Combine(Repository.Root, "docs", "api.md");

    [Fact]
    public void Tables_OfFields_AreUpToDate()
    {
        string document = File.ReadAllText(s_path);
        string expected = Endpoint.All.Select(e => e.Shape).Concat(AdminFields.All).Distinct().Aggregate(document, Replace);
        if (Environment.GetEnvironmentVariable("TRAMONTANE_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(s_path, expected);
            return;
        }

        Assert.True(document == expected, "docs/api.md is stale: run this test with TRAMONTANE_UPDATE_DOCS=1.");
    }

    private static string Replace(string document, RequestShape shape)
    {
        string begin = $"<!-- fields of {shape.Name} -->\n";
        const string End = "<!-- end of fields -->";
        int from = document.IndexOf(begin, StringComparison.Ordinal);
        Assert.True(from >= 0, $"docs/api.md has no place for the fields of {shape.Name}: '{begin.Trim()}' … '{End}'.");
        from += begin.Length;
        int to = document.IndexOf(End, from, StringComparison.Ordinal);
        return document[..from] + Table(shape) + document[to..];
    }

    private static string Table(RequestShape shape)
    {
        var table = new StringBuilder("| field | values | | |\n|---|---|---|---|\n");
        foreach (RequestField field in shape.Fields.OrderBy(f => f.Support))
        {
            string support = field.Support switch
            {
                FieldSupport.Supported => field.IsRequired ? "required" : "supported",
                FieldSupport.Ignored => "ignored with a header",
                _ => "refused",
            };
            table.Append($"| `{field.Name}` | {field.Values.Replace("|", "\\|")} | {support} | {field.Note} |\n");
        }

        return table.ToString();
    }
}
