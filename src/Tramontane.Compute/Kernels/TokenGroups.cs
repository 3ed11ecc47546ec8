using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// How many tokens share a vector of activations, as a type, so that the compiler makes a version for each. A vector
/// holds <c>64 / Tokens</c> consecutive bytes of every token of the group; a weight's bytes meet it broadcast, so the
/// products of different tokens stand in different lanes.
/// </summary>
internal unsafe interface ITokenGroup
{
    /// <summary>1, 4 or 16.</summary>
    static abstract int Tokens { get; }

    /// <summary><c>64 / Tokens</c> bytes, repeated to fill a vector.</summary>
    static abstract Vector512<byte> Broadcast(byte* bytes);
}

/// <summary>One token: 64 consecutive elements in a vector.</summary>
internal readonly unsafe struct OneToken : ITokenGroup
{
    public static int Tokens => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(byte* bytes) => Vector512.Load(bytes);
}

/// <summary>Four tokens, 16 bytes of each: a product leaves four partial sums per token.</summary>
internal readonly unsafe struct FourTokens : ITokenGroup
{
    public static int Tokens => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(byte* bytes)
    {
        if (Avx512F.IsSupported)
        {
            return Avx512F.BroadcastVector128ToVector512((int*)bytes).AsByte();
        }

        Vector256<byte> half = Vector256.Create(Vector128.Load(bytes));
        return Vector512.Create(half, half);
    }
}

/// <summary>Sixteen tokens, 4 bytes of each: a lane of 32 bits is a token, and nothing is left to add across lanes.</summary>
internal readonly unsafe struct SixteenTokens : ITokenGroup
{
    public static int Tokens => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<byte> Broadcast(byte* bytes) => Vector512.Create(*(int*)bytes).AsByte();
}

/// <summary>How many groups of tokens a tile covers, as a type. A second group shares the broadcasts of weights.</summary>
internal interface ITileWidth
{
    /// <summary>Whether there is a second group.</summary>
    static abstract bool Two { get; }
}

internal readonly struct OneGroup : ITileWidth
{
    public static bool Two => false;
}

internal readonly struct TwoGroups : ITileWidth
{
    public static bool Two => true;
}
