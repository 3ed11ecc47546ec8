using System.Runtime.Intrinsics;
using Tramontane.Compute.Quantization;

namespace Tramontane.Compute.Kernels;

/// <summary>
/// Walks a kernel's tiles over a range of rows. For groups of tokens, columns are taken in pieces: a piece of the rows is
/// unpacked once, then meets every group while it is in the second-level cache and a group's piece in the first-level one.
/// Sums wait in memory between pieces; floats stored and loaded stay what they are, so pieces do not change a bit.
/// </summary>
internal static unsafe class TileLoop<TKernel>
    where TKernel : struct, ITileKernel
{
    // Columns of a piece: two groups of 16 tokens, one byte each, fill half of a first-level cache of 32 KiB.
    private const int PieceColumns = 512;

    /// <summary>Rows that are unpacked together where there are many tokens; a work item should hold a multiple.</summary>
    public const int RowsPerPass = 64;

    /// <summary>Bytes of scratch that a worker needs for <paramref name="maxTokens"/> tokens.</summary>
    public static long ScratchBytes(int maxTokens) => Math.Max(UnpackedPieceBytes + (MostTiles(maxTokens) * ITileKernel.Sums * sizeof(float)), FewSums.Bytes);

    private static int PieceBlocks => PieceColumns / ActivationLayout.ColumnsOf(TKernel.Form);

    private static long UnpackedPieceBytes => (long)RowsPerPass / ITileKernel.Rows * PieceBlocks * TKernel.UnpackedBytes;

    /// <summary>y[token, row] for the rows of a range and all tokens of <paramref name="x"/>.</summary>
    /// <param name="weights">[rows, columns] in the kernel's format.</param>
    /// <param name="firstRow">First row.</param>
    /// <param name="endRow">Row after the last.</param>
    /// <param name="x">Activations in the kernel's form.</param>
    /// <param name="y">Output of the first token, row 0.</param>
    /// <param name="stride">Elements of <paramref name="y"/> from one token to the next.</param>
    /// <param name="scratch">What <see cref="ScratchBytes"/> says, on a cache line.</param>
    public static void Multiply(WeightMatrix weights, int firstRow, int endRow, QuantizedActivations x, float* y, long stride, byte* scratch)
    {
        switch (x.GroupTokens)
        {
            case 1 when x.TokenCount > 1:
                MultiplyFew(weights, firstRow, endRow, x, y, stride, scratch);
                break;
            case 1:
                MultiplyOne(weights, firstRow, endRow, x, y);
                break;
            case 4:
                MultiplyGroups<FourTokens>(weights, firstRow, endRow, x, y, stride, scratch);
                break;
            default:
                MultiplyGroups<SixteenTokens>(weights, firstRow, endRow, x, y, stride, scratch);
                break;
        }
    }

    // Groups of sixteen; those of four are used for one tile only.
    private static long MostTiles(int maxTokens) => RowsPerPass / ITileKernel.Rows * (((long)maxTokens + 31) / 32);

    private static void MultiplyOne(WeightMatrix weights, int firstRow, int endRow, QuantizedActivations x, float* y)
    {
        int blocks = weights.Columns / x.Layout.Columns;
        byte** rows = stackalloc byte*[ITileKernel.Rows];
        float* results = stackalloc float[ITileKernel.Rows];
        for (int row = firstRow; row < endRow; row += ITileKernel.Rows)
        {
            SetRows(weights, row, endRow, rows);
            TKernel.Multiply(rows, weights.RowBytes, x.Group(0), blocks, results);
            new ReadOnlySpan<float>(results, Math.Min(ITileKernel.Rows, endRow - row)).CopyTo(new Span<float>(y + row, ITileKernel.Rows));
        }
    }

    private static void MultiplyFew(WeightMatrix weights, int firstRow, int endRow, QuantizedActivations x, float* y, long stride, byte* scratch)
    {
        int blocks = weights.Columns / x.Layout.Columns;
        byte** rows = stackalloc byte*[ITileKernel.Rows];
        float* sums = stackalloc float[FewSums.MostTokens * ITileKernel.Rows];
        for (int row = firstRow; row < endRow; row += ITileKernel.Rows)
        {
            SetRows(weights, row, endRow, rows);
            TKernel.MultiplyFew(rows, weights.RowBytes, x.Group(0), x.GroupStride, x.TokenCount, blocks, sums, scratch);
            Write<FourTokens>(sums, Math.Min(ITileKernel.Rows, endRow - row), x.TokenCount, y + row, stride);
        }
    }

    private static void MultiplyGroups<TGroup>(
        WeightMatrix weights, int firstRow, int endRow, QuantizedActivations x, float* y, long stride, byte* scratch)
        where TGroup : struct, ITokenGroup
    {
        byte* unpacked = scratch;
        float* sums = (float*)(scratch + UnpackedPieceBytes);
        int blocks = weights.Columns / x.Layout.Columns, tiles = (x.GroupCount + 1) / 2;

        // Few tokens: each row is used at once, while it is in the first-level cache.
        int rowsPerPass = tiles == 1 ? ITileKernel.Rows : RowsPerPass;
        for (int row = firstRow; row < endRow; row += rowsPerPass)
        {
            int quads = (Math.Min(rowsPerPass, endRow - row) + ITileKernel.Rows - 1) / ITileKernel.Rows;
            new Span<float>(sums, quads * tiles * ITileKernel.Sums).Clear();
            for (int block = 0; block < blocks; block += PieceBlocks)
            {
                int count = Math.Min(PieceBlocks, blocks - block);
                UnpackPiece(weights, row, endRow, quads, block, count, unpacked);
                for (int tile = 0; tile < tiles; tile++)
                {
                    AddPiece<TGroup>(x, tile, block, count, unpacked, quads, sums + ((long)tile * quads * ITileKernel.Sums));
                }
            }

            for (int tile = 0; tile < tiles; tile++)
            {
                for (int quad = 0; quad < quads; quad++)
                {
                    int first = row + (quad * ITileKernel.Rows), token = tile * 2 * TGroup.Tokens;
                    int rows = Math.Min(ITileKernel.Rows, endRow - first), tokens = Math.Min(2 * TGroup.Tokens, x.TokenCount - token);
                    Write<TGroup>(sums + ((((long)tile * quads) + quad) * ITileKernel.Sums), rows, tokens, y + (token * stride) + first, stride);
                }
            }
        }
    }

    private static void UnpackPiece(WeightMatrix weights, int firstRow, int endRow, int quads, int block, int count, byte* unpacked)
    {
        byte** rows = stackalloc byte*[ITileKernel.Rows];
        for (int quad = 0; quad < quads; quad++)
        {
            SetRows(weights, firstRow + (quad * ITileKernel.Rows), endRow, rows);
            TKernel.Unpack(rows, weights.RowBytes, block, count, unpacked + ((long)quad * count * TKernel.UnpackedBytes));
        }
    }

    private static void AddPiece<TGroup>(QuantizedActivations x, int tile, int block, int count, byte* unpacked, int quads, float* sums)
        where TGroup : struct, ITokenGroup
    {
        bool two = (2 * tile) + 1 < x.GroupCount;
        byte* activations = x.Group(2 * tile) + ((long)block * x.Layout.Stride);
        long groupStride = x.GroupStride;
        for (int quad = 0; quad < quads; quad++, sums += ITileKernel.Sums, unpacked += count * TKernel.UnpackedBytes)
        {
            if (two)
            {
                TKernel.AddProducts<TGroup, TwoGroups>(unpacked, activations, groupStride, count, sums);
            }
            else
            {
                TKernel.AddProducts<TGroup, OneGroup>(unpacked, activations, 0, count, sums);
            }
        }
    }

    // Beyond the end the last row stands in; what it gives is not written.
    private static void SetRows(WeightMatrix weights, int row, int endRow, byte** rows)
    {
        for (int i = 0; i < ITileKernel.Rows; i++)
        {
            rows[i] = weights.RowPointer(Math.Min(row + i, endRow - 1));
        }
    }

    private static void Write<TGroup>(float* sums, int rows, int tokens, float* y, long stride)
        where TGroup : struct, ITokenGroup
    {
        for (int token = 0; token < tokens; token++, y += stride)
        {
            // Sixteen tokens: [row][group][token]. Four: [group][token][row].
            float* first = TGroup.Tokens == 16 ? sums + token : sums + (token * ITileKernel.Rows);
            int rowStride = TGroup.Tokens == 16 ? 32 : 1;
            if (rows == ITileKernel.Rows)
            {
                Vector128.Create(first[0], first[rowStride], first[2 * rowStride], first[3 * rowStride]).Store(y);
            }
            else
            {
                for (int row = 0; row < rows; row++)
                {
                    y[row] = first[row * rowStride];
                }
            }
        }
    }
}
