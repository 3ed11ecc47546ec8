namespace Tramontane.Server.Console.Rendering;

/// <summary>Code that is printed on a page, and run by the tests as it stands there.</summary>
/// <param name="Label">The tab: "Python".</param>
/// <param name="Language">For highlighting and for Markdown's fence: bash, python, javascript, csharp, php, json or text.</param>
/// <param name="Caption">What it is: "Streaming chat with the standard library".</param>
/// <param name="Code">Lines separated by \n.</param>
public sealed record CodeSample(string Label, string Language, string Caption, string Code);
