using System.Net;
using System.Text.RegularExpressions;

namespace Tramontane.Testing;

/// <summary>Code as it stands in the HTML of a page.</summary>
public static partial class PageCode
{
    /// <summary>
    /// Every command line, or part of one, that pages print. Tests of the server hold the pages to this list; tests of the
    /// command line run each of it.
    /// </summary>
    public static IReadOnlyList<string> CommandLines { get; } =
    [
        "./tramontane serve --model FILE.gguf",
        "./tramontane serve --model FILE.gguf --ctx 16384",
        "./tramontane inspect FILE.gguf",
        "./tramontane bench",
        "./tramontane bench --model FILE.gguf",
        "./tramontane keys create --admin",
        "./tramontane keys list",
        "--host 0.0.0.0 --api-key KEY",
        "--mmproj",
        "--mmproj FILE",
        "--prefix-file",
        "--public-url",
    ];

    /// <summary>Texts of the <c>pre</c> elements.</summary>
    public static IReadOnlyList<string> Blocks(string html) => [.. Pre().Matches(html).Select(m => Text(m.Value))];

    /// <summary>Texts of the <c>code</c> elements outside of <c>pre</c>.</summary>
    public static IReadOnlyList<string> Inline(string html) => [.. Code().Matches(Pre().Replace(html, "")).Select(m => Text(m.Groups[1].Value))];

    /// <summary>What a reader sees of a piece of HTML, spaces and line ends as they are.</summary>
    public static string Text(string html) => WebUtility.HtmlDecode(Tags().Replace(html, ""));

    /// <summary>Paths on the same site that links lead to.</summary>
    public static IReadOnlyList<string> Links(string html) => [.. Anchors().Matches(html).Select(m => WebUtility.HtmlDecode(m.Groups[1].Value)).Distinct()];

    [GeneratedRegex("<pre\\b.*?</pre>", RegexOptions.Singleline)]
    private static partial Regex Pre();

    [GeneratedRegex("<code\\b[^>]*>(.*?)</code>", RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex("<a\\b[^>]*\\shref=\"(/[^\"#?]*)")]
    private static partial Regex Anchors();
}
