using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tramontane.Compute.Memory;

namespace Tramontane.Inference.KvCache;

/// <summary>
/// Names a block by its content and everything before it: the first 128 bits of SHA-256 over the key of the block before and
/// the contents of its own positions. The chain begins at a salt, so what one tenant computed is never found by another.
/// </summary>
internal readonly record struct BlockKey(UInt128 Value)
{
    private const int KeyBytes = 16;

    /// <summary>Where the chain of a tenant begins.</summary>
    public static BlockKey Root(string? tenant, string? salt) =>
        // Lengths first: two different pairs never give the same bytes.
        FromHash(SHA256.HashData(Encoding.UTF8.GetBytes($"{tenant?.Length ?? -1} {salt?.Length ?? -1} {tenant}{salt}")));

    /// <summary>The key of a full block behind this one.</summary>
    /// <param name="contents">What stands at its positions; <see cref="KeyValueBlocks.BlockTokens"/> of them.</param>
    public BlockKey Next(ReadOnlySpan<ulong> contents)
    {
        Span<byte> bytes = stackalloc byte[KeyBytes + (KeyValueBlocks.BlockTokens * sizeof(ulong))];
        BinaryPrimitives.WriteUInt128LittleEndian(bytes, Value);
        MemoryMarshal.AsBytes(contents).CopyTo(bytes[KeyBytes..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..(KeyBytes + (contents.Length * sizeof(ulong)))], hash);
        return FromHash(hash);
    }

    private static BlockKey FromHash(ReadOnlySpan<byte> hash) => new(BinaryPrimitives.ReadUInt128LittleEndian(hash));
}

/// <summary>A sequence as the cache sees it: something stands at each position.</summary>
internal interface IPositions
{
    /// <summary>
    /// Copies the contents from a position on. Equal contents after equal contents have equal keys and values: the token id,
    /// or for a row of an image a number made from the image's content and the row.
    /// </summary>
    void CopyContents(int first, Span<ulong> destination);
}
