using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Models;

namespace Tramontane.Cli.Tests.Models;

public sealed class ModelLocatorTests
{
    [Fact]
    public void Find_FolderWithOneModelAndAProjector_GivesTheModel()
    {
        using var folder = new TemporaryFolder();
        string model = folder.Write("model.gguf", []);
        folder.Write("mmproj-model.gguf", []);
        folder.Write("notes.txt", []);
        Assert.Equal(model, ModelLocator.Find(folder.Path));
        Assert.Equal(model, ModelLocator.Find(model));
    }

    [Fact]
    public void Find_FolderWithSeveralModels_NamesThem()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.gguf", []);
        folder.Write("b.gguf", []);
        string message = Assert.Throws<CommandFailure>(() => ModelLocator.Find(folder.Path)).Message;
        Assert.Contains("a.gguf, b.gguf", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Find_EmptyFolder_SaysWhatToGive()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("holds no GGUF", Assert.Throws<CommandFailure>(() => ModelLocator.Find(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-model", true)]
    [InlineData("no/such/model.gguf", false)]
    public void Find_Missing_SaysWhereItLooked(string model, bool isName)
    {
        string message = Assert.Throws<CommandFailure>(() => ModelLocator.Find(model)).Message;
        Assert.Contains(model, message, StringComparison.Ordinal);
        Assert.Equal(isName, message.Contains(ModelLocator.Folders[1], StringComparison.Ordinal));
    }
}
