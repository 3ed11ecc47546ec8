namespace Tramontane.Testing;

/// <summary>Seeded random arrays for property tests.</summary>
public static class RandomData
{
    /// <summary>Normally distributed floats (Box–Muller), standard deviation <paramref name="sigma"/>.</summary>
    public static float[] Floats(this Random random, int count, float sigma = 1)
    {
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double radius = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble()));
            values[i] = (float)(sigma * radius * Math.Cos(2 * Math.PI * random.NextDouble()));
        }

        return values;
    }

    /// <summary>Uniform bytes.</summary>
    public static byte[] Bytes(this Random random, int count)
    {
        var values = new byte[count];
        random.NextBytes(values);
        return values;
    }
}
