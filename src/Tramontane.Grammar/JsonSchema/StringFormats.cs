using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>The values of <c>format</c> that are enforced, as regular expressions of whole texts.</summary>
internal static class StringFormats
{
    private const string Date = @"(\d{4}-(0[13578]|1[02])-(0[1-9]|[12]\d|3[01])|\d{4}-(0[469]|11)-(0[1-9]|[12]\d|30)|\d{4}-02-(0[1-9]|1\d|2[0-8])"
        + @"|(\d\d(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29)";

    // RFC 3339 full-time. Leap seconds only where they can be: at the end of a UTC day; written for offset Z and +00:00 alone.
    private const string Time = @"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([zZ]|[+-]([01]\d|2[0-3]):[0-5]\d)|23:59:60(\.\d+)?([zZ]|[+-]00:00))";
    private const string Ipv4 = @"((25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)";
    private const string Hex = "[0-9A-Fa-f]{1,4}";
    private const string Ipv6 = $"(({Hex}:){{7}}{Hex}|({Hex}:){{1,7}}:|({Hex}:){{1,6}}:{Hex}|({Hex}:){{1,5}}(:{Hex}){{1,2}}|({Hex}:){{1,4}}(:{Hex}){{1,3}}"
        + $"|({Hex}:){{1,3}}(:{Hex}){{1,4}}|({Hex}:){{1,2}}(:{Hex}){{1,5}}|{Hex}:(:{Hex}){{1,6}}|:((:{Hex}){{1,7}}|:)"
        + $"|({Hex}:){{6}}{Ipv4}|::({Hex}:){{0,5}}{Ipv4}|({Hex}:)(:{Hex}){{0,4}}:{Ipv4}|({Hex}:){{2}}(:{Hex}){{0,3}}:{Ipv4}"
        + $"|({Hex}:){{3}}(:{Hex}){{0,2}}:{Ipv4}|({Hex}:){{4}}(:{Hex})?:{Ipv4}|({Hex}:){{5}}:{Ipv4})";

    private const string Label = @"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private const string Hostname = $@"(?=.{{1,253}}$){Label}(\.{Label})*";

    // RFC 5321, 4.1.2 and 4.1.3: a dot-string or a quoted string, then a domain or an address.
    private const string Atom = @"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
    private const string Email = $@"({Atom}(\.{Atom})*|""([ !#-\[\]-~]|\\[ -~])*"")@({Label}(\.{Label})*|\[({Ipv4}|IPv6:{Ipv6})\])";

    // RFC 3986, appendix A.
    private const string PathCharacter = @"([A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})";
    private const string Authority = @"(([A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*@)?(([A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*|\[(" + Ipv6 + @"|[vV][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+)\])(:\d*)?";
    private const string Tail = @"(\?(" + PathCharacter + @"|[/?])*)?(#(" + PathCharacter + @"|[/?])*)?";
    private const string Uri = @"[A-Za-z][A-Za-z0-9+.-]*:(//" + Authority + @"(/" + PathCharacter + @"*)*|/(" + PathCharacter + @"+(/" + PathCharacter + @"*)*)?|" + PathCharacter + @"+(/" + PathCharacter + @"*)*|)" + Tail;
    private const string NoColon = @"([A-Za-z0-9._~!$&'()*+,;=@-]|%[0-9A-Fa-f]{2})";
    private const string RelativeReference = @"(//" + Authority + @"(/" + PathCharacter + @"*)*|/(" + PathCharacter + @"+(/" + PathCharacter + @"*)*)?|" + NoColon + @"+(/" + PathCharacter + @"*)*|)" + Tail;
    private const string Weeks = @"\d+W";
    private const string Duration = $@"P({Weeks}|(\d+Y(\d+M(\d+D)?)?|\d+M(\d+D)?|\d+D)(T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))?|T(\d+H(\d+M(\d+S)?)?|\d+M(\d+S)?|\d+S))";

    private static readonly Dictionary<string, string> s_patterns = new(StringComparer.Ordinal)
    {
        ["date"] = Date,
        ["time"] = Time,
        ["date-time"] = Date + "[tT]" + Time,
        ["duration"] = Duration,
        ["uuid"] = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
        ["email"] = Email,
        ["hostname"] = Hostname,
        ["ipv4"] = Ipv4,
        ["ipv6"] = Ipv6,
        ["uri"] = Uri,
        ["uri-reference"] = $"({Uri}|{RelativeReference})",
        ["json-pointer"] = "(/([^/~]|~[01])*)*",
        ["relative-json-pointer"] = "(0|[1-9][0-9]*)(#|(/([^/~]|~[01])*)*)",
    };

    private static readonly Dictionary<string, RegexNode> s_parsed = [];

    /// <summary>Names of the formats that are enforced.</summary>
    public static IEnumerable<string> Enforced => s_patterns.Keys;

    /// <summary>Formats of the standard that no regular expression decides; where formats are asserted they are refused.</summary>
    public static IReadOnlySet<string> Undecided { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "idn-email", "idn-hostname", "iri", "iri-reference", "uri-template", "regex",
    };

    /// <summary>The expression of a format; null when the name is not one that is enforced.</summary>
    public static RegexNode? Find(string name)
    {
        lock (s_parsed)
        {
            if (!s_parsed.TryGetValue(name, out RegexNode? node) && s_patterns.TryGetValue(name, out string? pattern))
            {
                node = RegexParser.Parse(pattern, GrammarLimits.Default, dotAll: true);
                s_parsed.Add(name, node);
            }

            return node;
        }
    }
}
