using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Integer sums of one block of four rows with a few tokens, in scratch on a cache line: eight partial sums of products for each
/// token and row, eight of minimums, and of these the sums.
/// </summary>
internal readonly unsafe struct FewSums(byte* scratch)
{
    /// <summary>Tokens that are few. More are faster in groups of sixteen.</summary>
    public const int MostTokens = 10;

    /// <summary>Bytes of scratch.</summary>
    public const int Bytes = MinimumAt + (MostTokens * 16);

    private const int RowMinimumsAt = MostTokens * ITileKernel.Rows * 32, MinimumAt = RowMinimumsAt + (MostTokens * ITileKernel.Rows * 32);

    /// <summary>Eight partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* RowProducts(int token, int row) => (int*)(scratch + (((token * ITileKernel.Rows) + row) * 32));

    /// <summary>Eight partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* RowMinimums(int token, int row) => (int*)(scratch + RowMinimumsAt + (((token * ITileKernel.Rows) + row) * 32));

    /// <summary>The sums of a token's minimums, one for each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int* Minimum(int token) => (int*)(scratch + MinimumAt + (token * 16));

    /// <summary>The sums of a token's products; a lane is a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> Products(int token)
    {
        int* p = RowProducts(token, 0);
        return Reduction.SumEach(Vector256.Load(p), Vector256.Load(p + 8), Vector256.Load(p + 16), Vector256.Load(p + 24));
    }

    /// <summary>Makes <see cref="Minimum"/> of the partial sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void SumMinimums(int token)
    {
        int* p = RowMinimums(token, 0);
        Reduction.SumEach(Vector256.Load(p), Vector256.Load(p + 8), Vector256.Load(p + 16), Vector256.Load(p + 24)).Store(Minimum(token));
    }
}
