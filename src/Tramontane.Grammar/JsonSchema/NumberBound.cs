using Tramontane.Grammar.Regex;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>
/// Numbers without exponent on one side of a bound. It reads the sign, then compares the magnitude digit by digit: the longer
/// integer part is the larger, at equal length the first difference decides. That the text is a number is for another expression to say.
/// </summary>
internal sealed class NumberBound : ByteAutomaton
{
    // Each byte from '-' to the one after '9' for itself.
    private static readonly ByteSet s_edges = ByteSet.Range((byte)'-', (byte)':');
    private const int Phases = 3; // before any byte, integer part, fraction
    private readonly bool _isUpper;
    private readonly bool _isExclusive;
    private readonly bool _isNegative;
    private readonly string _integer;
    private readonly string _fraction;
    private readonly int _positions;
    private readonly bool[] _live;

    public NumberBound(ExactDecimal bound, bool isUpper, bool isExclusive)
    {
        _isUpper = isUpper;
        _isExclusive = isExclusive;
        _isNegative = bound.IsNegative;
        _integer = bound.IntegerText;
        _fraction = bound.FractionText;
        _positions = Math.Max(_integer.Length + 2, _fraction.Length + 1);
        _live = FindLive();
    }

    public override int Start => _live[0] ? 0 : Dead;

    public override long MemoryBytes => _live.Length + 64;

    public override long StateEstimate => _positions;

    public override int Next(int state, byte value)
    {
        int next = Step(state, value);
        return next >= 0 && _live[next] ? next : Dead;
    }

    public override bool Accepts(int state)
    {
        (bool negative, int phase, int position, int order) = Unpack(state);
        return phase != 0 && position > 0 && IsOnSide(Order(negative, Magnitude(phase, position, order)));
    }

    public override ByteSet Edges(int state) => s_edges;

    private int Step(int state, byte value)
    {
        (bool negative, int phase, int position, int order) = Unpack(state);
        switch (phase)
        {
            case 0 when value == '-' && !negative:
                return Pack(true, 0, 0, 0);
            case 0 or 1 when value is >= (byte)'0' and <= (byte)'9':
                if (order == 0 && position < _integer.Length)
                {
                    order = Math.Sign(value - _integer[position]);
                }

                return Pack(negative, 1, Math.Min(position + 1, _integer.Length + 1), order);
            case 1 when value == '.':
                order = position < _integer.Length ? -1 : position > _integer.Length ? 1 : order;
                return Pack(negative, 2, 0, order);
            case 2 when value is >= (byte)'0' and <= (byte)'9':
                if (order == 0)
                {
                    order = Math.Sign(value - (position < _fraction.Length ? _fraction[position] : '0'));
                }

                return Pack(negative, 2, Math.Clamp(position + 1, 1, Math.Max(1, _fraction.Length)), order);
            default:
                return Dead;
        }
    }

    // The order of |text| and |bound|.
    private int Magnitude(int phase, int position, int order)
    {
        if (phase == 1)
        {
            order = position < _integer.Length ? -1 : position > _integer.Length ? 1 : order;
            return order != 0 ? order : _fraction.Length > 0 ? -1 : 0;
        }

        return order != 0 ? order : position < _fraction.Length ? -1 : 0;
    }

    private int Order(bool negative, int magnitude)
    {
        bool boundIsZero = _integer == "0" && _fraction.Length == 0;
        if (boundIsZero && magnitude == 0)
        {
            return 0;
        }

        return negative == _isNegative ? (negative ? -magnitude : magnitude) : negative ? -1 : 1;
    }

    private bool IsOnSide(int order) => order == 0 ? !_isExclusive : order < 0 == _isUpper;

    private int Pack(bool negative, int phase, int position, int order) =>
        (((((negative ? 1 : 0) * Phases) + phase) * _positions) + position) * 3 + (order + 3) % 3;

    private (bool Negative, int Phase, int Position, int Order) Unpack(int state)
    {
        int order = state % 3, rest = state / 3;
        int position = rest % _positions;
        rest /= _positions;
        return (rest / Phases == 1, rest % Phases, position, order == 2 ? -1 : order);
    }

    private bool[] FindLive()
    {
        // A state is live when it accepts or leads to a live one; a few passes settle it, for each step only goes forward.
        var live = new bool[2 * Phases * _positions * 3];
        ReadOnlySpan<byte> bytes = "-.0123456789"u8;
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int state = live.Length - 1; state >= 0; state--)
            {
                bool now = live[state] || Accepts(state);
                foreach (byte value in bytes)
                {
                    int next = now ? Dead : Step(state, value);
                    now |= next >= 0 && live[next];
                }

                changed |= now != live[state];
                live[state] = now;
            }
        }

        return live;
    }
}
