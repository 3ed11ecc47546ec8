namespace Tramontane.Server.Generation;

/// <summary>Forms that an answer can be held to.</summary>
internal enum ResponseFormatKind
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>Some JSON object.</summary>
    JsonObject,

    /// <summary>JSON that a schema accepts.</summary>
    JsonSchema,
}

/// <summary>A dialect's response format in neutral terms.</summary>
/// <param name="Kind">Which form.</param>
/// <param name="SchemaJson">The schema as JSON text; null unless the form is a schema.</param>
internal sealed record ResponseFormat(ResponseFormatKind Kind, string? SchemaJson = null)
{
    internal static ResponseFormat Text { get; } = new(ResponseFormatKind.Text);
}
