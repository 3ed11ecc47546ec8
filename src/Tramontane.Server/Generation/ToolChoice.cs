namespace Tramontane.Server.Generation;

/// <summary>Whether and what the model must call.</summary>
internal enum ToolChoiceMode
{
    /// <summary>It answers in text.</summary>
    None,

    /// <summary>It chooses.</summary>
    Auto,

    /// <summary>It calls a tool.</summary>
    Required,
}

/// <summary>A dialect's <c>tool_choice</c> in neutral terms.</summary>
/// <param name="Mode">Whether it must.</param>
/// <param name="Names">The tools it may call; null for all of them.</param>
internal sealed record ToolChoice(ToolChoiceMode Mode, IReadOnlyList<string>? Names = null)
{
    internal static ToolChoice None { get; } = new(ToolChoiceMode.None);

    internal static ToolChoice Auto { get; } = new(ToolChoiceMode.Auto);

    internal static ToolChoice Required { get; } = new(ToolChoiceMode.Required);
}
