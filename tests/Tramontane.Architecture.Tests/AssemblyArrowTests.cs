using System.Reflection;

namespace Tramontane.Architecture.Tests;

/// <summary>
/// The arrows between projects, as in docs/architecture.md. Who may know a room may know the rooms below it; nobody knows
/// a room above. A new arrow is a decision: add it here together with its record in docs/adr.
/// </summary>
public sealed class AssemblyArrowTests
{
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Tramontane.Compute"] = [],
        ["Tramontane.Tokenization"] = [],
        ["Tramontane.Grammar"] = [],
        ["Tramontane.Imaging"] = [],
        ["Tramontane.Metering"] = [],
        ["Tramontane.Inference"] = ["Tramontane.Compute", "Tramontane.Tokenization", "Tramontane.Grammar"],
        ["Tramontane.Server"] = ["Tramontane.Inference", "Tramontane.Grammar", "Tramontane.Compute", "Tramontane.Tokenization", "Tramontane.Imaging", "Tramontane.Metering"],
        ["tramontane"] = ["Tramontane.Server", "Tramontane.Inference", "Tramontane.Grammar", "Tramontane.Compute", "Tramontane.Tokenization", "Tramontane.Imaging", "Tramontane.Metering"],
    };

    public static TheoryData<string> Assemblies => [.. s_allowed.Keys];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void References_OfEveryAssembly_FollowTheArrows(string name)
    {
        IEnumerable<string> ours = Assembly.Load(name).GetReferencedAssemblies().Select(a => a.Name!)
            .Where(n => n.StartsWith("Tramontane.", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(ours.Except(s_allowed[name]));
    }

    [Fact]
    public void References_ToTheWebFramework_AreTheServersAlone()
    {
        string[] others = [.. s_allowed.Keys.Except(["Tramontane.Server", "tramontane"])];
        IEnumerable<string> found = others.SelectMany(name => Assembly.Load(name).GetReferencedAssemblies()
            .Where(a => a.Name!.StartsWith("Microsoft.", StringComparison.Ordinal) && !IsDatabasePackage(a.Name)).Select(a => $"{name} → {a.Name}"));
        Assert.Empty(found);
    }

    [Fact]
    public void References_ToDatabases_AreMeteringsAlone()
    {
        IEnumerable<string> found = s_allowed.Keys.Where(name => Assembly.Load(name).GetReferencedAssemblies().Any(a => IsDatabasePackage(a.Name!)));
        Assert.Equal(["Tramontane.Metering"], found);
    }

    [Fact]
    public void Projects_UnderSrc_AreAllListedHere()
    {
        string[] projects = [.. Projects.Source.Select(Path.GetFileNameWithoutExtension).Select(name => name == "Tramontane.Cli" ? "tramontane" : name!)];
        Assert.Equal(s_allowed.Keys.Order(), projects.Order());
    }

    private static bool IsDatabasePackage(string name) => name is "Microsoft.Data.Sqlite" or "Npgsql" || name.StartsWith("SQLitePCLRaw", StringComparison.Ordinal);
}
