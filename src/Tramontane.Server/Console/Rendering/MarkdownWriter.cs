using System.Globalization;
using System.Text;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Writes a page's sections as Markdown, with front matter.</summary>
internal static class MarkdownWriter
{
    /// <param name="info">The page.</param>
    /// <param name="title">The document's title.</param>
    /// <param name="lead">The first paragraph.</param>
    /// <param name="type">What the page is about: <c>product</c> for the model, <c>article</c> otherwise.</param>
    /// <param name="request">Address and time.</param>
    /// <param name="sections">The page's text.</param>
    internal static string Write(PageInfo info, string title, string lead, string type, PageRequest request, IEnumerable<Section> sections)
    {
        var text = new StringBuilder();
        text.Append("---\n");
        AppendKey(text, "title", title);
        AppendKey(text, "description", info.Description);
        AppendKey(text, "url", request.BaseUrl + info.MarkdownPath);
        AppendKey(text, "canonical", request.BaseUrl + info.Path);
        AppendKey(text, "type", type);
        AppendKey(text, "component", "console");
        AppendKey(text, "generated_at", request.Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        text.Append("---\n\n# ").Append(title).Append("\n\n").Append(InlineText.ToMarkdown(lead, request.BaseUrl)).Append('\n');
        foreach (Section section in sections)
        {
            text.Append("\n## ").Append(section.Title).Append('\n');
            if (section.Editorial is { } editorial)
            {
                text.Append("\n_Editorial, ").Append(editorial).Append("._\n");
            }

            foreach (Block block in section.Blocks)
            {
                text.Append('\n');
                Append(text, block, request.BaseUrl);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Block block, string baseUrl)
    {
        string Inline(string s) => InlineText.ToMarkdown(s, baseUrl);
        switch (block)
        {
            case Paragraph paragraph:
                text.Append(Inline(paragraph.Text)).Append('\n');
                break;
            case Subheading heading:
                text.Append("### ").Append(heading.Text).Append('\n');
                break;
            case Note note:
                text.Append("> ").Append(Inline(note.Text)).Append('\n');
                break;
            case ItemList list:
                for (int i = 0; i < list.Items.Count; i++)
                {
                    text.Append(list.IsNumbered ? $"{i + 1}. " : "- ").Append(Inline(list.Items[i])).Append('\n');
                }

                break;
            case FactList facts:
                foreach (Fact fact in facts.Facts)
                {
                    text.Append("- **").Append(fact.Term).Append(":** ").Append(Inline(fact.Value)).Append('\n');
                }

                break;
            case CheckList checks:
                foreach ((string label, bool isMet, string detail, _) in checks.Items)
                {
                    text.Append(isMet ? "- **" : "- ~~").Append(label).Append(isMet ? ":** " : "~~ (no): ").Append(Inline(detail)).Append('\n');
                }

                break;
            case CardList cards:
                foreach (Card card in cards.Items)
                {
                    string title = card.Url is null ? $"**{card.Title}**" : Inline($"[{card.Title}]({card.Url})");
                    text.Append("- ").Append(title).Append(card.Badge is null ? "" : $" ({card.Badge})").Append(": ").Append(Inline(card.Text)).Append('\n');
                }

                break;
            case QuestionList questions:
                foreach (Question question in questions.Items)
                {
                    text.Append(question == questions.Items[0] ? "" : "\n").Append("### ").Append(question.Text).Append("\n\n").Append(Inline(question.Answer)).Append('\n');
                }

                break;
            case DataTable table:
                AppendTable(text, table, Inline);
                break;
            case Samples samples:
                foreach (CodeSample sample in samples.Items)
                {
                    text.Append(sample == samples.Items[0] ? "" : "\n").Append("### ").Append(sample.Label).Append(": ").Append(sample.Caption)
                        .Append("\n\n```").Append(sample.Language).Append('\n').Append(sample.Code).Append("\n```\n");
                }

                break;
            default:
                throw new NotSupportedException($"{block.GetType().Name} has no Markdown.");
        }
    }

    private static void AppendTable(StringBuilder text, DataTable table, Func<string, string> inline)
    {
        text.Append("| ").AppendJoin(" | ", table.Columns.Select(c => c.Title)).Append(" |\n|");
        foreach (TableColumn column in table.Columns)
        {
            text.Append(column.IsNumber ? "---:|" : "---|");
        }

        foreach (TableRow row in table.Rows)
        {
            text.Append("\n| ").AppendJoin(" | ", row.Cells.Select(c => inline(c).Replace("|", "\\|", StringComparison.Ordinal))).Append(" |");
        }

        text.Append("\n\n").Append(inline(table.Caption)).Append('\n');
    }

    /// <summary>Always quoted: every text is then valid YAML.</summary>
    private static void AppendKey(StringBuilder text, string key, string value) => text.Append(key).Append(": \"")
        .Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append("\"\n");
}
