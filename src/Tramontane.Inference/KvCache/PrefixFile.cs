using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Tramontane.Compute.Memory;

namespace Tramontane.Inference.KvCache;

/// <summary>
/// Keeps the cached blocks over a restart. Layout, little-endian: magic; SHA-256 over the rest of the head; fingerprint of the
/// model and its arithmetic (SHA-256); bytes per block; number of blocks; then for each block its parent's key, number of
/// positions, contents, and SHA-256 of keys and values; behind the head the keys and values of the blocks. The least recently
/// used block comes first. What is damaged or belongs to another model is left out: then prompts are computed again.
/// </summary>
/// <param name="path">The file. It holds what users wrote, as token ids: only its owner may read it.</param>
/// <param name="fingerprint">What decides the bytes of keys and values beside the tokens.</param>
/// <param name="maxBytes">Most bytes of keys and values to keep.</param>
internal sealed class PrefixFile(string path, string fingerprint, long maxBytes)
{
    private const int HashBytes = SHA256.HashSizeInBytes;
    private const int FixedBytes = HashBytes + sizeof(long) + sizeof(int); // fingerprint, block size, count
    private const int EntryBytes = 16 + sizeof(int) + (KeyValueBlocks.BlockTokens * sizeof(ulong)) + HashBytes;

    private static readonly byte[] s_magic = "TRMPRFX1"u8.ToArray();

    /// <summary>Writes the cache's idle blocks, the most recently used if not all; replaces the file at once or not at all.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Save(PrefixCache cache, KeyValueBlocks blocks)
    {
        int[] chosen = [.. cache.IdleNewestFirst().Take((int)Math.Min(maxBytes / blocks.BlockBytes, int.MaxValue)).Reverse()];
        var head = new byte[FixedBytes + (chosen.Length * EntryBytes)];
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, PreallocationSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Position = s_magic.Length + HashBytes + head.Length;
                var data = new byte[blocks.BlockBytes];
                for (int i = 0; i < chosen.Length; i++)
                {
                    blocks.Read(chosen[i], data);
                    file.Write(data);
                    WriteEntry(head.AsSpan(FixedBytes + (i * EntryBytes), EntryBytes), cache.Describe(chosen[i]), data);
                }

                SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint), head);
                BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(HashBytes), blocks.BlockBytes);
                BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(HashBytes + sizeof(long)), chosen.Length);
                file.Position = 0;
                file.Write(s_magic);
                file.Write(SHA256.HashData(head));
                file.Write(head);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary); // where it was not moved
        }
    }

    /// <summary>Puts the file's blocks into an empty cache.</summary>
    /// <returns>Tokens that were restored, and why not all or none were; no problem when there is no file.</returns>
    public (int TokenCount, string? Problem) Restore(PrefixCache cache, KeyValueBlocks blocks)
    {
        if (!File.Exists(path))
        {
            return (0, null);
        }

        try
        {
            using FileStream file = File.OpenRead(path);
            return ReadHead(file, blocks.BlockBytes, out byte[] head) is { } problem ? (0, problem) : ReadBlocks(file, head, cache, blocks);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return (0, exception.Message);
        }
    }

    private string? ReadHead(FileStream file, long blockBytes, out byte[] head)
    {
        head = [];
        Span<byte> start = stackalloc byte[s_magic.Length + HashBytes + FixedBytes];
        if (file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) < start.Length || !start.StartsWith(s_magic))
        {
            return "it is no file of cached prompts";
        }

        Span<byte> fixedPart = start[(s_magic.Length + HashBytes)..];
        int count = BinaryPrimitives.ReadInt32LittleEndian(fixedPart[(HashBytes + sizeof(long))..]);
        if (!fixedPart[..HashBytes].SequenceEqual(SHA256.HashData(Encoding.UTF8.GetBytes(fingerprint)))
            || BinaryPrimitives.ReadInt64LittleEndian(fixedPart[HashBytes..]) != blockBytes)
        {
            return "it belongs to another model, version or configuration";
        }

        if (count is < 0 or > int.MaxValue / EntryBytes - 1 || file.Length != start.Length + (count * (EntryBytes + blockBytes)))
        {
            return "it is damaged";
        }

        head = new byte[FixedBytes + (count * EntryBytes)];
        fixedPart.CopyTo(head);
        file.ReadExactly(head.AsSpan(FixedBytes));
        return SHA256.HashData(head).AsSpan().SequenceEqual(start.Slice(s_magic.Length, HashBytes)) ? null : "it is damaged";
    }

    private static (int TokenCount, string? Problem) ReadBlocks(FileStream file, byte[] head, PrefixCache cache, KeyValueBlocks blocks)
    {
        int tokens = 0, damaged = 0;
        var data = new byte[blocks.BlockBytes];
        Span<byte> hash = stackalloc byte[HashBytes];
        int skipped = Math.Max(0, ((head.Length - FixedBytes) / EntryBytes) - cache.FreeCount); // the most recently used come last
        file.Position += skipped * blocks.BlockBytes;
        for (int at = FixedBytes + (skipped * EntryBytes); at < head.Length; at += EntryBytes)
        {
            ReadOnlySpan<byte> entry = head.AsSpan(at, EntryBytes);
            file.ReadExactly(data);
            SHA256.HashData(data, hash);
            if (!hash.SequenceEqual(entry[^HashBytes..]) || ReadEntry(entry) is not { } block)
            {
                damaged++;
            }
            else if (cache.Restore(block) is { } index)
            {
                blocks.Write(index, data);
                tokens += block.Contents.Length;
            }
        }

        return (tokens, damaged == 0 ? null : $"{damaged} of its blocks are damaged");
    }

    private static void WriteEntry(Span<byte> entry, CachedBlock block, ReadOnlySpan<byte> data)
    {
        BinaryPrimitives.WriteUInt128LittleEndian(entry, block.Parent.Value);
        BinaryPrimitives.WriteInt32LittleEndian(entry[16..], block.Contents.Length);
        MemoryMarshal.AsBytes(block.Contents.AsSpan()).CopyTo(entry[20..]);
        SHA256.HashData(data, entry[^HashBytes..]);
    }

    private static CachedBlock? ReadEntry(ReadOnlySpan<byte> entry)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(entry[16..]);
        return count is < 1 or > KeyValueBlocks.BlockTokens ? null : new CachedBlock(
            new BlockKey(BinaryPrimitives.ReadUInt128LittleEndian(entry)), MemoryMarshal.Cast<byte, ulong>(entry[20..^HashBytes])[..count].ToArray());
    }
}
