namespace Tramontane.Server.Catalog;

/// <summary>The names by which models stand in the ledger and the price list, and those that hosts give them.</summary>
public static class ModelNames
{
    /// <summary>The bundled demo model.</summary>
    public const string Demo = "tramontane-demo";

    /// <summary>Mistral-Small-3.2-24B-Instruct-2506, by its publisher's id.</summary>
    public const string Mistral = "mistralai/Mistral-Small-3.2-24B-Instruct-2506";

    /// <summary>What hosts call it; so that their customers change the base URL alone.</summary>
    internal static IReadOnlyList<string> OfMistral { get; } =
    [
        Mistral, // Hugging Face, DeepInfra
        "mistralai/mistral-small-3.2-24b-instruct", // OpenRouter
        "mistral-small-3.2-24b-instruct",
        "mistralai-mistral-small-3.2-24b-instruct", // ModelsLab
        "mistral-small-3-2-24b-instruct",
        "mistralai/mistral-small-3-2-24b-instruct",
        "mistral-small-2506", // Mistral
    ];

    /// <summary>The name in ledger and price list; a name that nobody knows is its own.</summary>
    public static string Canonical(string name) => OfMistral.Contains(name, StringComparer.Ordinal) ? Mistral : name;
}
