using System.Text;
using System.Text.Json;
using Tramontane.Grammar.JsonSchema;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.Tests;

/// <summary>Grammars over single bytes, so that a text is its own token list: token b is byte b, token 256 ends.</summary>
internal static class Texts
{
    public const int End = 256;

    private static readonly byte[] s_bytes = [.. Enumerable.Range(0, 257).Select(i => (byte)i)];

    public static TokenVocabulary Bytes { get; } = new(257, id => s_bytes.AsSpan(id, 1), id => id == End, End);

    public static CompiledGrammar Schema(string schema, JsonSchemaOptions? options = null)
    {
        using JsonDocument document = JsonDocument.Parse(schema);
        return CompiledGrammar.FromJsonSchema(Bytes, document.RootElement.Clone(), options);
    }

    public static CompiledGrammar Schema(JsonElement schema, JsonSchemaOptions? options = null) => CompiledGrammar.FromJsonSchema(Bytes, schema, options);

    /// <summary>Whether the whole text fits.</summary>
    public static bool Accepts(this CompiledGrammar grammar, string text)
    {
        GrammarMatcher matcher = grammar.CreateMatcher();
        return Encoding.UTF8.GetBytes(text).All(b => matcher.TryConsume(b)) && matcher.IsAccepting;
    }

    /// <summary>A value as the matcher wants it: compact, each character in its one spelling.</summary>
    public static string Compact(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().Select(m => $"{Quote(m.Name)}:{Compact(m.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Compact)) + "]",
        JsonValueKind.String => Quote(value.GetString()!),
        _ => value.GetRawText(),
    };

    private static string Quote(string text)
    {
        var builder = new StringBuilder("\"");
        foreach (Rune rune in text.EnumerateRunes())
        {
            JsonStringEncoder.Append(builder, rune);
        }

        return builder.Append('"').ToString();
    }
}
