using System.Xml.Linq;
using Tramontane.Testing;

namespace Tramontane.Architecture.Tests;

/// <summary>Rules about project files and the first page.</summary>
public sealed class RepositoryRuleTests
{
    [Fact]
    public void UnsafeCode_IsAllowedInComputeAndForGeneratedBindings()
    {
        IEnumerable<string?> found = Projects.All
            .Where(file => XDocument.Load(file).Descendants("AllowUnsafeBlocks").Any(e => e.Value.Trim() == "true"))
            .Select(Path.GetFileNameWithoutExtension).Where(name => name != "Tramontane.Compute.Tests");
        Assert.Equal(["Tramontane.Compute", "Tramontane.Imaging"], found);
    }

    [Fact]
    public void UnsafeCode_InImaging_IsGeneratedOnly() =>
        Assert.All(
            Projects.Find(Path.Combine("src", "Tramontane.Imaging"), "*.cs"),
            file => Assert.DoesNotMatch(@"\bunsafe\b|\bfixed\s*\(|\bUnsafe\.", File.ReadAllText(file)));

    [Fact]
    public void PackageVersions_StandInOnePlace()
    {
        IEnumerable<string> found =
            from file in Projects.All
            from reference in XDocument.Load(file).Descendants("PackageReference")
            where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null || reference.Element("Version") is not null
            select $"{Path.GetFileName(file)}: {reference.Attribute("Include")?.Value}";
        Assert.Empty(found);
    }

    [Fact]
    public void Readme_BeforeItsFirstHeadingOfTheSecondRank_NamesTheTwoCommands()
    {
        string first = File.ReadAllText(Path.Combine(Repository.Root, "README.md")).Split("\n## ")[0];
        Assert.Contains("./tramontane serve", first, StringComparison.Ordinal);
        Assert.Contains("./test.sh", first, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("tramontane")]
    [InlineData("test.sh")]
    [InlineData(".ci/run")]
    public void Script_IsExecutable(string name)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.True(File.GetUnixFileMode(Path.Combine(Repository.Root, name)).HasFlag(UnixFileMode.UserExecute));
        }
    }

    [Fact]
    public void Solution_ListsEveryProject()
    {
        string solution = File.ReadAllText(Path.Combine(Repository.Root, "Tramontane.slnx"));
        Assert.All(Projects.All, file => Assert.Contains(Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'), solution, StringComparison.Ordinal));
    }
}
