using Tramontane.Cli.Terminal;

namespace Tramontane.Cli.Tests.Terminal;

public sealed class LineEditorTests
{
    [Theory]
    [InlineData("short", 5, 10, 0)]
    [InlineData("0123456789abcdef", 16, 10, 6)]
    [InlineData("0123456789abcdef", 4, 10, 0)]
    [InlineData("漢字漢字漢字", 6, 10, 1)] // each takes two columns
    public void StartOfView_AnyCursor_KeepsItInSight(string text, int cursor, int room, int expected) =>
        Assert.Equal(expected, LineEditor.StartOfView(text, cursor, room));

    [Fact]
    public void TextWidth_OfMarksAndWideCharacters_CountsColumns() => Assert.Equal(1 + 1 + 2 + 2, TextWidth.Of("ae\u0301漢😀"));
}
