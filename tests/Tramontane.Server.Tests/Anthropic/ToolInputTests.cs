using System.Text.Json.Nodes;
using Tramontane.Server.Anthropic.Messages;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Anthropic;

public sealed class ToolInputTests
{
    [Fact]
    public void Arguments_CutAnywhere_AreWhatTheirPiecesAddUpTo()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            string arguments = Object(random, 3).ToJsonString();
            for (int length = 0; length <= arguments.Length; length++)
            {
                string cut = arguments[..length];
                var pieces = new InputPieces();
                string sent = "";
                for (int at = 0, next; at < length; at = next)
                {
                    next = Math.Min(length, at + random.Next(0, 6));
                    sent += pieces.Add(cut[at..next]);
                }

                string input = ToolInput.From(cut).GetRawText();
                Assert.True(AnthropicAssert.WholeValues(cut).ToJsonString() == input, $"seed {seed}: {cut} gave {input}");
                Assert.True(input == ToolInput.From(sent).GetRawText(), $"seed {seed}: {cut} was sent as {sent}");
                Assert.True(cut.StartsWith(sent, StringComparison.Ordinal) && cut[sent.Length..].All(c => "+-.eE0123456789".Contains(c, StringComparison.Ordinal)), $"seed {seed}: {sent}");
            }

            Assert.Equal(arguments, ToolInput.From(arguments).GetRawText());
        }
    }

    private static JsonObject Object(Random random, int depth) =>
        new(Enumerable.Range(0, random.Next(4)).Select(i => KeyValuePair.Create($"{"a\"é\\"[random.Next(4)]}{i}", Value(random, depth - 1))));

    private static JsonNode? Value(Random random, int depth) => random.Next(depth > 0 ? 7 : 5) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create(random.Next(-99, 99)),
        3 => JsonNode.Parse(((string[])["-1.5e-3", "0.25", "1E+9", "20"])[random.Next(4)]),
        4 => JsonValue.Create(((string[])["", "{[", "]}\"", "\\", "-1", "true"])[random.Next(6)]),
        5 => Object(random, depth),
        _ => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1))]),
    };
}
