using System.ComponentModel.DataAnnotations;

namespace Tramontane.Server.Console;

/// <summary>Who may see the pages.</summary>
public enum ConsoleVisibility
{
    /// <summary>Everybody who reaches the server reads them; what belongs to a key still asks for one.</summary>
    Public,

    /// <summary>Only with a key, which the browser asks for (HTTP Basic: any user name, the key as password).</summary>
    Private,

    /// <summary>There are no pages.</summary>
    Off,
}

/// <summary>A link in the footer of every page.</summary>
/// <param name="Label">What it says.</param>
/// <param name="Url">An absolute address, http, https or mailto.</param>
public sealed record ConsoleLink(string Label, string Url);

/// <summary>The pages that people see.</summary>
public sealed class ConsoleOptions
{
    /// <summary>Who may see them.</summary>
    public ConsoleVisibility Visibility { get; set; } = ConsoleVisibility.Public;

    /// <summary>
    /// The server's address as its users know it, such as <c>https://llm.example.com</c>: what samples, canonical links and
    /// <c>llms.txt</c> name. Null: what a request's <c>Host</c> header says.
    /// </summary>
    [RegularExpression(@"https?://[A-Za-z0-9.:/_\[\]-]+", ErrorMessage = "PublicUrl must be an address such as https://llm.example.com, without user, query or fragment.")]
    public string? PublicUrl { get; set; }

    /// <summary>Links in the footer, such as the operator's website or support.</summary>
    public IList<ConsoleLink> Links { get; } = [];
}
