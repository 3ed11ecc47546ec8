namespace Tramontane.Grammar.Matching;

internal sealed partial class Machine
{
    private readonly List<Situation> _situations = [];
    private readonly Dictionary<SituationKey, int> _situationOf = [];
    private readonly List<KeyState> _keyStates = [];
    private readonly Dictionary<KeyState, int> _keyStateOf = [];
    private readonly Dictionary<int, ArrayCounts> _arrayCounts = [];
    private long _situationBytes;

    private long ObjectMemoryBytes => _situationBytes + (_keyStates.Count * 64L);

    private void ResetObjects()
    {
        _situations.Clear();
        _situationOf.Clear();
        _keyStates.Clear();
        _keyStates.Add(default); // lexeme -1 … count from 1
        _keyStateOf.Clear();
        _arrayCounts.Clear();
        _situationBytes = 0;
    }

    private ArrayCounts CountsOf(int array)
    {
        if (!_arrayCounts.TryGetValue(array, out ArrayCounts? counts))
        {
            counts = new ArrayCounts(_program.Arrays[array]);
            _arrayCounts.Add(array, counts);
        }

        return counts;
    }

    private void ResumeObject(StateBuilder builder, int obj, int situation, int next, bool afterComma)
    {
        ObjectNode node = _program.Objects[obj];
        Situation now = _situations[situation];
        if (!afterComma && now.CanClose)
        {
            CloseWith(builder, _program.Punctuation.CloseObject, next);
        }

        if (!now.AllowsAny && !now.AllowsOthers)
        {
            return;
        }

        if (!afterComma && !now.IsEmpty)
        {
            builder.StartLexeme(_program.Punctuation.Comma, Frame(FrameKind.NextKey, obj, situation, 0, next));
            return;
        }

        if (now.AllowsAny)
        {
            builder.StartKeys(KeyLexeme(new KeyState(obj, 0, node.Keys.Length, 0)), Frame(FrameKind.ObjectKey, obj, situation, 0, next));
        }

        for (int i = 0; i < node.Others.Length && now.AllowsOthers; i++)
        {
            builder.StartLexeme(node.Others[i].Lexeme, Frame(FrameKind.OtherKey, obj, situation, i, next));
        }
    }

    private void ResumeKey(StateBuilder builder, int frame, int property)
    {
        ReadOnlySpan<int> f = _frames[frame];
        (int obj, int situation, int next) = (f[1], f[2], f[4]);
        int after = AfterProperty(obj, situation, property);
        builder.StartLexeme(_program.Punctuation.Colon, Frame(FrameKind.Colon, obj, after, _program.Objects[obj].Values[property], next));
    }

    // A key being read is a range of the sorted keys that begin with the bytes so far. Lexemes below 0 name them.
    private int StepKey(int lexeme, byte value)
    {
        KeyState state = _keyStates[~lexeme];
        byte[][] keys = _program.Objects[state.Object].Keys;
        int first = LowerBound(keys, state.First, state.End, state.Length, value);
        int end = first < state.End && keys[first].Length > state.Length && keys[first][state.Length] == value
            ? LowerBound(keys, first, state.End, state.Length, value + 1) : first;
        return first == end ? 0 : KeyLexeme(new KeyState(state.Object, first, end, state.Length + 1));
    }

    private bool AllowsKey(int frame, int key)
    {
        KeyState state = _keyStates[~key];
        ReadOnlySpan<int> f = _frames[frame];
        ulong[] allowed = _situations[f[2]].Allowed;
        byte[][] keys = _program.Objects[state.Object].Keys;
        for (int i = state.First; i < state.End; i++)
        {
            if (((allowed[i >> 6] >> (i & 63)) & 1) != 0 && keys[i].Length > state.Length)
            {
                return true;
            }
        }

        return false;
    }

    // Quotes end a key, so that of a range only the first can be whole.
    private bool EndsKey(int frame, int key, out int property)
    {
        KeyState state = _keyStates[~key];
        property = state.First;
        return _program.Objects[state.Object].Keys[property].Length == state.Length
            && ((_situations[_frames[frame][2]].Allowed[property >> 6] >> (property & 63)) & 1) != 0;
    }

    private static int LowerBound(byte[][] keys, int first, int end, int position, int value)
    {
        while (first < end)
        {
            int middle = (first + end) >> 1;
            byte[] key = keys[middle];
            if ((key.Length > position ? key[position] : -1) < value)
            {
                first = middle + 1;
            }
            else
            {
                end = middle;
            }
        }

        return first;
    }

    private int KeyLexeme(KeyState state)
    {
        if (!_keyStateOf.TryGetValue(state, out int id))
        {
            id = _keyStates.Count;
            _keyStates.Add(state);
            _keyStateOf.Add(state, id);
        }

        return ~id;
    }

    private int StartSituation(int obj)
    {
        ObjectNode node = _program.Objects[obj];
        ulong[] remaining = new ulong[(node.Keys.Length + 63) / 64];
        for (int i = 0; i < node.Keys.Length; i++)
        {
            remaining[i >> 6] |= 1UL << (i & 63);
        }

        return SituationOf(obj, remaining, 0);
    }

    private int AfterOther(int obj, int situation)
    {
        Situation before = _situations[situation];
        ulong[] remaining = before.Remaining;
        if (_program.Objects[obj].IsOrdered)
        {
            remaining = new ulong[remaining.Length]; // other keys come last
        }

        return SituationOf(obj, remaining, before.Count + 1);
    }

    private int AfterProperty(int obj, int situation, int property)
    {
        ObjectNode node = _program.Objects[obj];
        Situation before = _situations[situation];
        ulong[] remaining = (ulong[])before.Remaining.Clone();
        for (int i = 0; i < node.Keys.Length; i++)
        {
            if (i == property || (node.IsOrdered && node.Rank[i] < node.Rank[property]))
            {
                remaining[i >> 6] &= ~(1UL << (i & 63));
            }
        }

        return SituationOf(obj, remaining, before.Count + 1);
    }

    private int SituationOf(int obj, ulong[] remaining, int count)
    {
        ObjectNode node = _program.Objects[obj];
        bool bounded = node.Minimum > 0 || node.Maximum < int.MaxValue;
        count = node.Maximum < int.MaxValue ? count : Math.Min(count, Math.Max(1, bounded ? node.Minimum : 0));
        var key = new SituationKey(obj, remaining, count);
        if (!_situationOf.TryGetValue(key, out int id))
        {
            id = _situations.Count;
            _situations.Add(new Situation(node, remaining, count));
            _situationOf.Add(key, id);
            _situationBytes += 160 + (remaining.Length * 16);
        }

        return id;
    }

    private readonly record struct KeyState(int Object, int First, int End, int Length);

    private readonly struct SituationKey(int obj, ulong[] remaining, int count) : IEquatable<SituationKey>
    {
        private readonly int _object = obj;
        private readonly ulong[] _remaining = remaining;
        private readonly int _count = count;

        public bool Equals(SituationKey other) => _object == other._object && _count == other._count && _remaining.AsSpan().SequenceEqual(other._remaining);

        public override bool Equals(object? obj) => obj is SituationKey other && Equals(other);

        public override int GetHashCode()
        {
            var hash = default(HashCode);
            hash.Add(_object);
            hash.Add(_count);
            foreach (ulong word in _remaining)
            {
                hash.Add(word);
            }

            return hash.ToHashCode();
        }
    }

    /// <summary>How far an object has come: which declared keys are left, how many pairs there are, and what follows from that.</summary>
    private sealed class Situation
    {
        public Situation(ObjectNode node, ulong[] remaining, int count)
        {
            Remaining = remaining;
            Count = count;
            Allowed = new ulong[remaining.Length];
            int left = 0, required = 0, firstRequired = int.MaxValue;
            for (int i = 0; i < node.Keys.Length; i++)
            {
                if (Has(remaining, i))
                {
                    left++;
                    required += node.Required[i] ? 1 : 0;
                    firstRequired = node.Required[i] ? Math.Min(firstRequired, node.Rank[i]) : firstRequired;
                }
            }

            int room = node.Maximum - count;
            bool hasOthers = node.Others.Length > 0;
            for (int i = 0; i < node.Keys.Length; i++)
            {
                bool isRequired = node.Required[i];
                bool inOrder = !node.IsOrdered || node.Rank[i] <= firstRequired;
                bool fits = isRequired ? room > 0 : room > required;
                if (Has(remaining, i) && inOrder && fits && (hasOthers || node.Minimum <= count + 1 + LeftAfter(node, remaining, i, left)))
                {
                    Allowed[i >> 6] |= 1UL << (i & 63);
                    AllowsAny = true;
                }
            }

            AllowsOthers = hasOthers && room > required && (!node.IsOrdered || required == 0);
            CanClose = required == 0 && count >= node.Minimum;
        }

        public ulong[] Remaining { get; }

        public int Count { get; }

        /// <summary>Declared keys that may come next.</summary>
        public ulong[] Allowed { get; }

        public bool AllowsAny { get; }

        public bool AllowsOthers { get; }

        public bool CanClose { get; }

        public bool IsEmpty => Count == 0;

        private static bool Has(ulong[] bits, int index) => ((bits[index >> 6] >> (index & 63)) & 1) != 0;

        private static int LeftAfter(ObjectNode node, ulong[] remaining, int property, int left)
        {
            if (!node.IsOrdered)
            {
                return left - 1;
            }

            int after = 0;
            for (int i = 0; i < node.Keys.Length; i++)
            {
                after += Has(remaining, i) && node.Rank[i] > node.Rank[property] ? 1 : 0;
            }

            return after;
        }
    }
}
