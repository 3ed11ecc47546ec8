namespace Tramontane.Server.Requests;

/// <summary>Collects what is wrong with a request while it is read; the client hears of the first.</summary>
internal sealed class RequestErrors
{
    /// <summary>The first error, or null while all is well.</summary>
    internal ApiError? First { get; private set; }

    internal void Add(ApiError error) => First ??= error;
}
