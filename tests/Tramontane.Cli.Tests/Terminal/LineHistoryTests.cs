using Tramontane.Cli.Terminal;

namespace Tramontane.Cli.Tests.Terminal;

public sealed class LineHistoryTests
{
    [Fact]
    public void Walk_UpAndDown_ComesBackToTheDraft()
    {
        var history = new LineHistory();
        history.Add("first");
        history.Add("second");
        history.Add("second");
        Assert.Equal(["first", "second"], history.Lines);
        Assert.Equal("second", history.Previous("draft"));
        Assert.Equal("first", history.Previous("second"));
        Assert.Equal("first", history.Previous("first"));
        Assert.Equal("second", history.Next("first"));
        Assert.Equal("draft", history.Next("second"));
        Assert.Equal("draft", history.Next("draft"));
    }

    [Fact]
    public void Walk_WithoutLines_KeepsTheDraft() => Assert.Equal("draft", new LineHistory().Previous("draft"));

    [Fact]
    public void File_SavedAndLoaded_HoldsTheLinesForTheirOwnerAlone()
    {
        using var folder = new TemporaryFolder();
        string path = Path.Combine(folder.Path, "state", "history");
        var history = new LineHistory();
        history.Add("one");
        history.Add("two");
        HistoryFile.Save(path, history);
        var loaded = new LineHistory();
        HistoryFile.Load(path, loaded);
        Assert.Equal(history.Lines, loaded.Lines);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        }
    }
}
