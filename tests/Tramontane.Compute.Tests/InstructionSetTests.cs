using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Tramontane.Compute.Tests;

/// <summary>
/// The whole assembly is run again with instruction sets switched off; these tests make sure that the switch worked.
/// </summary>
public sealed class InstructionSetTests
{
    [Fact]
    public void Avx512_SwitchedOff_IsNotSupported() =>
        Assert.False(IsOff("DOTNET_EnableAVX512") && (Avx512F.IsSupported || Vector512.IsHardwareAccelerated));

    [Fact]
    public void Avx2_SwitchedOff_IsNotSupported() =>
        Assert.False(IsOff("DOTNET_EnableAVX2") && (Avx2.IsSupported || Fma.IsSupported));

    [Fact]
    public void HardwareIntrinsics_SwitchedOff_AreNotSupported() =>
        Assert.False(IsOff("DOTNET_EnableHWIntrinsic") && (Avx.IsSupported || Ssse3.IsSupported));

    private static bool IsOff(string variable) => Environment.GetEnvironmentVariable(variable) == "0";
}
