using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// The inputs of a linear layer, rounded to 8-bit integers once for all its rows. There are two forms, one scale for
/// each 256 elements (K-quants) or for each 32 (the other block formats); a layer's matrices may need both.
/// Tokens stand in tiles of 1, 2, 4 or 8, interleaved block by block, so that a kernel walks one stream of memory.
/// </summary>
public sealed unsafe class QuantizedActivations : IDisposable
{
    /// <summary>The widest tile: its accumulators and one unpacked super-block fill the 32 vector registers.</summary>
    internal const int MaxTileTokens = 8;

    private readonly int _maxTokens;
    private readonly int _maxColumns;
    private readonly QuantizeJob _job;

    // Form 256: [tile][block][token in tile][256 values | 16 sums of 16 values | scale]
    private readonly AlignedBuffer<sbyte> _values256;
    private readonly AlignedBuffer<short> _sums256;
    private readonly AlignedBuffer<float> _scales256;

    // Form 32: [tile][block][token in tile][32 values, widened | scale | scale · sum of values]
    private readonly AlignedBuffer<short> _values32;
    private readonly AlignedBuffer<float> _scales32;
    private readonly AlignedBuffer<float> _offsets32;

    private float* _source;
    private long _sourceStride;
    private bool _has256;
    private bool _has32;

    /// <summary>Allocates room for <paramref name="maxTokens"/> inputs of up to <paramref name="maxColumns"/> elements.</summary>
    public QuantizedActivations(int maxTokens, int maxColumns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxColumns);
        _maxTokens = (maxTokens + MaxTileTokens - 1) / MaxTileTokens * MaxTileTokens;
        _maxColumns = (maxColumns + 255) / 256 * 256;
        long elements = (long)_maxTokens * _maxColumns;
        _values256 = new AlignedBuffer<sbyte>(elements);
        _sums256 = new AlignedBuffer<short>(elements / 16);
        _scales256 = new AlignedBuffer<float>(elements / 256);
        _values32 = new AlignedBuffer<short>(elements);
        _scales32 = new AlignedBuffer<float>(elements / 32);
        _offsets32 = new AlignedBuffer<float>(elements / 32);
        _job = new QuantizeJob(this);
    }

    /// <summary>Bytes that an instance of this size takes.</summary>
    public static long Bytes(int maxTokens, int maxColumns)
    {
        long elements = ((long)maxTokens + MaxTileTokens - 1) / MaxTileTokens * MaxTileTokens * (((long)maxColumns + 255) / 256 * 256);
        return (elements * 3) + (elements / 16 * 2) + (elements / 256 * 4) + (elements / 32 * 8);
    }

    /// <summary>Tokens of the current input.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Elements of each.</summary>
    public int Columns { get; private set; }

    /// <summary>Tokens that stand side by side in a tile: 1, 2, 4 or 8.</summary>
    internal int TileTokens { get; private set; }

    /// <summary>Number of tiles; the last may hold tokens of value 0 beyond the last real one.</summary>
    internal int TileCount => (TokenCount + TileTokens - 1) / TileTokens;

    /// <summary>The unrounded inputs, [token, column].</summary>
    internal float* Source => _source;

    /// <summary>Elements from one token of <see cref="Source"/> to the next.</summary>
    internal long SourceStride => _sourceStride;

    /// <summary>
    /// Takes new inputs, [tokens, columns] with <paramref name="stride"/> elements from one token to the next. They are
    /// rounded when a kernel first needs them; the memory must stay as it is until the last product.
    /// </summary>
    internal void Set(float* source, long stride, int tokenCount, int columns)
    {
        Debug.Assert(tokenCount > 0 && tokenCount <= _maxTokens && columns <= _maxColumns);
        _source = source;
        _sourceStride = stride;
        TokenCount = tokenCount;
        Columns = columns;
        TileTokens = tokenCount > 4 ? 8 : tokenCount > 2 ? 4 : tokenCount;
        _has256 = _has32 = false;
    }

    /// <summary>Rounds the inputs with one scale for each 256 elements, unless that is done already.</summary>
    internal void Require256(ThreadTeam team)
    {
        if (!_has256)
        {
            _job.Form256 = true;
            team.Run(_job, TileCount);
            _has256 = true;
        }
    }

    /// <summary>Rounds the inputs with one scale for each 32 elements, unless that is done already.</summary>
    internal void Require32(ThreadTeam team)
    {
        if (!_has32)
        {
            _job.Form256 = false;
            team.Run(_job, TileCount);
            _has32 = true;
        }
    }

    /// <summary>Values of a tile: per block, per token in the tile, 256 bytes.</summary>
    internal sbyte* Values256(int tile) => (sbyte*)_values256.Address + ((long)tile * Columns * TileTokens);

    /// <summary>Sums of 16 neighbouring values: per block, per token in the tile, 16 integers.</summary>
    internal short* Sums256(int tile) => (short*)_sums256.Address + ((long)tile * (Columns / 16) * TileTokens);

    /// <summary>Scales: per block, per token in the tile, one.</summary>
    internal float* Scales256(int tile) => (float*)_scales256.Address + ((long)tile * (Columns / 256) * TileTokens);

    /// <summary>Values of a tile: per block, per token in the tile, 32 integers.</summary>
    internal short* Values32(int tile) => (short*)_values32.Address + ((long)tile * Columns * TileTokens);

    /// <summary>Scales: per block, per token in the tile, one.</summary>
    internal float* Scales32(int tile) => (float*)_scales32.Address + ((long)tile * (Columns / 32) * TileTokens);

    /// <summary>Scale times the sum of the block's values: what a weight's minimum is multiplied by.</summary>
    internal float* Offsets32(int tile) => (float*)_offsets32.Address + ((long)tile * (Columns / 32) * TileTokens);

    /// <inheritdoc/>
    public void Dispose()
    {
        _values256.Dispose();
        _sums256.Dispose();
        _scales256.Dispose();
        _values32.Dispose();
        _scales32.Dispose();
        _offsets32.Dispose();
    }

    private void Quantize256(int tile)
    {
        int blocks = Columns / 256;
        sbyte* values = Values256(tile);
        short* sums = Sums256(tile);
        float* scales = Scales256(tile);
        for (int lane = 0; lane < TileTokens; lane++)
        {
            int token = (tile * TileTokens) + lane;
            for (int block = 0; block < blocks; block++)
            {
                int slot = (block * TileTokens) + lane;
                if (token >= TokenCount)
                {
                    new Span<sbyte>(values + (slot * 256L), 256).Clear();
                    new Span<short>(sums + (slot * 16L), 16).Clear();
                    scales[slot] = 0;
                    continue;
                }

                float* x = _source + (token * _sourceStride) + (block * 256L);
                float scale = MaxMagnitude(x, 256) / 127;
                float inverse = scale == 0 ? 0 : 1 / scale;
                scales[slot] = scale;
                for (int i = 0; i < 256; i += 16)
                {
                    Vector512<int> rounded = Round(Vector512.Load(x + i), inverse);
                    Narrow(rounded).Store(values + (slot * 256L) + i);
                    sums[(slot * 16L) + (i / 16)] = (short)Vector512.Sum(rounded);
                }
            }
        }
    }

    private void Quantize32(int tile)
    {
        int blocks = Columns / 32;
        short* values = Values32(tile);
        float* scales = Scales32(tile), offsets = Offsets32(tile);
        for (int lane = 0; lane < TileTokens; lane++)
        {
            int token = (tile * TileTokens) + lane;
            for (int block = 0; block < blocks; block++)
            {
                int slot = (block * TileTokens) + lane;
                if (token >= TokenCount)
                {
                    new Span<short>(values + (slot * 32L), 32).Clear();
                    scales[slot] = offsets[slot] = 0;
                    continue;
                }

                float* x = _source + (token * _sourceStride) + (block * 32L);
                float scale = MaxMagnitude(x, 32) / 127;
                float inverse = scale == 0 ? 0 : 1 / scale;
                Vector512<int> low = Round(Vector512.Load(x), inverse), high = Round(Vector512.Load(x + 16), inverse);
                Vector512.Narrow(low, high).Store(values + (slot * 32L));
                scales[slot] = scale;
                offsets[slot] = scale * Vector512.Sum(low + high);
            }
        }
    }

    private static float MaxMagnitude(float* x, int count)
    {
        Vector512<float> max = Vector512<float>.Zero;
        for (int i = 0; i < count; i += 16)
        {
            max = Vector512.Max(max, Vector512.Abs(Vector512.Load(x + i)));
        }

        Vector256<float> half = Vector256.Max(max.GetLower(), max.GetUpper());
        Vector128<float> quarter = Vector128.Max(half.GetLower(), half.GetUpper());
        return MathF.Max(MathF.Max(quarter[0], quarter[1]), MathF.Max(quarter[2], quarter[3]));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Round(Vector512<float> x, float inverse) =>
        Vector512.ConvertToInt32(Vector512.Round(x * Vector512.Create(inverse)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> Narrow(Vector512<int> values)
    {
        Vector256<short> words = Vector256.Narrow(values.GetLower(), values.GetUpper());
        return Vector128.Narrow(words.GetLower(), words.GetUpper());
    }

    private sealed class QuantizeJob(QuantizedActivations owner) : ITeamJob
    {
        public bool Form256 { get; set; }

        public void Execute(int item, int worker)
        {
            if (Form256)
            {
                owner.Quantize256(item);
            }
            else
            {
                owner.Quantize32(item);
            }
        }
    }
}
