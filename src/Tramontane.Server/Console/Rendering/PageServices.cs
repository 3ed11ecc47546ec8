namespace Tramontane.Server.Console.Rendering;

/// <summary>
/// The services of one rendering: a page's models by their own type, then the server's. Components inject their models, because
/// Razor makes components public and a public parameter would make every model public too.
/// </summary>
internal sealed class PageServices(IServiceProvider server, IReadOnlyList<object> models) : IServiceProvider
{
    public object? GetService(Type serviceType) => models.FirstOrDefault(m => m.GetType() == serviceType) ?? server.GetService(serviceType);
}
