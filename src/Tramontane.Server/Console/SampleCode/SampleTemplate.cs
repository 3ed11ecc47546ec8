using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.SampleCode;

/// <summary>Code that sends a request, with a place for its body.</summary>
/// <param name="Label">The tab: "Python".</param>
/// <param name="Language">For highlighting.</param>
/// <param name="Caption">What it is.</param>
/// <param name="Literal">In which notation the body is written: json, javascript, python or php.</param>
/// <param name="Indent">Of the body's lines after its first.</param>
/// <param name="Code">With <see cref="Place"/> where the body goes, if there is one.</param>
internal sealed record SampleTemplate(
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("language")] string Language,
    [property: JsonPropertyName("caption")] string Caption,
    [property: JsonPropertyName("literal")] string Literal,
    [property: JsonPropertyName("indent")] string Indent,
    [property: JsonPropertyName("code")] string Code)
{
    internal const string Place = "{{body}}";

    /// <summary>The code for one body; null for a request without.</summary>
    internal CodeSample Fill(JsonNode? body) =>
        new(Label, Language, Caption, body is null ? Code : Code.Replace(Place, JsonLiteral.Of(Literal, body, Indent), StringComparison.Ordinal));
}
