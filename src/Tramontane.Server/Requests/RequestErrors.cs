namespace Tramontane.Server.Requests;

/// <summary>Collects what is wrong with a request while it is read; the client hears of the first error, and of everything that was left out.</summary>
internal sealed class RequestErrors
{
    /// <summary>The first error, or null while all is well.</summary>
    internal ApiError? First { get; private set; }

    /// <summary>Paths of values that a reader left out on purpose.</summary>
    internal List<string> LeftOut { get; } = [];

    internal void Add(ApiError error) => First ??= error;
}
