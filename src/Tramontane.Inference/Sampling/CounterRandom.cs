namespace Tramontane.Inference.Sampling;

/// <summary>
/// Random numbers without state: Philox-4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3" (SC 2011). A draw depends on its seed and position alone, so it does not matter what else is drawn in
/// between, in which batch, or whether a sequence was preempted and computed again.
/// </summary>
internal static class CounterRandom
{
    private const int Rounds = 10;

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    /// <param name="seed">The key: chooses one of 2^64 streams.</param>
    /// <param name="position">The counter: a place in the stream.</param>
    public static double Uniform(ulong seed, long position)
    {
        (uint a, uint b, _, _) = Philox(((uint)position, (uint)((ulong)position >> 32), 0, 0), ((uint)seed, (uint)(seed >> 32)));
        return (((ulong)b << 32 | a) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>The block function: four random words for each counter and key.</summary>
    internal static (uint X0, uint X1, uint X2, uint X3) Philox((uint X0, uint X1, uint X2, uint X3) counter, (uint K0, uint K1) key)
    {
        for (int round = 0; round < Rounds; round++)
        {
            ulong first = 0xD2511F53UL * counter.X0, second = 0xCD9E8D57UL * counter.X2;
            counter = ((uint)(second >> 32) ^ counter.X1 ^ key.K0, (uint)second, (uint)(first >> 32) ^ counter.X3 ^ key.K1, (uint)first);
            key = unchecked((key.K0 + 0x9E3779B9, key.K1 + 0xBB67AE85));
        }

        return counter;
    }
}
