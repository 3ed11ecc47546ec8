using System.Text.Json;
using Tramontane.Tokenization.Images;

namespace Tramontane.Tokenization;

/// <summary>What a <c>tekken.json</c> says: the vocabulary, the control tokens' names and the image settings.</summary>
internal sealed class TekkenFile
{
    /// <summary>The splitting pattern that <see cref="TekkenSplitter"/> implements; a file with another one is refused.</summary>
    public const string Pattern =
        @"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
        + @"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
        + @"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    /// <summary>Real files have about 20 MB; more than this is not a tokenizer.</summary>
    private const int MaxFileBytes = 256 << 20;

    private const int MaxVocabularySize = 1 << 24;

    private const int MaxControlCount = 1 << 16;

    private readonly string _source;
    private readonly List<byte[]> _vocabulary = [];
    private readonly Dictionary<int, string> _controlNames = [];
    private string? _pattern;
    private int _vocabularySize = -1, _controlCount = -1;

    private TekkenFile(string source) => _source = source;

    /// <summary>Bytes of the ordinary tokens in use, by rank.</summary>
    public IReadOnlyList<byte[]> Ranks { get; private set; } = [];

    /// <summary>Names of the control tokens by id.</summary>
    public IReadOnlyList<string> ControlNames { get; private set; } = [];

    /// <summary>The image settings, when the file has them.</summary>
    public ImageConfiguration? Images { get; private set; }

    /// <summary>Reads a whole stream.</summary>
    /// <exception cref="TokenizerFileException">The content is not a tekken.json, or its parts contradict each other.</exception>
    public static TekkenFile Read(Stream stream, string source)
    {
        using var content = new MemoryStream();
        var chunk = new byte[1 << 16];
        for (int count; (count = stream.Read(chunk)) > 0;)
        {
            if (content.Length + count > MaxFileBytes)
            {
                throw new TokenizerFileException(source, $"at most {MaxFileBytes} bytes of tekken.json", "more");
            }

            content.Write(chunk, 0, count);
        }

        return Read(content.GetBuffer().AsSpan(0, (int)content.Length), source);
    }

    /// <summary>Reads the bytes of a file.</summary>
    /// <exception cref="TokenizerFileException">The content is not a tekken.json, or its parts contradict each other.</exception>
    public static TekkenFile Read(ReadOnlySpan<byte> json, string source)
    {
        var file = new TekkenFile(source);
        try
        {
            var reader = new Utf8JsonReader(json.StartsWith("\uFEFF"u8) ? json[3..] : json);
            file.ReadRoot(ref reader);
        }
        catch (JsonException exception)
        {
            throw new TokenizerFileException(source, "a JSON object as in tekken.json", $"broken JSON ({exception.Message})", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            // The reader's complaint about an unpaired surrogate in a string, or base64 that is none.
            throw new TokenizerFileException(source, "valid Unicode and base64 strings", exception.Message, exception);
        }

        file.Finish();
        return file;
    }

    private void ReadRoot(ref Utf8JsonReader reader)
    {
        reader.Read();
        Expect(ref reader, JsonTokenType.StartObject, "a JSON object at the top");
        while (NextProperty(ref reader, out string name))
        {
            switch (name)
            {
                case "config":
                    ReadConfig(ref reader);
                    break;
                case "vocab":
                    ReadVocabulary(ref reader);
                    break;
                case "special_tokens":
                    ReadSpecialTokens(ref reader);
                    break;
                case "multimodal" or "image" when reader.TokenType == JsonTokenType.StartObject:
                    ReadImages(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        reader.Read(); // throws when anything but white space follows
    }

    private void ReadConfig(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartObject, "an object as 'config'");
        while (NextProperty(ref reader, out string name))
        {
            switch (name)
            {
                case "pattern":
                    Expect(ref reader, JsonTokenType.String, "a string as 'config.pattern'");
                    _pattern = reader.GetString();
                    break;
                case "default_vocab_size":
                    _vocabularySize = ReadInteger(ref reader, "config.default_vocab_size", 256, MaxVocabularySize);
                    break;
                case "default_num_special_tokens":
                    _controlCount = ReadInteger(ref reader, "config.default_num_special_tokens", 0, MaxControlCount);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
    }

    private void ReadVocabulary(ref Utf8JsonReader reader)
    {
        Expect(ref reader, JsonTokenType.StartArray, "an array as 'vocab'");
        _vocabulary.Clear();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int index = _vocabulary.Count;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw Mismatch($"an object as 'vocab[{index}]'", Found(ref reader));
            }

            byte[]? bytes = null;
            int rank = -1;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                // Names are compared in place: as strings they would be most of the time of loading.
                if (reader.ValueTextEquals("rank"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out rank))
                    {
                        throw Mismatch($"an integer as 'vocab[{index}].rank'", Found(ref reader));
                    }
                }
                else if (reader.ValueTextEquals("token_bytes"u8))
                {
                    reader.Read();
                    if (reader.TokenType != JsonTokenType.String)
                    {
                        throw Mismatch($"a base64 string as 'vocab[{index}].token_bytes'", Found(ref reader));
                    }

                    bytes = reader.GetBytesFromBase64();
                }
                else
                {
                    reader.Skip(); // the name and its value
                }
            }

            if (rank != index)
            {
                throw Mismatch($"rank {index} in 'vocab[{index}]' (ranks count up from 0)", rank < 0 ? "no rank" : $"rank {rank}");
            }

            _vocabulary.Add(bytes ?? throw Mismatch($"'token_bytes' in 'vocab[{index}]'", "none"));
        }
    }

    private void ReadSpecialTokens(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
        {
            return; // files older than v7 have no list
        }

        Expect(ref reader, JsonTokenType.StartArray, "an array as 'special_tokens'");
        _controlNames.Clear();
        for (int index = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; index++)
        {
            Expect(ref reader, JsonTokenType.StartObject, $"an object as 'special_tokens[{index}]'");
            string? text = null;
            int rank = -1;
            while (NextProperty(ref reader, out string name))
            {
                switch (name)
                {
                    case "rank":
                        rank = ReadInteger(ref reader, $"special_tokens[{index}].rank", 0, int.MaxValue);
                        break;
                    case "token_str":
                        Expect(ref reader, JsonTokenType.String, $"a string as 'special_tokens[{index}].token_str'");
                        text = reader.GetString();
                        break;
                    default:
                        reader.Skip();
                        break;
                }
            }

            if (rank < 0 || text is null)
            {
                throw Mismatch($"'rank' and 'token_str' in 'special_tokens[{index}]'", rank < 0 ? "no rank" : "no token_str");
            }

            if (!_controlNames.TryAdd(rank, text))
            {
                throw Mismatch("every special token once", $"rank {rank} again in 'special_tokens[{index}]'");
            }
        }
    }

    private void ReadImages(ref Utf8JsonReader reader)
    {
        ImageConfiguration images = ImageConfiguration.Default;
        while (NextProperty(ref reader, out string name))
        {
            switch (name)
            {
                case "image_patch_size":
                    images = images with { PatchSize = ReadInteger(ref reader, name, 1, 1 << 10) };
                    break;
                case "max_image_size":
                    images = images with { MaxImageSize = ReadInteger(ref reader, name, 1, 1 << 14) };
                    break;
                case "spatial_merge_size":
                    images = images with { SpatialMergeSize = ReadInteger(ref reader, name, 1, 1 << 6) };
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        Images = images;
    }

    // The parts may come in any order, so what depends on two of them is checked here.
    private void Finish()
    {
        if (_pattern != Pattern)
        {
            throw Mismatch("Tekken's splitting pattern as 'config.pattern'", _pattern is null ? "none" : $"'{Shorten(_pattern)}'");
        }

        if (_vocabularySize < 0 || _controlCount < 0)
        {
            throw Mismatch("'config.default_vocab_size' and 'config.default_num_special_tokens'", "not both");
        }

        int used = _vocabularySize - _controlCount;
        if (used < 256 || used > _vocabulary.Count)
        {
            throw Mismatch($"default_vocab_size - default_num_special_tokens between 256 and the {_vocabulary.Count} entries of 'vocab'",
                $"{_vocabularySize} - {_controlCount} = {used}");
        }

        Ranks = _vocabulary.GetRange(0, used); // official files list more entries than the model has
        string[] names = SpecialTokens.Names(_controlCount);
        foreach ((int rank, string name) in _controlNames)
        {
            if (rank >= _controlCount)
            {
                throw Mismatch($"special tokens below rank {_controlCount}", $"'{Shorten(name)}' at rank {rank}");
            }

            names[rank] = name;
        }

        ControlNames = names;
    }

    private int ReadInteger(ref Utf8JsonReader reader, string name, int least, int most)
    {
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) && value >= least && value <= most)
        {
            return value;
        }

        throw Mismatch($"an integer from {least} to {most} as '{name}'", Found(ref reader));
    }

    // Moves to the value of the next property; false at the object's end.
    private static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.PropertyName)
        {
            name = "";
            return false;
        }

        name = reader.GetString()!;
        reader.Read();
        return true;
    }

    private void Expect(ref Utf8JsonReader reader, JsonTokenType type, string expected)
    {
        if (reader.TokenType != type)
        {
            throw Mismatch(expected, Found(ref reader));
        }
    }

    private static string Found(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number
        ? $"the number {Shorten(System.Text.Encoding.UTF8.GetString(reader.ValueSpan))}"
        : $"{reader.TokenType}";

    private static string Shorten(string text) => text.Length <= 80 ? text : text[..80] + "…";

    private TokenizerFileException Mismatch(string expected, string found) => new(_source, expected, found);
}
