using System.Text.Json.Serialization.Metadata;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.OpenApi;

/// <summary>One route as the OpenAPI document describes it.</summary>
/// <param name="Method">In small letters: <c>post</c>.</param>
/// <param name="Path">With parameters in braces.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Reply">The type of the JSON reply; null when it is none.</param>
internal sealed record ApiOperation(string Method, string Path, string Summary, JsonTypeInfo? Reply)
{
    /// <summary>HTTP status of the reply.</summary>
    public int Status { get; init; } = 200;

    /// <summary>The fields of the body; null for none.</summary>
    public RequestShape? Body { get; init; }

    /// <summary>Types of the events when it streams.</summary>
    public IReadOnlyList<JsonTypeInfo> Events { get; init; } = [];

    /// <summary>The type of its errors.</summary>
    public required JsonTypeInfo Error { get; init; }

    /// <summary>Other replies by what brings them, such as a header.</summary>
    public IReadOnlyList<JsonTypeInfo> OtherReplies { get; init; } = [];

    /// <summary>The reply is text of this media type instead of JSON.</summary>
    public string? TextReply { get; init; }
}
