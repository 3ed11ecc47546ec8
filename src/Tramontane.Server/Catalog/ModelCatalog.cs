using Tramontane.Inference.Engine;

namespace Tramontane.Server.Catalog;

/// <summary>The names under which the one loaded model answers. Matching is exact, but for configured names with a star at the end.</summary>
internal sealed class ModelCatalog
{
    /// <summary>The id of the bundled model.</summary>
    internal const string DemoId = ModelNames.Demo;

    /// <summary>Every chunk of a stream repeats the name, so not any length is accepted.</summary>
    private const int MaxNameLength = 256;

    private readonly HashSet<string> _names;
    private readonly string[] _prefixes;
    private readonly bool _acceptAny;

    public ModelCatalog(ServerOptions options, IInferenceEngine engine)
    {
        ILookup<bool, string> configured = options.ServedModelNames.ToLookup(name => name.EndsWith('*'));
        _prefixes = [.. configured[true].Select(name => name[..^1])];
        Names = [.. configured[false].Concat(engine.Model.IsDemo ? [DemoId] : []).Concat(ModelNames.OfMistral).Distinct(StringComparer.Ordinal)];
        _names = new HashSet<string>(Names, StringComparer.Ordinal);
        CanonicalId = engine.Model.IsDemo ? DemoId : ModelNames.Mistral;
        _acceptAny = options.AcceptAnyModel;
    }

    /// <summary>The model's own name, whatever else it is served as: prices and the ledger go by it.</summary>
    internal string CanonicalId { get; }

    /// <summary>Every name, the model card's id first.</summary>
    internal IReadOnlyList<string> Names { get; }

    internal bool Knows(string name) => _names.Contains(name)
        || (name.Length <= MaxNameLength && (_acceptAny || Array.Exists(_prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal))));
}
