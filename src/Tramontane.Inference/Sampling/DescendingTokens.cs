using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tramontane.Inference.Sampling;

/// <summary>
/// A vocabulary in descending order of its logits, lowest id first on ties, of which a beginning is kept and one token
/// picked, without sorting it: tokens are dealt into buckets of falling logits, masses and counts are known by bucket,
/// and only a bucket that a cut or the pick falls into is sorted. At first only the likeliest tokens are dealt; the
/// others when they turn out to matter. Masses are relative to the most likely token's.
/// </summary>
internal sealed class DescendingTokens
{
    // Enough that a bucket of a usual distribution holds some hundreds of 131,072 tokens.
    private const int BucketCount = 4096;

    // In units of the temperature: usually some thousands of tokens lie this near to the best, with nearly all of the mass.
    private const double HeadDepth = 12;

    // exp(−104) is 0 in float32: what lies deeper cannot be drawn.
    private const double LargestDepth = 104;

    private readonly float[] _logits; // [vocabulary], the caller's
    private readonly float[] _masses; // [vocabulary]: exp((logit − largest) / temperature)
    private readonly ushort[] _bucketOf; // [vocabulary]; BucketCount for tokens that are not dealt
    private readonly double[] _bucketMasses = new double[BucketCount];
    private readonly int[] _bucketSizes = new int[BucketCount];
    private readonly ulong[] _keys; // [vocabulary]: the open bucket, sorted; inverted logit above, id below
    private int _openBucket;

    private double _largest;
    private double _temperature;
    private double _bucketsPerLogit;
    private double _dealtRange; // logits this far below the largest are in buckets
    private double _dealtMass;
    private int _dealtCount;
    private bool _isComplete; // everything that is kept is in buckets

    // What is kept: all buckets before the last, of the last its first tokens.
    private int _lastBucket;
    private int _lastCount;
    private double _lastMass;
    private double _mass; // of all that is kept

    /// <summary>Allocates scratch.</summary>
    /// <param name="logits">[vocabulary]: where <see cref="Fill"/> finds the logits; they must not change until the pick.</param>
    public DescendingTokens(float[] logits)
    {
        _logits = logits;
        _masses = new float[logits.Length];
        _bucketOf = new ushort[logits.Length];
        _keys = new ulong[logits.Length];
    }

    /// <summary>Takes the distribution of the logits as they are now; all of it is kept. −∞ and NaN are impossible.</summary>
    /// <param name="largest">The largest logit, finite.</param>
    /// <param name="temperature">Positive and finite.</param>
    public void Fill(float largest, float temperature)
    {
        (_largest, _temperature) = (largest, temperature);
        TensorPrimitives.Subtract(_logits, largest, _masses);
        TensorPrimitives.Divide(_masses, temperature, _masses);
        TensorPrimitives.Exp(_masses, _masses);
        _mass = LogitScan.SumOfNumbers(_masses);
        Deal(HeadDepth * temperature);
    }

    /// <summary>Keeps at most so many tokens.</summary>
    public void KeepCount(int count)
    {
        DealAllUnless(_dealtCount >= count);
        double massBefore = 0;
        for (int bucket = 0; bucket <= _lastBucket; bucket++)
        {
            if (CountOf(bucket) >= count)
            {
                Cut(bucket, count, massBefore);
                return;
            }

            count -= CountOf(bucket);
            massBefore += MassOf(bucket);
        }
    }

    /// <summary>Keeps the fewest tokens that have this part of the mass: the token that reaches it is the last.</summary>
    /// <param name="part">Above 0.</param>
    public void KeepMass(double part)
    {
        double target = part * _mass, massBefore = 0;
        DealAllUnless(_dealtMass >= target);
        for (int bucket = 0; bucket <= _lastBucket; bucket++)
        {
            if (massBefore + MassOf(bucket) >= target)
            {
                ReadOnlySpan<ulong> keys = Open(bucket);
                double mass = massBefore;
                int count = 0;
                while (count < keys.Length && mass < target)
                {
                    mass += _masses[TokenOf(keys[count++])];
                }

                Cut(bucket, count, massBefore);
                return;
            }

            massBefore += MassOf(bucket);
        }
    }

    /// <summary>Keeps the tokens that are at least this fraction as likely as the most likely one.</summary>
    /// <param name="ratio">Above 0, at most 1.</param>
    public void KeepRatio(double ratio)
    {
        // The same on logits, where the order of the buckets is exact: logit ≥ largest + temperature · ln(ratio).
        double deepest = -Math.Log(ratio) * _temperature;
        DealAllUnless(_dealtRange > deepest);
        double depth = deepest * _bucketsPerLogit;
        if (depth >= _lastBucket + 1)
        {
            return;
        }

        int bucket = (int)depth, count = 0;
        double massBefore = 0;
        for (int before = 0; before < bucket; before++)
        {
            massBefore += MassOf(before);
        }

        foreach (ulong key in Open(bucket))
        {
            count += _largest - _logits[TokenOf(key)] <= deepest ? 1 : 0;
        }

        Cut(bucket, count, massBefore);
    }

    /// <summary>The kept token at which the mass summed up in order first exceeds this part of the whole.</summary>
    /// <param name="part">At least 0, below 1.</param>
    public int Pick(double part)
    {
        double target = part * _mass, mass = 0;
        DealAllUnless(_dealtMass > target);
        int lastBucketWithMass = 0; // the first holds the most likely token
        for (int bucket = 0; bucket <= _lastBucket; bucket++)
        {
            if (mass + MassOf(bucket) > target)
            {
                return PickIn(bucket, target - mass);
            }

            mass += MassOf(bucket);
            lastBucketWithMass = MassOf(bucket) > 0 ? bucket : lastBucketWithMass;
        }

        return PickIn(lastBucketWithMass, double.PositiveInfinity); // the sums above were rounded to just below the whole
    }

    private void DealAllUnless(bool enough)
    {
        if (!enough && !_isComplete)
        {
            // In double, as the difference of two floats may overflow.
            Deal(Math.Min(_largest - LogitScan.MinFinite(_logits), LargestDepth * _temperature));
            _isComplete = true;
        }
    }

    // Puts tokens that lie at most 'range' below the largest into buckets, and keeps all of them.
    private void Deal(double range)
    {
        (_isComplete, _dealtRange, _dealtCount, _dealtMass, _openBucket) = (false, range, 0, 0, -1);
        _bucketsPerLogit = range > 0 ? (BucketCount - 1) / range : 0;
        Array.Clear(_bucketMasses);
        Array.Clear(_bucketSizes);
        Array.Fill(_bucketOf, (ushort)BucketCount);
        var lowest = (float)Math.Max(_largest - range, float.MinValue);
        ReadOnlySpan<Vector512<float>> vectors = MemoryMarshal.Cast<float, Vector512<float>>(_logits);
        for (int i = 0; i < vectors.Length; i++)
        {
            // A bit per lane; comparisons with NaN are false.
            ulong near = Vector512.GreaterThanOrEqual(vectors[i], Vector512.Create(lowest)).ExtractMostSignificantBits();
            for (; near != 0; near &= near - 1)
            {
                DealToken((i * Vector512<float>.Count) + BitOperations.TrailingZeroCount(near));
            }
        }

        for (int token = vectors.Length * Vector512<float>.Count; token < _logits.Length; token++)
        {
            if (_logits[token] >= lowest)
            {
                DealToken(token);
            }
        }

        for (int bucket = 0; bucket < BucketCount; bucket++)
        {
            _dealtCount += _bucketSizes[bucket];
            _dealtMass += _bucketMasses[bucket];
        }

        (_lastBucket, _lastCount, _lastMass) = (BucketCount - 1, _bucketSizes[^1], _bucketMasses[^1]);
    }

    private void DealToken(int token)
    {
        // The lowest logit was rounded to float32, so a token may lie a little deeper than the range: the last bucket takes it.
        int bucket = (int)Math.Min((_largest - _logits[token]) * _bucketsPerLogit, BucketCount - 1);
        _bucketOf[token] = (ushort)bucket;
        _bucketMasses[bucket] += _masses[token];
        _bucketSizes[bucket]++;
    }

    private int PickIn(int bucket, double target)
    {
        int token = -1;
        double mass = 0;
        foreach (ulong key in Open(bucket))
        {
            float tokenMass = _masses[TokenOf(key)];
            mass += tokenMass;
            token = tokenMass > 0 ? TokenOf(key) : token;
            if (mass > target)
            {
                break;
            }
        }

        return token;
    }

    private void Cut(int bucket, int count, double massBefore)
    {
        double mass = 0;
        foreach (ulong key in Open(bucket)[..count])
        {
            mass += _masses[TokenOf(key)];
        }

        (_lastBucket, _lastCount, _lastMass, _mass) = (bucket, count, mass, massBefore + mass);
        _isComplete = true;
    }

    private int CountOf(int bucket) => bucket == _lastBucket ? _lastCount : _bucketSizes[bucket];

    private double MassOf(int bucket) => bucket == _lastBucket ? _lastMass : _bucketMasses[bucket];

    // The kept tokens of a bucket, in order.
    private ReadOnlySpan<ulong> Open(int bucket)
    {
        if (_openBucket != bucket)
        {
            _openBucket = bucket;
            int size = 0;
            for (int token = -1; size < _bucketSizes[bucket]; size++)
            {
                token += 1 + _bucketOf.AsSpan(token + 1).IndexOf((ushort)bucket);
                _keys[size] = KeyOf(_logits[token], token);
            }

            _keys.AsSpan(0, size).Sort();
        }

        return _keys.AsSpan(0, CountOf(bucket));
    }

    // Ascending keys are descending logits, then ascending ids. Adding 0 makes −0 equal to 0.
    private static ulong KeyOf(float logit, int token)
    {
        uint bits = BitConverter.SingleToUInt32Bits(logit + 0f);
        uint ascending = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)~ascending << 32) | (uint)token;
    }

    private static int TokenOf(ulong key) => (int)(uint)key;
}
