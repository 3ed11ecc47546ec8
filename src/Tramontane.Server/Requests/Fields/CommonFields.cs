namespace Tramontane.Server.Requests.Fields;

/// <summary>Fields that are declared for several endpoints in the same way.</summary>
internal static class CommonFields
{
    internal static readonly ShapedField Model = new(
        "model", "string", """{"type":"string"}""", "One of the names that `/v1/models` lists; the reply repeats it.") { Example = "\"mistral-small-2506\"", IsRequired = true };

    /// <summary>A field that is accepted without effect, whatever its value.</summary>
    internal static RequestField Ignored(string name, string example, string note = "") =>
        new ShapedField(name, "any", "{}", note) { Example = example, Support = FieldSupport.Ignored };

    /// <summary>A field that is refused unless it is empty.</summary>
    internal static RequestField Refused(string name, string example, string note) =>
        new ShapedField(name, "any", "{}", note) { Example = example, Support = FieldSupport.Refused };
}
