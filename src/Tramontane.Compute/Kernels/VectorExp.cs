using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// e^x of sixteen float32 values: 2^n · e^r with n the nearest integer to x / ln 2 and the Taylor series of e^r up to r⁷
/// for |r| ≤ ln 2 / 2, whose rest is below 6e-9. Relative error below 3e-7; results below 1.2e-38 become that or zero-like
/// small. Every operation is the same on every width.
/// </summary>
internal static class VectorExp
{
    /// <summary>e^x for x ≤ 88; anything below −87, minus infinity included, gives 1.6e-38: nothing beside a sum of at least one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Exp(Vector512<float> x)
    {
        const float RoundingShift = 12582912; // 1.5 · 2^23: adding it leaves the nearest integer in the low bits
        x = Vector512.Max(x, Vector512.Create(-87f));
        Vector512<float> shifted = Vector512.MultiplyAddEstimate(x, Vector512.Create(1.44269504f), Vector512.Create(RoundingShift));
        Vector512<float> n = shifted - Vector512.Create(RoundingShift);

        // ln 2 in two parts, the first with zeros at its end, so that n times it is exact.
        Vector512<float> r = Vector512.MultiplyAddEstimate(n, Vector512.Create(-0.693359375f), x);
        r = Vector512.MultiplyAddEstimate(n, Vector512.Create(2.12194440e-4f), r);

        Vector512<float> y = Vector512.Create(1f / 5040);
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(1f / 720));
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(1f / 120));
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(1f / 24));
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(1f / 6));
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(0.5f));
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(1f));
        y = Vector512.MultiplyAddEstimate(y, r, Vector512.Create(1f));

        // 2^n by adding n to the exponent of y, which is between 0.7 and 1.42.
        return (y.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
    }
}
