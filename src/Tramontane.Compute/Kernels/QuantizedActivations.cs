using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Memory;
using Tramontane.Compute.Threading;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// The inputs of a linear layer, rounded to 8-bit integers once for all its rows, in the form that the weights ask for
/// (<see cref="ActivationForm"/>). Tokens stand in groups of 1, 4 or 16, see <see cref="ActivationLayout"/>: rounding a
/// token gives the same integers and the same scale in every layout. Layout in memory: [group][block of columns].
/// </summary>
public sealed unsafe class QuantizedActivations : IDisposable
{
    private const int MaxGroupTokens = 16;

    private readonly int _maxTokens;
    private readonly int _maxColumns;
    private readonly QuantizeJob _job;
    private readonly AlignedBuffer<byte> _memory;

    private float* _source;
    private long _sourceStride;
    private ActivationForm _form;

    /// <summary>Allocates room for <paramref name="maxTokens"/> inputs of up to <paramref name="maxColumns"/> elements.</summary>
    public QuantizedActivations(int maxTokens, int maxColumns)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxColumns);
        _maxTokens = maxTokens;
        _maxColumns = maxColumns;
        _memory = new AlignedBuffer<byte>(Bytes(maxTokens, maxColumns));
        _job = new QuantizeJob(this);
    }

    /// <summary>Bytes that an instance of this size takes.</summary>
    public static long Bytes(int maxTokens, int maxColumns)
    {
        long most = 0;
        foreach (ActivationForm form in (ReadOnlySpan<ActivationForm>)[ActivationForm.SuperBlocks, ActivationForm.Bytes, ActivationForm.Words])
        {
            foreach (int groupTokens in (ReadOnlySpan<int>)[1, 4, MaxGroupTokens])
            {
                int tokens = Math.Min(maxTokens, MostTokens(form, groupTokens));
                var layout = new ActivationLayout(form, groupTokens);
                long groups = (tokens + groupTokens - 1) / groupTokens, blocks = ((long)maxColumns + layout.Columns - 1) / layout.Columns;
                most = Math.Max(most, groups * blocks * layout.Stride);
            }
        }

        return most;
    }

    /// <summary>Tokens of the current input.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Elements of each.</summary>
    public int Columns { get; private set; }

    /// <summary>Tokens of a group in the form last required: 1, 4 or 16. The last group is filled up with zeros.</summary>
    internal int GroupTokens { get; private set; }

    /// <summary>Number of groups.</summary>
    internal int GroupCount => (TokenCount + GroupTokens - 1) / GroupTokens;

    /// <summary>The unrounded inputs, [token, column].</summary>
    internal float* Source => _source;

    /// <summary>Elements from one token of <see cref="Source"/> to the next.</summary>
    internal long SourceStride => _sourceStride;

    /// <summary>Layout of the form last required.</summary>
    internal ActivationLayout Layout => new(_form, GroupTokens);

    /// <summary>Bytes from one group to the next.</summary>
    internal long GroupStride => (long)(Columns / Layout.Columns) * Layout.Stride;

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
        _form = ActivationForm.None;
    }

    /// <summary>Rounds the inputs in one form, unless that is what they are in. The form before it is lost.</summary>
    internal void Require(ActivationForm form, ThreadTeam team)
    {
        if (_form != form)
        {
            _form = form;
            GroupTokens = TokenCount <= MostTokens(form, 1) ? 1 : TokenCount <= MostTokens(form, 4) ? 4 : MaxGroupTokens;
            team.Run(_job, GroupCount);
        }
    }

    /// <summary>The blocks of one group.</summary>
    internal byte* Group(int group) => (byte*)_memory.Address + (group * GroupStride);

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    // Up to this many tokens are put into groups of this size: a wider group would stay half empty. Super-blocks are quickest by
    // FewTokens until eleven fill a group of sixteen well enough; blocks of 32 by fours, which need vectors of 512 bits, or alone.
    private static int MostTokens(ActivationForm form, int groupTokens) => groupTokens switch
    {
        1 => form == ActivationForm.SuperBlocks ? FewSums.MostTokens : Vector512.IsHardwareAccelerated ? 2 : 5,
        4 => form == ActivationForm.SuperBlocks || !Vector512.IsHardwareAccelerated ? 0 : 8,
        _ => int.MaxValue,
    };

    private void Quantize(int group)
    {
        ActivationLayout layout = Layout;
        byte* block = Group(group);
        for (int column = 0; column < Columns; column += layout.Columns, block += layout.Stride)
        {
            for (int lane = 0; lane < GroupTokens; lane++)
            {
                int token = (group * GroupTokens) + lane;
                float* source = token < TokenCount ? _source + (token * _sourceStride) + column : null;
                if (_form == ActivationForm.SuperBlocks)
                {
                    QuantizeSuperBlock(source, layout, lane, block);
                }
                else
                {
                    QuantizeBlock32(source, layout, lane, block);
                }
            }
        }
    }

    private void QuantizeSuperBlock(float* source, ActivationLayout layout, int lane, byte* block)
    {
        sbyte* values = stackalloc sbyte[256];
        short* laneSums = stackalloc short[32];
        short* sums16 = stackalloc short[16];
        short* sums32 = stackalloc short[8];
        float scale = source is null ? 0 : MaxMagnitude(source, 256) / 127;
        if (scale == 0)
        {
            new Span<sbyte>(values, 256).Clear();
        }
        else
        {
            float inverse = 1 / scale;
            for (int i = 0; i < 256; i += 16)
            {
                Narrow(Round(Vector512.Load(source + i), inverse)).Store(values + i);
            }
        }

        for (int i = 0; i < 256; i += 64)
        {
            SumLanes(Vector512.Load(values + i), laneSums + (i / 8));
        }

        for (int i = 0; i < 16; i++)
        {
            sums16[i] = (short)(laneSums[2 * i] + laneSums[(2 * i) + 1]);
        }

        for (int i = 0; i < 8; i++)
        {
            sums32[i] = (short)(sums16[2 * i] + sums16[(2 * i) + 1]);
        }

        if (GroupTokens == MaxGroupTokens)
        {
            Interleave((byte*)laneSums, 64, lane, block + layout.LaneSums);
        }

        if (GroupTokens == 1)
        {
            for (int i = 0; i < 16; i++)
            {
                Vector128.Load(values + (i * 16)).Store((sbyte*)block + layout.Quartered + (i % 4 * 64) + (i / 4 * 16));
            }
        }

        Interleave((byte*)values, 256, lane, block);
        Interleave((byte*)sums32, 16, lane, block + layout.Sums32);
        Interleave((byte*)sums16, 32, lane, block + layout.Sums16);
        FillLanes((int*)(block + layout.Scales), layout, lane, BitConverter.SingleToInt32Bits(scale));
    }

    private void QuantizeBlock32(float* source, ActivationLayout layout, int lane, byte* block)
    {
        Vector512<int> low = default, high = default;
        float scale = 0;
        if (source is not null)
        {
            scale = MaxMagnitude(source, 32) / 127;
            float inverse = scale == 0 ? 0 : 1 / scale;
            (low, high) = (Round(Vector512.Load(source), inverse), Round(Vector512.Load(source + 16), inverse));
        }

        byte* values = stackalloc byte[64];
        if (_form == ActivationForm.Words)
        {
            Vector512.Narrow(low, high).Store((short*)values);
            Interleave(values, 64, lane, block);
        }
        else
        {
            Narrow(low).Store((sbyte*)values);
            Narrow(high).Store((sbyte*)values + 16);
            Interleave(values, 32, lane, block);
        }

        FillLanes((int*)(block + layout.Sums), layout, lane, Vector512.Sum(low + high));
        FillLanes((int*)(block + layout.Scales), layout, lane, BitConverter.SingleToInt32Bits(scale));
    }

    // For each 16 of 64 values, the sums of every other pair of neighbours: of pairs 0, 2, 4, 6 and of 1, 3, 5, 7.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumLanes(Vector512<sbyte> values, short* sums)
    {
        Vector512<short> pairs = Lanes.MultiplyAddPairs(Vector512.Create((byte)1), values);
        pairs += Vector512.Shuffle(pairs.AsInt32(), Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13)).AsInt16();
        Vector512<int> both = (pairs + Vector512.Shuffle(pairs.AsInt32(), Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14)).AsInt16()).AsInt32();
        Vector128.Create(both[0], both[4], both[8], both[12]).Store((int*)sums);
    }

    // Deals a token's bytes out into its place in each vector of the group.
    private void Interleave(byte* source, int count, int lane, byte* destination)
    {
        switch (GroupTokens)
        {
            case 1:
                Buffer.MemoryCopy(source, destination, count, count);
                break;
            case 4:
                for (int i = 0; i < count / 16; i++)
                {
                    Vector128.Load(source + (i * 16)).Store(destination + (i * 64) + (lane * 16));
                }

                break;
            default:
                for (int i = 0; i < count / 4; i++)
                {
                    ((int*)destination)[(i * 16) + lane] = ((int*)source)[i];
                }

                break;
        }
    }

    private void FillLanes(int* destination, ActivationLayout layout, int lane, int value)
    {
        int perToken = layout.Lanes / GroupTokens;
        new Span<int>(destination + (lane * perToken), perToken).Fill(value);
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
        public void Execute(int item, int worker) => owner.Quantize(item);
    }
}
