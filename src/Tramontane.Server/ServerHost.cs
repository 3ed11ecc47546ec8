using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tramontane.Inference.Engine;
using Tramontane.Metering;
using Tramontane.Server.Accounting;
using Tramontane.Server.Administration;
using Tramontane.Server.Anthropic.Messages;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console;
using Tramontane.Server.Generation;
using Tramontane.Server.Images;
using Tramontane.Server.Limits;
using Tramontane.Server.Observability;
using Tramontane.Server.OpenAI.Chat;
using Tramontane.Server.OpenAI.Completions;
using Tramontane.Server.OpenAI.Models;
using Tramontane.Server.OpenAI.Responses;
using Tramontane.Server.OpenAI.Tokens;
using Tramontane.Server.OpenApi;
using Tramontane.Server.Requests;
using Tramontane.Server.Responses;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server;

/// <summary>
/// The HTTP server over an engine. It reads no environment variables or files and writes nothing to standard output:
/// whoever starts it decides on both. Engine and meter are not disposed with it.
/// </summary>
public sealed class ServerHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    /// <summary>Builds the server; nothing listens before <see cref="StartAsync"/>.</summary>
    /// <param name="options">Address, keys and limits.</param>
    /// <param name="engine">Answers the requests.</param>
    /// <param name="configureLogging">Adds log providers; none by default.</param>
    /// <param name="time">The clock; the system's by default.</param>
    /// <param name="meter">Keys, prices, budgets and the ledger; without one only the options' keys count and nothing is written down.</param>
    /// <exception cref="OptionsValidationException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The host is no address.</exception>
    public ServerHost(ServerOptions options, IInferenceEngine engine, Action<ILoggingBuilder>? configureLogging = null, TimeProvider? time = null, Meter? meter = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(engine);
        ValidateOptionsResult validation = new ServerOptionsValidator().Validate(null, options);
        if (validation.Failed)
        {
            throw new OptionsValidationException(ServerOptions.Section, typeof(ServerOptions), validation.Failures);
        }

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        configureLogging?.Invoke(builder.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => ConfigureKestrel(kestrel, options));
        AddServices(builder.Services, options, engine, time ?? TimeProvider.System, meter);
        _app = builder.Build();
        MapRoutes(_app, options);
    }

    /// <summary>Where the server listens, for example <c>http://127.0.0.1:8080</c>. Known once it has started.</summary>
    /// <exception cref="InvalidOperationException">The server has not started.</exception>
    public string Url =>
        _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
        ?? throw new InvalidOperationException("The server has not started.");

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken = default)
    {
        await _app.StartAsync(cancellationToken);
        _app.Services.GetRequiredService<EngineHealth>().ReportStarted();
    }

    /// <summary>Takes no new requests, lets those in flight end until the token is cancelled, then cuts them off.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default)
    {
        _app.Services.GetRequiredService<EngineHealth>().ReportStopping();
        return _app.StopAsync(cancellationToken);
    }

    /// <summary>Stops at once.</summary>
    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static void ConfigureKestrel(KestrelServerOptions kestrel, ServerOptions options)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = options.MaxBodyBytes;
        kestrel.Limits.MinResponseDataRate = null; // it allows a long reply hours; SlowReaderTimeoutSeconds holds instead
        switch (options.Host)
        {
            case "*":
                kestrel.ListenAnyIP(options.Port, BareRefusalWriter.Use);
                break;
            case "localhost" when options.Port != 0:
                kestrel.ListenLocalhost(options.Port, BareRefusalWriter.Use);
                break;
            case "localhost":
                kestrel.Listen(IPAddress.Loopback, 0, BareRefusalWriter.Use); // a free port must be the same on both loopbacks, which nobody can promise
                break;
            default:
                kestrel.Listen(
                    IPAddress.TryParse(options.Host, out IPAddress? address)
                        ? address
                        : throw new ArgumentException($"'{options.Host}' is no host to listen on: expected an IP address, 'localhost' or '*'.", nameof(options)),
                    options.Port,
                    BareRefusalWriter.Use);
                break;
        }
    }

    private static void AddServices(IServiceCollection services, ServerOptions options, IInferenceEngine engine, TimeProvider time, Meter? meter)
    {
        services.AddRoutingCore();
        services.AddMetrics();
        services.AddSingleton<IHostLifetime, UnattendedLifetime>();
        services.AddSingleton(options);
        services.AddSingleton(engine);
        services.AddSingleton(time);
        services.AddSingleton(new InstructFormat(engine.Tokenizer));
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<ModelFacts>();
        services.AddSingleton<IOwnPrices>(provider => meter is null ? new NoPrices() : new MeteredPrices(meter, provider.GetRequiredService<ModelCatalog>()));
        services.AddSingleton<EngineHealth>();
        services.AddSingleton<ServerMetrics>();
        services.AddSingleton<MetricsCollector>();
        services.AddSingleton<GenerationRunner>();
        services.AddSingleton<ImageLoader>();
        services.AddSingleton<ConstraintFactory>();
        services.AddSingleton<ChatGenerator>();
        services.AddSingleton(new ApiKeys(options, meter));
        services.AddSingleton(provider => new Accountant(meter, provider.GetRequiredService<ModelCatalog>(), engine, time, provider.GetRequiredService<ILogger<Accountant>>()));
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<ReportPlaces>();
        services.AddSingleton<LargeWork>();
        services.AddSingleton<RequestReader>();
        services.AddSingleton<ErrorBoundary>();
        services.AddSingleton<HealthEndpoints>();
        services.AddSingleton<ModelsEndpoint>();
        services.AddSingleton<ChatCompletionsEndpoint>();
        services.AddSingleton<CompletionsEndpoint>();
        services.AddSingleton<TokenizeEndpoint>();
        services.AddSingleton<MessagesEndpoint>();
        services.AddSingleton<ResponseStore>();
        services.AddSingleton<OpenApiEndpoint>();
        if (meter is not null)
        {
            services.AddSingleton(meter);
            services.AddSingleton<KeysEndpoint>();
            services.AddSingleton<AccountsEndpoint>();
            services.AddSingleton<PricesEndpoint>();
            services.AddSingleton<UsageEndpoint>();
        }

        services.AddSingleton<ResponsesEndpoint>();
        ConsoleServices.Add(services);
    }

    private static void MapRoutes(WebApplication app, ServerOptions options)
    {
        // Outermost first. Preflights are answered before a key is asked for, and errors of every layer carry the headers of those before it.
        app.Use(new BasePaths(options.AcceptProviderFields).InvokeAsync);
        app.Use(app.Services.GetRequiredService<ErrorBoundary>().InvokeAsync);
        app.Use(new CrossOrigin(options.CorsOrigins).InvokeAsync);
        app.Use(new ApiKeyGate(app.Services.GetRequiredService<ApiKeys>(), app.Services.GetRequiredService<ConsoleEndpoints>()).InvokeAsync);
        app.Use(new BodyGate(options.MaxBodyBytes, app.Services.GetRequiredService<ConsoleEndpoints>().TakesForms).InvokeAsync);
        app.UseRouting(); // said here, or it would stand in front and see the providers' paths
        app.Services.GetRequiredService<HealthEndpoints>().Map(app);
        app.Services.GetRequiredService<ModelsEndpoint>().Map(app);
        app.Services.GetRequiredService<ChatCompletionsEndpoint>().Map(app);
        app.Services.GetRequiredService<CompletionsEndpoint>().Map(app);
        app.Services.GetRequiredService<TokenizeEndpoint>().Map(app);
        app.Services.GetRequiredService<MessagesEndpoint>().Map(app);
        app.Services.GetRequiredService<ResponsesEndpoint>().Map(app);
        app.Services.GetRequiredService<OpenApiEndpoint>().Map(app);
        app.Services.GetService<KeysEndpoint>()?.Map(app);
        app.Services.GetService<AccountsEndpoint>()?.Map(app);
        app.Services.GetService<PricesEndpoint>()?.Map(app);
        app.Services.GetService<UsageEndpoint>()?.Map(app);
        app.Services.GetRequiredService<ConsoleEndpoints>().Map(app);
    }

    /// <summary>Signals of the process belong to its owner, not to a server inside it.</summary>
    private sealed class UnattendedLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
