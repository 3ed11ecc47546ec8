using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Inline Markdown of the pages' own texts, as HTML and as Markdown that stands alone.</summary>
internal static partial class InlineText
{
    // Code as short as this is not broken over lines: phones have room for it.
    private const int MaxUnbroken = 24;

    /// <summary>HTML: everything is escaped but the marks for code, strong text and links.</summary>
    internal static string ToHtml(string text)
    {
        var html = new StringBuilder(text.Length + 32);
        int from = 0;
        foreach (Match match in Marks().Matches(text))
        {
            html.Append(WebUtility.HtmlEncode(text[from..match.Index]));
            from = match.Index + match.Length;
            _ = match.Groups switch
            {
                var g when g["code"].Success => html.Append(g["code"].Value.Length <= MaxUnbroken ? "<code class=\"nowrap\">" : "<code>").Append(WebUtility.HtmlEncode(g["code"].Value)).Append("</code>"),
                var g when g["strong"].Success => html.Append("<strong>").Append(WebUtility.HtmlEncode(g["strong"].Value)).Append("</strong>"),
                var g => html.Append("<a href=\"").Append(WebUtility.HtmlEncode(g["url"].Value)).Append(IsElsewhere(g["url"].Value) ? "\" rel=\"noreferrer\">" : "\">")
                    .Append(WebUtility.HtmlEncode(g["label"].Value)).Append("</a>"),
            };
        }

        return html.Append(WebUtility.HtmlEncode(text[from..])).ToString();
    }

    /// <summary>The text without its marks.</summary>
    internal static string ToPlain(string text) => Marks().Replace(text, m => m.Groups["code"].Value + m.Groups["strong"].Value + m.Groups["label"].Value);

    /// <summary>Markdown whose links within the site are whole addresses, and lead to other pages' Markdown.</summary>
    /// <param name="text">As it stands in the page.</param>
    /// <param name="baseUrl">Without a slash at the end.</param>
    internal static string ToMarkdown(string text, string baseUrl) => Marks().Replace(text, m =>
        m.Groups["url"] is { Success: true, Value: ['/', ..] url } ? $"[{m.Groups["label"].Value}]({baseUrl}{url})" : m.Value);

    private static bool IsElsewhere(string url) => url.Contains("://", StringComparison.Ordinal);

    [GeneratedRegex(@"`(?<code>[^`]+)`|\*\*(?<strong>[^*]+)\*\*|\[(?<label>[^\]]+)\]\((?<url>[^)\s]+)\)", RegexOptions.ExplicitCapture)]
    private static partial Regex Marks();
}
