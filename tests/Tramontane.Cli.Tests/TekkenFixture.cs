using System.Text.Json;
using Tramontane.Testing;
using Tramontane.Tokenization;

namespace Tramontane.Cli.Tests;

/// <summary>The model's whole vocabulary as a tekken.json, made once from its compact form in the golden data.</summary>
public sealed class TekkenFixture : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public TekkenFixture()
    {
        using FileStream compact = File.OpenRead(Repository.Golden("tokenizer/tekken_vocab.bin.br"));
        Tokenizer tokenizer = Tokenizer.FromCompact(compact);
        using JsonDocument meta = JsonDocument.Parse(File.ReadAllBytes(Repository.Golden("tokenizer/tekken_meta.json")));
        TekkenPath = Path.Combine(_folder.Path, "tekken.json");
        using FileStream file = File.Create(TekkenPath);
        using var writer = new Utf8JsonWriter(file);
        writer.WriteStartObject();
        writer.WritePropertyName("config");
        meta.RootElement.GetProperty("config").WriteTo(writer);
        writer.WriteStartArray("vocab");
        for (int rank = 0; rank < tokenizer.VocabularySize - tokenizer.ControlTokenCount; rank++)
        {
            writer.WriteStartObject();
            writer.WriteNumber("rank", rank);
            writer.WriteBase64String("token_bytes", tokenizer.TokenBytes(rank + tokenizer.ControlTokenCount));
            writer.WriteNull("token_str");
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The file.</summary>
    public string TekkenPath { get; }

    public void Dispose() => _folder.Dispose();
}
