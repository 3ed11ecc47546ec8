namespace Tramontane.Compute.Memory;

/// <summary>How cached keys and values are stored.</summary>
public enum KeyValueType
{
    /// <summary>IEEE single precision: exact, twice the memory of F16.</summary>
    F32,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>8-bit integers with a half-precision scale per 32 elements: about half the memory of F16.</summary>
    Q8_0,
}

/// <summary>
/// The memory of a paged KV cache: for each layer a pool of blocks, each with the keys and values of
/// <see cref="BlockTokens"/> consecutive positions of one sequence. Keys lie dimension by dimension,
/// [head][dimension][position], so that the scores of a block's positions are neighbouring lanes; values lie
/// [head][position][dimension]. The memory is reserved at once and committed by the system as blocks are first written.
/// </summary>
public sealed unsafe class KeyValueBlocks : IDisposable
{
    /// <summary>Positions in a block: two vectors of scores.</summary>
    public const int BlockTokens = 32;

    /// <summary>Elements of Q8_0 that share a scale.</summary>
    internal const int ScaleGroup = 32;

    private readonly long _headBytes; // keys or values of one head in one block
    private readonly long _blockBytes;
    private readonly long _layerBytes;
    private readonly AlignedBuffer<byte> _memory;

    /// <summary>Reserves the memory.</summary>
    /// <param name="type">How elements are stored.</param>
    /// <param name="layerCount">Layers of the model.</param>
    /// <param name="blockCount">Blocks that all sequences share.</param>
    /// <param name="keyValueHeads">Heads of keys and values.</param>
    /// <param name="headDim">Elements per head, a multiple of 32.</param>
    public KeyValueBlocks(KeyValueType type, int layerCount, int blockCount, int keyValueHeads, int headDim)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(headDim % ScaleGroup, 0, nameof(headDim));
        Type = type;
        LayerCount = layerCount;
        BlockCount = blockCount;
        KeyValueHeads = keyValueHeads;
        HeadDim = headDim;
        _headBytes = HeadBytes(type, headDim);
        _blockBytes = 2 * keyValueHeads * _headBytes;
        _layerBytes = blockCount * _blockBytes;
        _memory = new AlignedBuffer<byte>(checked(layerCount * _layerBytes));
    }

    /// <summary>How elements are stored.</summary>
    public KeyValueType Type { get; }

    /// <summary>Layers of the model.</summary>
    public int LayerCount { get; }

    /// <summary>Blocks that all sequences share.</summary>
    public int BlockCount { get; }

    /// <summary>Heads of keys and values.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Elements per head.</summary>
    public int HeadDim { get; }

    /// <summary>Bytes that a pool of this shape takes when every block is in use.</summary>
    public static long Bytes(KeyValueType type, int layerCount, int blockCount, int keyValueHeads, int headDim) =>
        layerCount * (long)blockCount * 2 * keyValueHeads * HeadBytes(type, headDim);

    /// <summary>Stores the key and value of one position: each [keyValueHeads · headDim].</summary>
    /// <param name="layer">Layer.</param>
    /// <param name="block">Block of the pool.</param>
    /// <param name="slot">Position inside the block.</param>
    /// <param name="key">The key, already turned by RoPE.</param>
    /// <param name="value">The value.</param>
    public void Store(int layer, int block, int slot, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)layer, (uint)LayerCount, nameof(layer));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)BlockCount, nameof(block));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)slot, (uint)BlockTokens, nameof(slot));
        for (int head = 0; head < KeyValueHeads; head++)
        {
            StoreHead(Keys(layer, block, head), slot, 1, BlockTokens, key.Slice(head * HeadDim, HeadDim));
            StoreHead(Values(layer, block, head), slot, HeadDim, 1, value.Slice(head * HeadDim, HeadDim));
        }
    }

    /// <summary>Bytes of one block in all layers.</summary>
    public long BlockBytes => LayerCount * _blockBytes;

    /// <summary>Copies a block's keys and values, in all layers, over those of another block.</summary>
    public void Copy(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)from, (uint)BlockCount, nameof(from));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)to, (uint)BlockCount, nameof(to));
        for (int layer = 0; layer < LayerCount; layer++)
        {
            Buffer.MemoryCopy(Keys(layer, from, 0), Keys(layer, to, 0), _blockBytes, _blockBytes);
        }
    }

    /// <summary>Copies a block's keys and values of all layers out; <see cref="BlockBytes"/> of them.</summary>
    public void Read(int block, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)BlockCount, nameof(block));
        for (int layer = 0; layer < LayerCount; layer++)
        {
            new ReadOnlySpan<byte>(Keys(layer, block, 0), (int)_blockBytes).CopyTo(destination[(int)(layer * _blockBytes)..]);
        }
    }

    /// <summary>Copies a block's keys and values of all layers in, as <see cref="Read"/> gave them.</summary>
    public void Write(int block, ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)block, (uint)BlockCount, nameof(block));
        for (int layer = 0; layer < LayerCount; layer++)
        {
            source.Slice((int)(layer * _blockBytes), (int)_blockBytes).CopyTo(new Span<byte>(Keys(layer, block, 0), (int)_blockBytes));
        }
    }

    /// <summary>Expands the keys of a head to float32, [dimension][position], and asks for those of the block that is read next.</summary>
    internal void LoadKeys(int layer, int block, int head, float* destination, int nextBlock)
    {
        byte* source = Keys(layer, block, head);
        long toNext = Keys(layer, nextBlock, head) - source;
        switch (Type)
        {
            case KeyValueType.F32: KeyValueExpansion.Singles((float*)source, BlockTokens * HeadDim, toNext, destination); break;
            case KeyValueType.F16: KeyValueExpansion.Halves((ushort*)source, BlockTokens * HeadDim, toNext, destination); break;
            default: KeyValueExpansion.KeyBytes((sbyte*)source, HeadDim, toNext, destination); break;
        }
    }

    /// <summary>Expands the first <paramref name="positions"/> values of a head to float32, [position][dimension], and asks for those of the block that is read next.</summary>
    internal void LoadValues(int layer, int block, int head, int positions, float* destination, int nextBlock)
    {
        byte* source = Values(layer, block, head);
        long toNext = Values(layer, nextBlock, head) - source;
        switch (Type)
        {
            case KeyValueType.F32: KeyValueExpansion.Singles((float*)source, positions * HeadDim, toNext, destination); break;
            case KeyValueType.F16: KeyValueExpansion.Halves((ushort*)source, positions * HeadDim, toNext, destination); break;
            default: KeyValueExpansion.ValueBytes((sbyte*)source, HeadDim, positions, toNext, destination); break;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private static long HeadBytes(KeyValueType type, int headDim) => type switch
    {
        KeyValueType.F32 => (long)BlockTokens * headDim * 4,
        KeyValueType.F16 => (long)BlockTokens * headDim * 2,
        _ => ((long)BlockTokens * headDim) + (BlockTokens * (headDim / ScaleGroup) * 2L), // elements, then their scales
    };

    private byte* Keys(int layer, int block, int head) => (byte*)_memory.Address + (layer * _layerBytes) + (block * _blockBytes) + (head * _headBytes);

    private byte* Values(int layer, int block, int head) => Keys(layer, block, head) + (KeyValueHeads * _headBytes);

    // Element d of position 'slot' lies at slot · slotStride + d · dimensionStride; its scale at [d / 32][slot].
    private void StoreHead(byte* head, int slot, int slotStride, int dimensionStride, ReadOnlySpan<float> x)
    {
        long offset = (long)slot * slotStride;
        switch (Type)
        {
            case KeyValueType.F32:
                for (int d = 0; d < x.Length; d++)
                {
                    ((float*)head)[offset + (d * dimensionStride)] = x[d];
                }

                break;
            case KeyValueType.F16:
                for (int d = 0; d < x.Length; d++)
                {
                    ((Half*)head)[offset + (d * dimensionStride)] = (Half)x[d];
                }

                break;
            default:
                Half* scales = (Half*)(head + ((long)BlockTokens * HeadDim));
                for (int group = 0; group < x.Length / ScaleGroup; group++)
                {
                    ReadOnlySpan<float> values = x.Slice(group * ScaleGroup, ScaleGroup);
                    float max = 0;
                    foreach (float v in values)
                    {
                        max = MathF.Max(max, MathF.Abs(v));
                    }

                    var scale = (Half)(max / 127);
                    float inverse = (float)scale == 0 ? 0 : 1 / (float)scale;
                    scales[(group * BlockTokens) + slot] = scale;
                    for (int d = 0; d < ScaleGroup; d++)
                    {
                        float q = Math.Clamp(MathF.Round(values[d] * inverse), -127, 127);
                        ((sbyte*)head)[offset + (((group * ScaleGroup) + d) * (long)dimensionStride)] = (sbyte)q;
                    }
                }

                break;
        }
    }
}
