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

    /// <summary>A text that a regular expression matches as a whole.</summary>
    Regex,

    /// <summary>One of a few texts.</summary>
    Choice,

    /// <summary>A text that a grammar accepts.</summary>
    Grammar,
}

/// <summary>A dialect's response format in neutral terms.</summary>
/// <param name="Kind">Which form.</param>
/// <param name="Source">The schema as JSON text, the expression, or the grammar; null for the other forms.</param>
/// <param name="Choices">The texts of a choice; null for the other forms.</param>
/// <param name="Path">The request's field that says so, for errors.</param>
internal sealed record ResponseFormat(ResponseFormatKind Kind, string? Source = null, IReadOnlyList<string>? Choices = null, string Path = "response_format")
{
    /// <summary>Whether the answer is JSON: stop texts do not apply inside it.</summary>
    internal bool IsJson => Kind is ResponseFormatKind.JsonObject or ResponseFormatKind.JsonSchema;

    internal static ResponseFormat Text { get; } = new(ResponseFormatKind.Text);
}
