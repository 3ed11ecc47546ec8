using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Tramontane.Compute.Kernels;
using Tramontane.Testing;

namespace Tramontane.Compute.Tests.Kernels;

public sealed class LanesTests
{
    [Fact]
    public void MultiplyAddPairs_Bytes_EqualsTheDefinition()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            byte[] u = [.. random.Bytes(64).Select(b => (byte)(b & 127))]; // 127 · 127 · 2 fits 16 bits
            sbyte[] s = [.. random.Bytes(64).Select(b => (sbyte)Math.Max((int)(sbyte)b, -127))];
            Vector512<short> sums = Lanes.MultiplyAddPairs(Vector512.Create<byte>(u), Vector512.Create<sbyte>(s));
            for (int i = 0; i < 32; i++)
            {
                Assert.True((u[2 * i] * s[2 * i]) + (u[(2 * i) + 1] * s[(2 * i) + 1]) == sums[i], $"seed {seed}, lane {i}");
            }

            Assert.Equal(Lanes.MultiplyAddPairsPortable(Vector512.Create<byte>(u), Vector512.Create<sbyte>(s)), sums);
        }
    }

    [Fact]
    public void MultiplyAddPairs_Words_EqualsTheDefinition()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            short[] a = MemoryMarshal.Cast<byte, short>(random.Bytes(64)).ToArray(), b = MemoryMarshal.Cast<byte, short>(random.Bytes(64)).ToArray();
            Vector512<int> sums = Lanes.MultiplyAddPairs(Vector512.Create<short>(a), Vector512.Create<short>(b));
            for (int i = 0; i < 16; i++)
            {
                Assert.True((a[2 * i] * b[2 * i]) + (a[(2 * i) + 1] * b[(2 * i) + 1]) == sums[i], $"seed {seed}, lane {i}");
            }

            Assert.Equal(Lanes.MultiplyAddPairsPortable(Vector512.Create<short>(a), Vector512.Create<short>(b)), sums);
        }
    }

    [Fact]
    public void HalfToSingle_EveryFiniteHalf_IsExact()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            var half = BitConverter.UInt16BitsToHalf((ushort)bits);
            if (Half.IsFinite(half))
            {
                Assert.Equal(BitConverter.SingleToUInt32Bits((float)half), BitConverter.SingleToUInt32Bits(Lanes.HalfToSingle((ushort)bits)));
                Assert.Equal((float)half, Lanes.HalfToSingle(Vector256.Create((ushort)bits))[7]);
            }
        }
    }

    [Fact]
    public unsafe void ShiftHalves_AnyCounts_ShiftsEachHalf()
    {
        byte[] bytes = new Random(1).Bytes(32);
        ulong[] words = MemoryMarshal.Cast<byte, ulong>(bytes).ToArray();
        for (int shift = 0; shift < 8; shift++)
        {
            Vector512<ulong> result;
            fixed (byte* source = bytes)
            {
                result = Lanes.ShiftHalves(source, shift, 7 - shift).AsUInt64();
            }

            for (int i = 0; i < 4; i++)
            {
                Assert.Equal(words[i] >> shift, result[i]);
                Assert.Equal(words[i] >> (7 - shift), result[4 + i]);
            }
        }
    }

    [Fact]
    public void RepeatFour_EveryQuarter_RepeatsEightTimes()
    {
        Vector256<short> values = Vector256.Create((short)0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        foreach (short first in (short[])[0, 4, 8, 12])
        {
            Vector512<short> repeated = Lanes.RepeatFour(values, first);
            for (int i = 0; i < 32; i++)
            {
                Assert.Equal(first + (i / 8), repeated[i]);
            }
        }
    }
}
