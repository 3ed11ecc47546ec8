using System.Text;
using Tramontane.Compute.Quantization;
using Tramontane.Testing;

namespace Tramontane.Inference.Tests.Weights;

/// <summary>Writes GGUF files for tests, broken ones too: every field can be set to what no sound writer would write.</summary>
internal sealed class GgufBuilder
{
    public string Magic { get; set; } = "GGUF";

    public uint Version { get; set; } = 3;

    public uint Alignment { get; set; } = 32;

    /// <summary>Written in place of the true count.</summary>
    public ulong? KeyCount { get; set; }

    /// <summary>Written in place of the true count.</summary>
    public ulong? TensorCount { get; set; }

    /// <summary>Keys with their type codes and encoded values.</summary>
    public List<(string Key, uint Type, byte[] Value)> Keys { get; } = [];

    public List<TensorEntry> Tensors { get; } = [];

    /// <summary>A small decoder with a tokenizer: dim 32, 2 layers, 2 query heads and 1 KV head of 32, vocabulary 264.</summary>
    public static GgufBuilder Decoder(string architecture = "llama", bool tied = false)
    {
        var builder = new GgufBuilder();
        builder.Set("general.architecture", architecture).Set("general.name", "small");
        foreach ((string key, uint value) in (ReadOnlySpan<(string, uint)>)[("block_count", 2), ("context_length", 512), ("embedding_length", 32),
            ("feed_forward_length", 64), ("attention.head_count", 2), ("attention.head_count_kv", 1), ("attention.key_length", 32),
            ("attention.value_length", 32), ("rope.dimension_count", 32), ("vocab_size", 264)])
        {
            builder.Set($"{architecture}.{key}", value);
        }

        builder.Set($"{architecture}.rope.freq_base", 1e9f).Set($"{architecture}.attention.layer_norm_rms_epsilon", 1e-5f);
        builder.Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.pre", "tekken");
        builder.Set("tokenizer.ggml.tokens", [.. Enumerable.Range(0, 8).Select(i => $"<control {i}>"), .. Enumerable.Range(0, 256).Select(ByteCharacter)]);
        builder.Set("tokenizer.ggml.token_type", [.. Enumerable.Range(0, 264).Select(i => i < 8 ? 3 : 1)]);

        builder.Add("token_embd.weight", TensorType.Q8_0, 32, 264);
        builder.Add("output_norm.weight", TensorType.F32, 32);
        if (!tied)
        {
            builder.Add("output.weight", TensorType.Q4_0, 32, 264);
        }

        for (int layer = 0; layer < 2; layer++)
        {
            builder.Add($"blk.{layer}.attn_norm.weight", TensorType.F32, 32);
            builder.Add($"blk.{layer}.attn_q.weight", TensorType.Q8_0, 32, 64);
            builder.Add($"blk.{layer}.attn_k.weight", TensorType.Q4_1, 32, 32);
            builder.Add($"blk.{layer}.attn_v.weight", TensorType.Q5_0, 32, 32);
            builder.Add($"blk.{layer}.attn_output.weight", TensorType.F16, 64, 32);
            builder.Add($"blk.{layer}.ffn_norm.weight", TensorType.BF16, 32);
            builder.Add($"blk.{layer}.ffn_gate.weight", TensorType.Q5_1, 32, 64);
            builder.Add($"blk.{layer}.ffn_up.weight", TensorType.IQ4_NL, 32, 64);
            builder.Add($"blk.{layer}.ffn_down.weight", TensorType.BF16, 64, 32);
        }

        return builder;
    }

    /// <summary>A small vision encoder: dim 32, 2 layers, 2 heads of 16, feed-forward 64, output 96, patches of 14 pixels.</summary>
    public static GgufBuilder Vision(TensorType type = TensorType.F16)
    {
        var builder = new GgufBuilder();
        builder.Set("general.architecture", "clip").Set("clip.projector_type", "pixtral").Set("clip.has_vision_encoder", true).Set("clip.use_silu", true);
        foreach ((string key, uint value) in (ReadOnlySpan<(string, uint)>)[("embedding_length", 32), ("block_count", 2), ("attention.head_count", 2),
            ("feed_forward_length", 64), ("projection_dim", 96), ("patch_size", 14), ("image_size", 1540), ("spatial_merge_size", 2)])
        {
            builder.Set($"clip.vision.{key}", value);
        }

        builder.Set("clip.vision.attention.layer_norm_epsilon", 1e-5f);
        builder.Add("v.patch_embd.weight", TensorTypes.BlockElements(type) == 1 ? type : TensorType.F32, 14, 14, 3, 32);
        builder.Add("v.pre_ln.weight", TensorType.F32, 32);
        builder.Add("mm.input_norm.weight", TensorType.F32, 32);
        builder.Add("mm.patch_merger.weight", type, 128, 32);
        builder.Add("mm.1.weight", type, 32, 96);
        builder.Add("mm.2.weight", type, 96, 96);
        builder.Add("v.token_embd.img_break", TensorType.F32, 96);
        for (int layer = 0; layer < 2; layer++)
        {
            foreach (string name in (string[])["ln1", "ln2"])
            {
                builder.Add($"v.blk.{layer}.{name}.weight", TensorType.F32, 32);
            }

            foreach ((string name, long columns, long rows) in (ReadOnlySpan<(string, long, long)>)[("attn_q", 32, 32), ("attn_k", 32, 32), ("attn_v", 32, 32),
                ("attn_out", 32, 32), ("ffn_gate", 32, 64), ("ffn_up", 32, 64), ("ffn_down", 64, 32)])
            {
                builder.Add($"v.blk.{layer}.{name}.weight", type, columns, rows);
            }
        }

        return builder;
    }

    public GgufBuilder Set(string key, string value) => SetRaw(key, 8, Text(value));

    public GgufBuilder Set(string key, uint value) => SetRaw(key, 4, BitConverter.GetBytes(value));

    public GgufBuilder Set(string key, float value) => SetRaw(key, 6, BitConverter.GetBytes(value));

    public GgufBuilder Set(string key, bool value) => SetRaw(key, 7, [value ? (byte)1 : (byte)0]);

    public GgufBuilder Set(string key, string[] values) => SetRaw(key, 9, Array(8, (ulong)values.Length, [.. values.SelectMany(Text)]));

    public GgufBuilder Set(string key, int[] values) => SetRaw(key, 9, Array(5, (ulong)values.Length, [.. values.SelectMany(BitConverter.GetBytes)]));

    /// <summary>Sets a key, in place of an earlier value.</summary>
    public GgufBuilder SetRaw(string key, uint type, byte[] value)
    {
        int index = Keys.FindIndex(entry => entry.Key == key);
        if (index >= 0)
        {
            Keys[index] = (key, type, value);
        }
        else
        {
            Keys.Add((key, type, value));
        }

        return this;
    }

    public GgufBuilder Remove(string key)
    {
        Keys.RemoveAll(entry => entry.Key == key);
        return this;
    }

    /// <summary>Adds a tensor of small random finite values behind the others.</summary>
    public TensorEntry Add(string name, TensorType type, params long[] dimensions)
    {
        long elements = dimensions.Aggregate(1L, (a, b) => a * b);
        byte[] data = new Random(Tensors.Count).Bytes((int)TensorTypes.RowBytes(type, elements));
        var tensor = new TensorEntry(name) { Type = (uint)type, Dimensions = [.. dimensions.Select(d => (ulong)d)], Data = data };
        Tensors.Add(tensor);
        return tensor;
    }

    public TensorEntry Tensor(string name) => Tensors.Single(tensor => tensor.Name == name);

    /// <summary>The bytes of an array value.</summary>
    public static byte[] Array(uint elementType, ulong count, byte[] elements) =>
        [.. BitConverter.GetBytes(elementType), .. BitConverter.GetBytes(count), .. elements];

    /// <summary>The bytes of a string value.</summary>
    public static byte[] Text(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        return [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes];
    }

    /// <summary>The character that stands for a byte in GPT-2's vocabulary files.</summary>
    public static string ByteCharacter(int value)
    {
        static bool Printable(int b) => b is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
        int hidden = Enumerable.Range(0, value).Count(b => !Printable(b));
        return ((char)(Printable(value) ? value : 256 + hidden)).ToString();
    }

    public byte[] Build()
    {
        var header = new MemoryStream();
        var writer = new BinaryWriter(header);
        writer.Write(Encoding.ASCII.GetBytes(Magic));
        writer.Write(Version);
        writer.Write(TensorCount ?? (ulong)Tensors.Count);
        writer.Write(KeyCount ?? (ulong)Keys.Count);
        foreach ((string key, uint type, byte[] value) in Keys)
        {
            writer.Write(Text(key));
            writer.Write(type);
            writer.Write(value);
        }

        var data = new MemoryStream();
        foreach (TensorEntry tensor in Tensors)
        {
            writer.Write(Text(tensor.Name));
            writer.Write((uint)tensor.Dimensions.Length);
            tensor.Dimensions.ToList().ForEach(writer.Write);
            writer.Write(tensor.Type);
            writer.Write(tensor.Offset ?? (ulong)data.Length);
            data.Write(tensor.Data);
            Pad(data);
        }

        Pad(header);
        return [.. header.ToArray(), .. data.ToArray()];
    }

    private void Pad(MemoryStream stream) => stream.Write(new byte[(Alignment - (stream.Length % Alignment)) % Alignment]);

    internal sealed class TensorEntry(string name)
    {
        public string Name { get; set; } = name;

        public uint Type { get; set; }

        public ulong[] Dimensions { get; set; } = [];

        /// <summary>Written in place of the true offset.</summary>
        public ulong? Offset { get; set; }

        public byte[] Data { get; set; } = [];
    }
}
