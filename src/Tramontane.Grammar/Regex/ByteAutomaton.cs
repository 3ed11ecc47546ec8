namespace Tramontane.Grammar.Regex;

/// <summary>
/// A deterministic automaton that stands as one node inside an expression, for languages that are clumsy as expressions:
/// large sets of literals, comparisons of numbers, divisibility.
/// Every state must be live: from which an accepting state can be reached.
/// </summary>
internal abstract class ByteAutomaton
{
    /// <summary>What <see cref="Next"/> answers when no accepted text goes on with the byte.</summary>
    public const int Dead = -1;

    /// <summary>The state before the first byte, or <see cref="Dead"/> when nothing is accepted.</summary>
    public abstract int Start { get; }

    /// <summary>The state after one more byte, or <see cref="Dead"/>.</summary>
    public abstract int Next(int state, byte value);

    /// <summary>Whether the bytes read so far are a whole text of the language.</summary>
    public abstract bool Accepts(int state);

    /// <summary>
    /// The byte values at which <see cref="Next"/> may differ from the value before: between two of them all bytes lead to the same state.
    /// </summary>
    public abstract ByteSet Edges(int state);

    /// <summary>Roughly how many states there are.</summary>
    public abstract long StateEstimate { get; }

    /// <summary>
    /// The automaton of what both match, in place of a product of their states; null when there is none that is better.
    /// </summary>
    /// <exception cref="GrammarException">It would be too large.</exception>
    public virtual ByteAutomaton? Intersect(ByteAutomaton other) => null;

    /// <summary>Bytes that this automaton holds, for the memory limit.</summary>
    public abstract long MemoryBytes { get; }
}
