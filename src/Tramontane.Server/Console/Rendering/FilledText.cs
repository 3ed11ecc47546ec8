using System.Text.RegularExpressions;

namespace Tramontane.Server.Console.Rendering;

/// <summary>Fills the names in braces of a text with what is computed, so that a changed fact changes the text.</summary>
internal static partial class FilledText
{
    /// <exception cref="KeyNotFoundException">A name has no value.</exception>
    internal static string Fill(string text, IReadOnlyDictionary<string, string> values) => Names().Replace(text, m =>
        values.TryGetValue(m.Groups[1].Value, out string? value) ? value : throw new KeyNotFoundException($"Nothing is computed for '{m.Value}' in: {text}"));

    [GeneratedRegex(@"\{([a-z_]+)\}")]
    private static partial Regex Names();
}
