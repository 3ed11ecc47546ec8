using System.Globalization;
using System.Text.Json.Serialization;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Console.Playground;

/// <summary>
/// A number that the playground lets people choose. Name, bounds and the API's default are those of the field that the server
/// reads it with; the rest is how it is shown.
/// </summary>
internal sealed record SamplingControl
{
    /// <summary>The field, and the name of the input.</summary>
    [JsonPropertyName("name")]
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    [JsonIgnore]
    public string Label { get; init; } = "";

    /// <summary><c>decimal</c> or <c>integer</c>.</summary>
    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    /// <summary>Null for none.</summary>
    [JsonPropertyName("minimum")]
    public required double? Minimum { get; init; }

    /// <summary>Null for none.</summary>
    [JsonPropertyName("maximum")]
    public required double? Maximum { get; init; }

    /// <summary>What holds when it is not sent; null when that depends on something else.</summary>
    [JsonPropertyName("apiDefault")]
    public required string? ApiDefault { get; init; }

    /// <summary>What the playground begins with, and then always sends; null to leave it to the API.</summary>
    [JsonPropertyName("preset")]
    public string? Preset { get; init; }

    /// <summary>Ends and step of the slider beside the number; null for no slider.</summary>
    [JsonIgnore]
    public (double Low, double High, double Step)? Slider { get; init; }

    /// <summary>What it does; inline Markdown.</summary>
    [JsonIgnore]
    public string Note { get; init; } = "";

    /// <summary>Shown in an empty input.</summary>
    [JsonIgnore]
    public string? Placeholder { get; init; }

    /// <summary>Whether it stands among the few that are always in view.</summary>
    [JsonIgnore]
    public bool IsPrimary => Preset is not null;

    /// <summary>All of them. Presets are those that providers' playgrounds for this model begin with.</summary>
    internal static IReadOnlyList<SamplingControl> All { get; } =
    [
        Decimal(SamplingFields.Temperature, "Temperature", (0, 2, 0.05)) with { Preset = "0.7" },
        Decimal(SamplingFields.TopP, "Top P", (0, 1, 0.01)) with { Preset = "0.9" },
        Integer(ChatFields.MaxCompletionTokens, "Max tokens", null) with { Preset = "1000", Placeholder = "no limit" },
        Decimal(SamplingFields.FrequencyPenalty, "Frequency penalty", (-2, 2, 0.1)) with { Preset = "0" },
        Decimal(SamplingFields.PresencePenalty, "Presence penalty", (-2, 2, 0.1)) with { Preset = "0" },
        Integer(SamplingFields.TopK, "Top K", (0, 200, 1)),
        Decimal(SamplingFields.MinP, "Min P", (0, 1, 0.01)),
        Decimal(SamplingFields.RepetitionPenalty, "Repetition penalty", (0.5, 2, 0.05)),
        // The field holds 64 bits; a browser's numbers hold 53, which are the bounds that the page itself checks.
        new()
        {
            Name = SamplingFields.Seed.Name, Label = "Seed", Kind = "integer", Minimum = null, Maximum = null, ApiDefault = null, Note = SamplingFields.Seed.Note, Placeholder = "random",
        },
    ];

    private static SamplingControl Decimal(DecimalField field, string label, (double, double, double) slider) => new()
    {
        Name = field.Name, Label = label, Kind = "decimal", Minimum = field.Minimum, Maximum = field.Maximum, ApiDefault = Text(field.Default), Slider = slider, Note = field.Note,
        Placeholder = Text(field.Default),
    };

    private static SamplingControl Integer(IntegerField field, string label, (double, double, double)? slider) => new()
    {
        Name = field.Name, Label = label, Kind = "integer", Minimum = field.Minimum, Maximum = field.Maximum, ApiDefault = Text(field.Default), Slider = slider, Note = field.Note,
        Placeholder = Text(field.Default),
    };

    private static string? Text(double? value) => value?.ToString(CultureInfo.InvariantCulture);
}
