using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Tramontane.Server.Catalog;

/// <summary>Reads the data files of <c>Catalog/Data</c>, which are embedded in the assembly.</summary>
internal static class CatalogData
{
    /// <exception cref="JsonException">The file is not of that form.</exception>
    internal static T Read<T>(string name, JsonTypeInfo<T> type)
    {
        using Stream stream = typeof(CatalogData).Assembly.GetManifestResourceStream("data:" + name)
            ?? throw new InvalidOperationException($"The assembly holds no data file '{name}'.");
        return JsonSerializer.Deserialize(stream, type) ?? throw new JsonException($"{name} is empty.");
    }
}

/// <summary>The forms of the data files.</summary>
[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(IReadOnlyList<GlossaryEntry>))]
[JsonSerializable(typeof(Comparison))]
[JsonSerializable(typeof(ModelContent))]
[JsonSerializable(typeof(Guides))]
internal sealed partial class CatalogJson : JsonSerializerContext;
