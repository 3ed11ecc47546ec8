using System.Globalization;
using System.Text.Json;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Tokenization.Tests.Instruct;

public sealed class PythonJsonTests
{
    // Spellings that Python 3 gave for json.dumps(json.loads(text)).
    [Theory]
    [InlineData("1e5", "100000.0")]
    [InlineData("1E-7", "1e-07")]
    [InlineData("1.10", "1.1")]
    [InlineData("1e15", "1000000000000000.0")]
    [InlineData("1e16", "1e+16")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("-0", "0")]
    [InlineData("1e400", "Infinity")]
    [InlineData("-1e400", "-Infinity")]
    [InlineData("1e-400", "0.0")]
    [InlineData("123456789012345678901234567890", "123456789012345678901234567890")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("5e-324", "5e-324")]
    [InlineData("1.7976931348623157e308", "1.7976931348623157e+308")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("123456.789e3", "123456789.0")]
    [InlineData("9007199254740993.0", "9007199254740992.0")]
    [InlineData("1.0E+2", "100.0")]
    [InlineData("9999999999999999.0", "1e+16")]
    [InlineData("999999999999999.9", "999999999999999.9")]
    [InlineData("12345678901234567.0", "1.2345678901234568e+16")]
    [InlineData("NaN", "NaN")]
    [InlineData("[Infinity,-Infinity]", "[Infinity, -Infinity]")]
    [InlineData("[1,2 , {\"a\":1,\"b\":{},\"a\":[] }]", "[1, 2, {\"a\": [], \"b\": {}}]")]
    [InlineData(" {\"k\" : null , \"t\":true,\"f\":false} \n", "{\"k\": null, \"t\": true, \"f\": false}")]
    [InlineData("\"\\u00e9\\n\\u0001\\/\\ud83d\\ude00\x7f\"", "\"é\\n\\u0001/😀\x7f\"")]
    public void Dump_LoadedText_IsPythonsSpelling(string text, string expected)
    {
        Assert.Equal(JsonReading.Ok, PythonJson.Load(text, out PythonJsonValue? value));
        Assert.Equal(expected, PythonJson.Dump(value!));
    }

    [Fact]
    public void Dump_EscapingNonAscii_WritesLowerCaseEscapes()
    {
        Assert.Equal(JsonReading.Ok, PythonJson.Load("\"\\u00e9 ~\\n\x7f 😀\"", out PythonJsonValue? value));
        Assert.Equal("\"\\u00e9 ~\\n\\u007f \\ud83d\\ude00\"", PythonJson.Dump(value!, escapeNonAscii: true));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("{")]
    [InlineData("[1,]")]
    [InlineData("{\"a\":1,}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\" 1}")]
    [InlineData("'a'")]
    [InlineData("01")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("+1")]
    [InlineData("-")]
    [InlineData("1e")]
    [InlineData("nul")]
    [InlineData("nan")]
    [InlineData("-NaN")]
    [InlineData("\"\n\"")]
    [InlineData("\"\\x\"")]
    [InlineData("\"\\u12\"")]
    [InlineData("\"\\u 123\"")]
    [InlineData("\"")]
    [InlineData("\"\\")]
    [InlineData("1 2")]
    [InlineData("\u00A01")]
    [InlineData("location=Paris")]
    public void Load_NotJson_IsInvalid(string text) => Assert.Equal(JsonReading.Invalid, PythonJson.Load(text, out _));

    [Fact]
    public void Load_DeepNesting_IsRefusedWithoutOverflow()
    {
        string Nested(int depth) => new string('[', depth) + new string(']', depth);
        Assert.Equal(JsonReading.Ok, PythonJson.Load(Nested(PythonJson.MaxDepth), out _));
        Assert.Equal(JsonReading.TooDeep, PythonJson.Load(Nested(PythonJson.MaxDepth + 1), out _));
        Assert.Equal(JsonReading.TooDeep, PythonJson.Load(string.Concat(Enumerable.Repeat("{\"a\":", 500_000)), out _));
    }

    [Fact]
    public void FormatFloat_RandomBits_ReadsBackTheSameInPythonsForm()
    {
        var random = new Random(1);
        for (int i = 0; i < 100_000; i++)
        {
            double value = i % 2 == 0
                ? BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue))
                : (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 20));
            if (!double.IsFinite(value))
            {
                continue;
            }

            string text = PythonJson.FormatFloat(value);
            double back = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
            Assert.True(BitConverter.DoubleToInt64Bits(back) == BitConverter.DoubleToInt64Bits(value), text);
            double magnitude = Math.Abs(value);
            bool positional = magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16);
            Assert.True(positional ? text.Contains('.', StringComparison.Ordinal) && !text.Contains('e', StringComparison.Ordinal)
                : text.Contains('e', StringComparison.Ordinal) && !text.Contains(".0e", StringComparison.Ordinal), text);
        }
    }

    [Fact]
    public void Load_DamagedJson_AgreesWithSystemTextJsonAndDumpsStably()
    {
        const string Sound = "{\"a\":[1,-2.5e+3,true,false,null,\"x\\u00e9\\\"\\\\\"],\"b\":{\"c\":{}},\"a\":0}";
        const string Alphabet = "{}[]\",:\\ue0123456789+-.E tfn\n\u0001";
        var options = new JsonDocumentOptions { MaxDepth = 1000 };
        for (int seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            char[] text = Sound.ToCharArray();
            for (int i = random.Next(3); i >= 0; i--)
            {
                text[random.Next(text.Length)] = Alphabet[random.Next(Alphabet.Length)];
            }

            bool expected = true;
            try
            {
                JsonDocument.Parse(text.AsMemory(), options).Dispose();
            }
            catch (JsonException)
            {
                expected = false;
            }

            JsonReading reading = PythonJson.Load(text, out PythonJsonValue? value);
            Assert.True(expected == (reading == JsonReading.Ok), $"seed {seed}: {new string(text)}");
            if (value is not null)
            {
                string dumped = PythonJson.Dump(value);
                Assert.Equal(JsonReading.Ok, PythonJson.Load(dumped, out PythonJsonValue? again));
                Assert.True(dumped == PythonJson.Dump(again!), $"seed {seed}: {dumped}");
            }
        }
    }
}
