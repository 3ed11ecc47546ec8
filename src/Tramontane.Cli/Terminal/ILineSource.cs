namespace Tramontane.Cli.Terminal;

/// <summary>Where a person's lines come from: an editor on a terminal, or a pipe.</summary>
internal interface ILineSource
{
    /// <summary>The next line; null at the end of the input or when the person wants to leave.</summary>
    string? ReadLine();
}

/// <summary>Lines of a pipe or of a terminal that cannot move its cursor.</summary>
/// <param name="reader">Where they are read from.</param>
internal sealed class PlainLineSource(TextReader reader) : ILineSource
{
    /// <inheritdoc/>
    public string? ReadLine() => reader.ReadLine();
}
