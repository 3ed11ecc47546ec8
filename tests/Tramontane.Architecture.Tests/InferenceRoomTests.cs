using System.Text.RegularExpressions;
using Tramontane.Testing;

namespace Tramontane.Architecture.Tests;

/// <summary>
/// The folders of Tramontane.Inference, by what their source names: Engine alone sees every room, Scheduling sees
/// token counts and cache blocks, KvCache blocks alone, Model sees no text, Sampling sees logits and ids only.
/// </summary>
public sealed partial class InferenceRoomTests
{
    private const string Inference = "Tramontane.Inference.";

    // Per folder: the namespaces of ours that it may name, beside its own.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Weights"] = ["Tramontane.Compute", "Tramontane.Tokenization"],
        ["Model"] = ["Tramontane.Compute", Inference + "Weights"],
        ["Vision"] = ["Tramontane.Compute", "Tramontane.Tokenization.Images", Inference + "Weights"],
        ["KvCache"] = ["Tramontane.Compute.Memory"],
        ["Scheduling"] = ["Tramontane.Compute.Memory", Inference + "KvCache"],
        ["Speculation"] = [],
        ["Sampling"] = [],
        ["Engine"] = ["Tramontane.Compute", "Tramontane.Tokenization", "Tramontane.Grammar", Inference.TrimEnd('.')],
    };

    public static TheoryData<string> Rooms => [.. s_allowed.Keys];

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Source_OfARoom_NamesOnlyTheRoomsItMayKnow(string room)
    {
        string[] allowed = [.. s_allowed[room], Inference + room];
        IReadOnlyList<string> files = Projects.Find(Path.Combine("src", "Tramontane.Inference", room), "*.cs");
        Assert.NotEmpty(files);
        IEnumerable<string> wrong =
            from file in files
            from Match match in OurNamespace().Matches(File.ReadAllText(file))
            where !allowed.Any(name => match.Value == name || match.Value.StartsWith(name + ".", StringComparison.Ordinal))
            select $"{Path.GetRelativePath(Repository.Root, file)} names {match.Value}";
        Assert.Empty(wrong.Distinct());
    }

    [Theory]
    [MemberData(nameof(Rooms))]
    public void Source_OfARoom_LiesInItsNamespace(string room)
    {
        string expected = $"namespace {Inference}{room};";
        Assert.All(Projects.Find(Path.Combine("src", "Tramontane.Inference", room), "*.cs"), file => Assert.Contains(expected, File.ReadAllText(file), StringComparison.Ordinal));
    }

    [Fact]
    public void Folders_OfInference_AreAllListedHere()
    {
        IEnumerable<string> folders = Projects.Find(Path.Combine("src", "Tramontane.Inference"), "*.cs")
            .Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Distinct();
        Assert.Equal(s_allowed.Keys.Order(), folders.Order());
    }

    // A shortened name such as Model.Decoder would escape this; the project's files are written with usings.
    [GeneratedRegex(@"\bTramontane\.(Compute|Tokenization|Grammar|Inference|Server)(\.[A-Z]\w*)?")]
    private static partial Regex OurNamespace();
}
