using System.Text;
using System.Text.Json;
using Tramontane.Testing;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Tokenization.Tests.Instruct;

public sealed class JsonSurrogatesTests
{
    [Theory]
    [InlineData("\"\\ud83d\\ude00\"", "\"\\ud83d\\ude00\"", 0)]
    [InlineData("\"\\ud83d\"", "\"\\uFFFD\"", 1)]
    [InlineData("\"\\uDE00\"", "\"\\uFFFD\"", 1)]
    [InlineData("\"\\ud83d\\ud83d\\ude00\"", "\"\\uFFFD\\ud83d\\ude00\"", 1)]
    [InlineData("\"\\ude00\\ud83d\"", "\"\\uFFFD\\uFFFD\"", 2)]
    [InlineData("\"\\\\ud83d\"", "\"\\\\ud83d\"", 0)]
    [InlineData("\"\\\\\\ud83d\"", "\"\\\\\\uFFFD\"", 1)]
    [InlineData("\"\\ud83d \\ude00\"", "\"\\uFFFD \\uFFFD\"", 2)]
    [InlineData("\"\\u00e9\\uD7FF\\ue000\"", "\"\\u00e9\\uD7FF\\ue000\"", 0)]
    [InlineData("\"\\ud8", "\"\\ud8", 0)]
    [InlineData("\\", "\\", 0)]
    [InlineData("", "", 0)]
    public void Repair_Escapes_OnlyLoneOnesChange(string json, string expected, int count)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        Assert.Equal(count, JsonSurrogates.Repair(bytes));
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public void Repair_RandomEscapes_MakesEveryStringReadable()
    {
        for (int seed = 0; seed < 5_000; seed++)
        {
            var random = new Random(seed);
            var text = new StringBuilder("\"");
            for (int i = random.Next(12); i > 0; i--)
            {
                text.Append(random.Next(4) switch
                {
                    0 => "\\\\",
                    1 => "x",
                    _ => $"\\u{random.Next(0xD700, 0xE100):x4}",
                });
            }

            byte[] bytes = Encoding.UTF8.GetBytes(text.Append('"').ToString());
            JsonSurrogates.Repair(bytes);
            using JsonDocument document = JsonDocument.Parse(bytes);
            string read = document.RootElement.GetString()!; // throws on a lone surrogate
            Assert.Equal(JsonReading.Ok, PythonJson.Load(text.ToString(), out PythonJsonValue? value));
            Assert.True(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(value!.Text)) == read, $"seed {seed}: {text}");
        }
    }

    [Fact]
    public void Repair_RandomBytes_NeverFails()
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            byte[] bytes = new Random(seed).Bytes(64);
            for (int i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)"\\ud8e\""[bytes[i] % 6];
            }

            JsonSurrogates.Repair(bytes);
            Assert.Equal(0, JsonSurrogates.Repair(bytes));
        }
    }
}
