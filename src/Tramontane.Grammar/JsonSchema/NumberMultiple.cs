using System.Numerics;
using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>
/// Numbers without exponent that are a multiple of a decimal divisor = modulus / 10^scale. It keeps the remainder of the digits read so
/// far, taken as one integer; a fraction may have more digits than the scale only if they are zeros.
/// </summary>
internal sealed class NumberMultiple : ByteAutomaton
{
    // Each byte from '-' to the one after '9' for itself.
    private static readonly ByteSet s_edges = ByteSet.Range((byte)'-', (byte)':');
    private readonly BigInteger _modulus;
    private readonly int _scale;
    private readonly BigInteger[] _powers;
    private readonly List<(BigInteger Remainder, int Fraction)> _states = [(0, BeforeSign)];
    private readonly Dictionary<(BigInteger Remainder, int Fraction), int> _stateOf = [];

    private const int BeforeSign = -3; // as the fraction's length: nothing read
    private const int AfterSign = -2;
    private const int Integer = -1;

    private readonly int _largest;

    /// <param name="divisor">Above 0.</param>
    /// <param name="largest">The divisor may be so large, without its decimal point.</param>
    /// <exception cref="GrammarException">It is larger.</exception>
    public NumberMultiple(ExactDecimal divisor, int largest)
    {
        if (divisor.Digits > largest)
        {
            throw new GrammarException($"A divisor of more than {largest} (without its decimal point) is not supported; those of several 'multipleOf' count by their least common multiple.");
        }

        _largest = largest;
        _modulus = BigInteger.Abs(divisor.Digits);
        _scale = divisor.Scale;
        _powers = [.. Enumerable.Range(0, _scale + 1).Select(n => BigInteger.Pow(10, n))];
        _stateOf.Add(_states[0], 0);
    }

    public override int Start => 0;

    public override long MemoryBytes => 256;

    public override long StateEstimate => _modulus < int.MaxValue ? (long)_modulus : int.MaxValue;

    public override int Next(int state, byte value)
    {
        (BigInteger remainder, int fraction) = _states[state];
        bool digit = value is >= (byte)'0' and <= (byte)'9';
        if (value == '-' && fraction == BeforeSign)
        {
            return StateOf(0, AfterSign);
        }

        if (value == '.' && fraction == Integer)
        {
            return IsLive(remainder, 0) ? StateOf(remainder, 0) : Dead;
        }

        if (!digit)
        {
            return Dead;
        }

        if (fraction == _scale && fraction >= 0)
        {
            return value == '0' ? state : Dead;
        }

        remainder = ((remainder * 10) + (value - '0')) % _modulus;
        fraction = fraction < 0 ? Integer : fraction + 1;
        return fraction < 0 || IsLive(remainder, fraction) ? StateOf(remainder, fraction) : Dead;
    }

    public override bool Accepts(int state)
    {
        (BigInteger remainder, int fraction) = _states[state];
        return fraction >= Integer && remainder * _powers[_scale - Math.Max(0, fraction)] % _modulus == 0;
    }

    /// <summary>Multiples of two divisors are those of their least common multiple.</summary>
    public override ByteAutomaton? Intersect(ByteAutomaton other)
    {
        if (other is not NumberMultiple multiple)
        {
            return null;
        }

        int scale = Math.Max(_scale, multiple._scale);
        BigInteger own = _modulus * BigInteger.Pow(10, scale - _scale), others = multiple._modulus * BigInteger.Pow(10, scale - multiple._scale);
        return new NumberMultiple(ExactDecimal.Of(own / BigInteger.GreatestCommonDivisor(own, others) * others, scale), Math.Min(_largest, multiple._largest));
    }

    public override ByteSet Edges(int state) => s_edges;

    // Whether digits for the places that are left can make the remainder zero.
    private bool IsLive(BigInteger remainder, int fraction)
    {
        BigInteger places = _powers[_scale - fraction];
        BigInteger missing = (_modulus - (remainder * places % _modulus)) % _modulus;
        return missing < places;
    }

    private int StateOf(BigInteger remainder, int fraction)
    {
        var key = (remainder, fraction);
        if (!_stateOf.TryGetValue(key, out int state))
        {
            state = _states.Count;
            _states.Add(key);
            _stateOf.Add(key, state);
        }

        return state;
    }
}
