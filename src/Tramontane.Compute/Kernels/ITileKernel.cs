namespace Tramontane.Compute.Kernels;

/// <summary>
/// The products of four rows of weights in one format with rounded activations. There are three ways to the same bits: of
/// one token and of a few straight from the stored blocks, and of groups of tokens from rows that were unpacked once for all.
/// One output element is one float accumulator. Inside a block the sums are integers, which are exact, so their order is
/// free and differs between the ways; blocks are added from first to last in each.
/// </summary>
internal unsafe interface ITileKernel
{
    /// <summary>Rows of a tile.</summary>
    const int Rows = 4;

    /// <summary>Accumulators of a tile: four rows by two groups of up to 16 tokens.</summary>
    const int Sums = Rows * 2 * 16;

    /// <summary>The form of activations that the kernel takes; it says how many columns a block has.</summary>
    static abstract ActivationForm Form { get; }

    /// <summary>Bytes of a stored block of one row.</summary>
    static abstract int StoredBytes { get; }

    /// <summary>Bytes of an unpacked block of four rows.</summary>
    static abstract int UnpackedBytes { get; }

    /// <summary>Unpacks consecutive blocks of four rows.</summary>
    /// <param name="rows">Where each row begins.</param>
    /// <param name="rowBytes">Bytes of a row; after these four rows the next four follow.</param>
    /// <param name="firstBlock">First block.</param>
    /// <param name="blockCount">How many.</param>
    /// <param name="destination">Receives <see cref="UnpackedBytes"/> for each block.</param>
    static abstract void Unpack(byte** rows, int rowBytes, int firstBlock, int blockCount, byte* destination);

    /// <summary>Adds the products of unpacked rows with one or two groups of tokens, block after block.</summary>
    /// <param name="weights">Unpacked blocks.</param>
    /// <param name="activations">The same blocks of the first group.</param>
    /// <param name="groupStride">Bytes from the first group to the second.</param>
    /// <param name="blockCount">How many blocks.</param>
    /// <param name="sums">Sixteen tokens: [row][group][token]. Four tokens: [group][token][row].</param>
    static abstract void AddProducts<TGroup, TWidth>(byte* weights, byte* activations, long groupStride, int blockCount, float* sums)
        where TGroup : struct, ITokenGroup
        where TWidth : struct, ITileWidth;

    /// <summary>The products of four stored rows with one token.</summary>
    /// <param name="rows">Where each row begins.</param>
    /// <param name="rowBytes">Bytes of a row; after these four rows the next four follow.</param>
    /// <param name="activations">The token's blocks.</param>
    /// <param name="blockCount">Blocks of a row.</param>
    /// <param name="y">Receives four results.</param>
    static abstract void Multiply(byte** rows, int rowBytes, byte* activations, int blockCount, float* y);

    /// <summary>The products of four stored rows with up to <see cref="FewSums.MostTokens"/> tokens, each a group of its own.</summary>
    /// <param name="rows">Where each row begins.</param>
    /// <param name="rowBytes">Bytes of a row; after these four rows the next four follow.</param>
    /// <param name="activations">The first token's blocks.</param>
    /// <param name="tokenStride">Bytes from one token to the next.</param>
    /// <param name="tokenCount">How many tokens.</param>
    /// <param name="blockCount">Blocks of a row.</param>
    /// <param name="sums">Receives [token][row].</param>
    /// <param name="scratch"><see cref="FewSums.Bytes"/>, on a cache line.</param>
    static abstract void MultiplyFew(
        byte** rows, int rowBytes, byte* activations, long tokenStride, int tokenCount, int blockCount, float* sums, byte* scratch);
}
