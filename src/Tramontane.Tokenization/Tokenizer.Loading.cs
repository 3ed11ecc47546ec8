using System.IO.Compression;
using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization;

/// <content>Where vocabularies come from: tekken.json, GGUF metadata, and the compact form of test data.</content>
public sealed partial class Tokenizer
{
    /// <summary>How images become tokens, as the tokenizer's file says; the model's usual settings when it says nothing.</summary>
    public ImageConfiguration Images { get; private init; } = ImageConfiguration.Default;

    /// <summary>Reads the <c>tekken.json</c> that lies beside the model's weights.</summary>
    /// <exception cref="TokenizerFileException">The file is broken; the message says what was expected and what was found.</exception>
    public static Tokenizer FromTekken(string path)
    {
        using FileStream stream = File.OpenRead(path);
        return FromTekken(stream, path);
    }

    /// <summary>Reads a <c>tekken.json</c> from a stream, to its end.</summary>
    /// <param name="stream">The file's content.</param>
    /// <param name="name">What error messages call it.</param>
    /// <exception cref="TokenizerFileException">The content is broken; the message says what was expected and what was found.</exception>
    public static Tokenizer FromTekken(Stream stream, string name = "tekken.json")
    {
        ArgumentNullException.ThrowIfNull(stream);
        TekkenFile file = TekkenFile.Read(stream, name);
        return new Tokenizer(file.Ranks, file.ControlNames, name) { Images = file.Images ?? ImageConfiguration.Default };
    }

    /// <summary>
    /// Takes the vocabulary from GGUF metadata: the leading tokens of type 3 (control) by name, the others as bytes
    /// written with GPT-2's byte-to-character table.
    /// </summary>
    /// <param name="tokens"><c>tokenizer.ggml.tokens</c>.</param>
    /// <param name="tokenTypes"><c>tokenizer.ggml.token_type</c>.</param>
    /// <exception cref="TokenizerFileException">The lists do not match, or a token is not written in that table.</exception>
    public static Tokenizer FromGguf(IReadOnlyList<string> tokens, IReadOnlyList<int> tokenTypes)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        ArgumentNullException.ThrowIfNull(tokenTypes);
        const string Source = "tokenizer.ggml.tokens";
        const int Control = 3;
        if (tokens.Count != tokenTypes.Count)
        {
            throw new TokenizerFileException(Source, $"as many tokens as there are types ({tokenTypes.Count})", $"{tokens.Count}");
        }

        int controlCount = 0;
        while (controlCount < tokens.Count && tokenTypes[controlCount] == Control)
        {
            controlCount++;
        }

        var ranks = new byte[tokens.Count - controlCount][];
        for (int id = controlCount; id < tokens.Count; id++)
        {
            ranks[id - controlCount] = ByteCharacters.ToBytes(tokens[id])
                ?? throw new TokenizerFileException(Source, "bytes written with GPT-2's byte-to-character table", $"'{tokens[id]}' as token {id}");
        }

        return new Tokenizer(ranks, [.. tokens.Take(controlCount)], Source);
    }

    /// <summary>
    /// Reads the compact form of a vocabulary: brotli over one length byte per token of rank 256 and up, then the
    /// bytes of those tokens; the ranks below are the single bytes. Control tokens get their usual names.
    /// </summary>
    /// <param name="stream">The compressed vocabulary.</param>
    /// <param name="ordinaryTokenCount">Number of ordinary tokens, at least 256.</param>
    /// <param name="controlTokenCount">Number of control tokens.</param>
    /// <exception cref="TokenizerFileException">The content is shorter or longer than its own lengths say.</exception>
    public static Tokenizer FromCompact(Stream stream, int ordinaryTokenCount = 130_072, int controlTokenCount = SpecialTokens.Count)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentOutOfRangeException.ThrowIfLessThan(ordinaryTokenCount, 256);
        const string Source = "compact vocabulary";
        var ranks = new byte[ordinaryTokenCount][];
        for (int i = 0; i < 256; i++)
        {
            ranks[i] = [(byte)i];
        }

        try
        {
            using var brotli = new BrotliStream(stream, CompressionMode.Decompress, leaveOpen: true);
            var lengths = new byte[ordinaryTokenCount - 256];
            brotli.ReadExactly(lengths);
            var bytes = new byte[lengths.Sum(length => length)];
            brotli.ReadExactly(bytes); // at once: a call per token would cost more than all the rest
            for (int i = 0, offset = 0; i < lengths.Length; offset += lengths[i++])
            {
                ranks[256 + i] = bytes.AsSpan(offset, lengths[i]).ToArray();
            }

            if (brotli.ReadByte() >= 0)
            {
                throw new TokenizerFileException(Source, $"{ordinaryTokenCount} tokens", "more bytes after them");
            }
        }
        catch (Exception exception) when (exception is EndOfStreamException or InvalidDataException or InvalidOperationException)
        {
            throw new TokenizerFileException(Source, $"brotli data with {ordinaryTokenCount} tokens", exception.Message, exception);
        }

        return new Tokenizer(ranks, SpecialTokens.Names(controlTokenCount), Source);
    }
}
