using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tramontane.Testing;

namespace Tramontane.Server.Tests.Images;

/// <summary>A web site on a free port of the loopback with good and bad images.</summary>
internal sealed class ImageSite : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ImageSite(WebApplication app) => _app = app;

    /// <summary>Requests so far, by path.</summary>
    internal List<string> Requests { get; } = [];

    /// <summary>Headers of the last request.</summary>
    internal IHeaderDictionary? LastHeaders { get; private set; }

    internal string Origin => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    internal int Port => new Uri(Origin).Port;

    internal static byte[] Png { get; } = File.ReadAllBytes(Repository.Golden("tokenizer/images/p_noise_57x29.png"));

    internal static async Task<ImageSite> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        WebApplication app = builder.Build();
        var site = new ImageSite(app);
        app.Run(site.AnswerAsync);
        await app.StartAsync();
        return site;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        lock (Requests)
        {
            Requests.Add(context.Request.Path);
            LastHeaders = context.Request.Headers;
        }

        HttpResponse response = context.Response;
        switch (context.Request.Path.Value)
        {
            case "/image.png":
                response.ContentType = "image/png";
                await response.Body.WriteAsync(Png);
                break;
            case "/untyped":
                await response.Body.WriteAsync(Png);
                break;
            case "/page":
                response.ContentType = "text/html";
                await response.WriteAsync("<p>secret</p>");
                break;
            case "/redirect":
                response.Redirect(context.Request.Query["to"]!);
                break;
            case "/loop":
                response.Redirect("/loop");
                break;
            case "/lost":
                response.StatusCode = 302;
                break;
            case "/stated-size":
                response.ContentType = "image/png";
                response.ContentLength = 1L << 40;
                await response.Body.WriteAsync(Png);
                break;
            case "/endless":
                response.ContentType = "image/png";
                while (!context.RequestAborted.IsCancellationRequested)
                {
                    await response.Body.WriteAsync(new byte[65536]);
                }

                break;
            case "/silent":
                await Task.Delay(Timeout.Infinite, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
                break;
            default:
                response.StatusCode = 404;
                break;
        }
    }
}
