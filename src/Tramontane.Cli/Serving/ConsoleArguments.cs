using Tramontane.Cli.CommandLine;
using Tramontane.Server.Console;

namespace Tramontane.Cli.Serving;

/// <summary>Reads what <c>serve</c> is told about the pages.</summary>
internal static class ConsoleArguments
{
    /// <exception cref="CommandFailure">A value is none of those allowed.</exception>
    internal static void Read(ConsoleOptions options, string visibility, string? publicUrl, IEnumerable<string> links)
    {
        options.Visibility = visibility switch
        {
            "public" => ConsoleVisibility.Public,
            "private" => ConsoleVisibility.Private,
            "off" => ConsoleVisibility.Off,
            _ => throw new CommandFailure($"--console takes public, private or off, found '{visibility}'.", CommandFailure.Usage),
        };
        options.PublicUrl = publicUrl is null || IsPlain(publicUrl)
            ? publicUrl
            : throw new CommandFailure($"--public-url takes an address such as https://llm.example.com, found '{publicUrl}'.", CommandFailure.Usage);
        foreach (string link in links)
        {
            int equals = link.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || !IsAddress(link[(equals + 1)..], "http", "https", "mailto"))
            {
                throw new CommandFailure($"--console-link takes a label and an address such as Support=https://example.com/help, found '{link}'.", CommandFailure.Usage);
            }

            options.Links.Add(new ConsoleLink(link[..equals], link[(equals + 1)..]));
        }
    }

    /// <summary>It goes into commands that people paste into a shell, so nothing that one would interpret may be in it.</summary>
    private static bool IsPlain(string text) => IsAddress(text, "http", "https") && text.All(c => char.IsAsciiLetterOrDigit(c) || c is ':' or '/' or '.' or '-' or '_' or '[' or ']');

    private static bool IsAddress(string text, params string[] schemes) => Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && schemes.Contains(uri.Scheme);
}
