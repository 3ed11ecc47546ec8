using System.Collections.Frozen;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Marks comments, strings, numbers and keywords of short samples. It knows no grammar and needs none.</summary>
internal static partial class Highlighter
{
    private static readonly FrozenDictionary<string, FrozenSet<string>> s_keywords = new Dictionary<string, FrozenSet<string>>
    {
        ["bash"] = Words("curl export claude tramontane ./tramontane npm pip dotnet php node if then fi for do done in"),
        ["python"] = Words("import from as def return for in if else with print None True False async await while not and or lambda class"),
        ["javascript"] = Words("import from const let await async for of if else new function return export true false null undefined class"),
        ["csharp"] = Words("using var new await foreach in if else string int return class record static true false null async Task"),
        ["php"] = Words("php echo foreach as if else new function return true false null while array"),
        ["json"] = Words("true false null"),
    }.ToFrozenDictionary();

    /// <summary>HTML of a sample: its text, escaped, with <c>span</c>s of the classes c, s, n and k.</summary>
    internal static string ToHtml(string code, string language)
    {
        if (!s_keywords.TryGetValue(language, out FrozenSet<string>? keywords))
        {
            return WebUtility.HtmlEncode(code);
        }

        var html = new StringBuilder(code.Length * 2);
        int from = 0;
        foreach (Match match in (language is "bash" or "python" or "php" ? HashComments() : SlashComments()).Matches(code))
        {
            string? kind = match.Groups["c"].Success ? "c" : match.Groups["s"].Success ? "s" : match.Groups["n"].Success ? "n" : keywords.Contains(match.Value) ? "k" : null;
            if (kind is null || (language == "json" && kind == "c"))
            {
                continue;
            }

            html.Append(WebUtility.HtmlEncode(code[from..match.Index])).Append("<span class=\"").Append(kind).Append("\">").Append(WebUtility.HtmlEncode(match.Value)).Append("</span>");
            from = match.Index + match.Length;
        }

        return html.Append(WebUtility.HtmlEncode(code[from..])).ToString();
    }

    private static FrozenSet<string> Words(string list) => list.Split(' ').ToFrozenSet(StringComparer.Ordinal);

    [GeneratedRegex("""(?<c>(?<=^|\s)#[^\n]*)|(?<s>"(?:[^"\\\n]|\\.)*"|'[^']*')|(?<u>https?://[^\s"']+)|(?<n>\b\d[\d_.]*\b)|(?<w>[A-Za-z_./][A-Za-z0-9_./-]*)""", RegexOptions.Multiline)]
    private static partial Regex HashComments();

    [GeneratedRegex("""(?<c>(?<=^|\s)//[^\n]*)|(?<s>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`[^`]*`)|(?<n>\b\d[\d_.]*\b)|(?<w>[A-Za-z_][A-Za-z0-9_]*)""", RegexOptions.Multiline)]
    private static partial Regex SlashComments();
}
