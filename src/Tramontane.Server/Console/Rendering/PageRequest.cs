using Microsoft.AspNetCore.Http;
using Tramontane.Server.Console.Sessions;

namespace Tramontane.Server.Console.Rendering;

/// <summary>What a page may know of the request that it answers.</summary>
/// <param name="BaseUrl">The server's address as this client knows it, without a slash at the end.</param>
/// <param name="Path">The page's path.</param>
/// <param name="Query">The query string's values.</param>
/// <param name="Now">When it is answered.</param>
internal sealed record PageRequest(string BaseUrl, string Path, IQueryCollection Query, DateTimeOffset Now)
{
    /// <summary>Who asks; null for somebody who has not signed in, and where it does not matter.</summary>
    internal Visitor? Visitor { get; init; }

    /// <summary>Ends when the client leaves.</summary>
    internal CancellationToken Aborted { get; init; }
}
