using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Tramontane.Cli.CommandLine;
using Tramontane.Cli.Metering;
using Tramontane.Cli.Models;
using Tramontane.Cli.Serving;
using Tramontane.Cli.Terminal;
using Tramontane.Inference.Engine;
using Tramontane.Metering;
using Tramontane.Server;

namespace Tramontane.Cli.Commands;

/// <summary><c>tramontane serve</c>: the HTTP server over one model.</summary>
internal static class ServeCommand
{
    private const int MinPoolThreads = 64;

    // Requests in flight when the server is asked to stop have this long to end.
    private const int GraceSeconds = 30;

    private static readonly Option<string> s_host = new("--host")
    {
        Description = "Where to listen: an IP address, localhost, or * for every address of the machine.", HelpName = "HOST", DefaultValueFactory = _ => "127.0.0.1",
    };

    private static readonly Option<int> s_port = Arguments.Integer("--port", "TCP port; 0 takes a free one.", 8080, 0, 65535);

    private static readonly Option<string[]> s_keys = new("--api-key")
    {
        Description = "A key with which clients may ask the model, sent as a bearer token; may be given several times.", HelpName = "KEY",
    };

    private static readonly Option<string[]> s_adminKeys = new("--admin-key")
    {
        Description = "A key that may do everything: also read all usage, and manage keys, accounts and prices here and in the console. May be given several times.", HelpName = "KEY",
    };

    private static readonly Option<bool> s_open = new("--insecure-no-auth") { Description = "Let other machines in without a key." };

    private static readonly Option<string[]> s_names = new("--served-model-name")
    {
        Description = "A further name that requests may give the model; the first becomes its id; claude-* stands for all that begin so. May be given several times.", HelpName = "NAME",
    };

    private static readonly Option<bool> s_anyModel = new("--accept-any-model") { Description = "Answer requests for whatever model." };

    private static readonly Option<string[]> s_origins = new("--cors-origin")
    {
        Description = "A web origin whose pages may call the server. Left out: every origin. May be given several times.", HelpName = "ORIGIN",
    };

    private static readonly Option<bool> s_strict = new("--strict-params") { Description = "Refuse fields that nobody knows instead of naming them in a reply header." };

    private static readonly Option<double> s_temperature = new("--default-temperature")
    {
        Description = "Temperature of requests that give none, from 0 to 2.", HelpName = "T", DefaultValueFactory = _ => 1,
    };

    private static readonly Option<int> s_requests = Arguments.Integer("--requests-per-minute", "Requests that one key may make in a minute; 0 for any number.", 0, 0, 1_000_000);

    private static readonly Option<int> s_tokens = Arguments.Integer("--tokens-per-minute", "Tokens that one key may use in a minute; 0 for any number.", 0, 0, 1_000_000_000);

    private static readonly Option<bool> s_noStore = new("--no-stored-responses") { Description = "Keep no replies of /v1/responses." };

    private static readonly Option<bool> s_noProviderFields = new("--no-provider-fields") { Description = "Read neither the key nor the model's name from a provider's own body fields." };

    private static readonly Option<bool> s_noImageFetch = new("--no-image-fetch") { Description = "Take images only inside requests; never fetch one from an address." };

    private static readonly Option<bool> s_privateImages = new("--allow-private-images")
    {
        Description = "Fetch images from private networks and this machine too; never from link-local addresses, where clouds serve their metadata.",
    };

    private static readonly Option<string[]> s_imageOrigins = new("--image-origin")
    {
        Description = "An origin to fetch images from whatever its address is, such as http://127.0.0.1:9000. May be given several times.", HelpName = "ORIGIN",
    };

    private static readonly Option<string> s_console = new("--console")
    {
        Description = "Who may see the pages: public, private (with a key as password) or off.", HelpName = "WHO", DefaultValueFactory = _ => "public",
    };

    private static readonly Option<string> s_publicUrl = new("--public-url")
    {
        Description = "The server's address as its users know it, for samples and links; left out: what the browser calls it.", HelpName = "URL",
    };

    private static readonly Option<string[]> s_links = new("--console-link")
    {
        Description = "A link in the pages' footer, such as \"Support=https://example.com/help\". May be given several times.", HelpName = "LABEL=URL",
    };

    public static (Command Command, IReadOnlyList<string> Examples) Create()
    {
        var command = new Command("serve", "Serve a model over HTTP, as the APIs of OpenAI, Anthropic and Mistral do.");
        var engine = new EngineArguments();
        engine.AddTo(command, oneSequence: false);
        var metering = new MeteringArguments();
        metering.AddTo(command);
        foreach (Option option in (Option[])[s_host, s_port, s_keys, s_adminKeys, s_open, s_names, s_anyModel, s_origins, s_strict, s_temperature, s_requests, s_tokens, s_noStore, s_noProviderFields,
            s_noImageFetch, s_privateImages, s_imageOrigins, s_console, s_publicUrl, s_links])
        {
            command.Options.Add(option);
        }

        command.SetBody(async result =>
        {
            ServerOptions server = ReadServerOptions(result);
            EngineOptions options = engine.Read(result);
            await using Meter meter = await metering.OpenAsync(result, serves: true, server.Port == 0 ? null : $"{Environment.MachineName}:{server.Port}");
            if (server.RequireKey && server.ApiKeys.Count + server.AdminKeys.Count == 0 && meter.Keys.IsEmpty)
            {
                throw new CommandFailure(
                    $"--host {server.Host} lets other machines in: make a key with 'tramontane keys create', set --api-key, or say --insecure-no-auth if that is meant.", CommandFailure.Usage);
            }

            await ServeAsync(options, server, meter);
        });
        return (command,
        [
            "tramontane serve                                     the demo model on http://127.0.0.1:8080",
            "tramontane serve --model model.gguf --ctx 16384      a real one, with longer conversations",
            "tramontane serve --host 0.0.0.0 --api-key \"$KEY\"     for other machines too",
            "curl http://127.0.0.1:8080/v1/chat/completions -H 'Content-Type: application/json' \\",
            "  -d '{\"model\":\"tramontane-demo\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'",
        ]);
    }

    private static ServerOptions ReadServerOptions(ParseResult result)
    {
        var options = new ServerOptions { Host = result.GetValue(s_host)!, Port = result.GetValue(s_port), AcceptAnyModel = result.GetValue(s_anyModel) };
        options.StrictParams = result.GetValue(s_strict);
        options.DefaultTemperature = result.GetValue(s_temperature);
        options.RequestsPerMinute = result.GetValue(s_requests);
        options.TokensPerMinute = result.GetValue(s_tokens);
        options.StoreResponses = !result.GetValue(s_noStore);
        options.AcceptProviderFields = !result.GetValue(s_noProviderFields);
        if (options.DefaultTemperature is not (>= 0 and <= 2))
        {
            throw new CommandFailure("--default-temperature is out of range: give it a number from 0 to 2.", CommandFailure.Usage);
        }

        foreach ((Option<string[]> option, IList<string> keys) in ((Option<string[]>, IList<string>)[])[(s_keys, options.ApiKeys), (s_adminKeys, options.AdminKeys)])
        {
            foreach (string key in result.GetValue(option) ?? [])
            {
                keys.Add(key.Length > 0 ? key : throw new CommandFailure($"{option.Name} is empty: give it a key, or leave it out.", CommandFailure.Usage));
            }
        }

        foreach (string name in result.GetValue(s_names) ?? [])
        {
            options.ServedModelNames.Add(name);
        }

        if (result.GetValue(s_origins) is { Length: > 0 } origins)
        {
            options.CorsOrigins.Clear();
            foreach (string origin in origins)
            {
                options.CorsOrigins.Add(origin);
            }
        }

        (options.Images.FetchRemote, options.Images.AllowPrivateNetworks) = (!result.GetValue(s_noImageFetch), result.GetValue(s_privateImages));
        foreach (string origin in result.GetValue(s_imageOrigins) ?? [])
        {
            options.Images.AllowedOrigins.Add(Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && (uri.Scheme is "http" or "https")
                ? origin
                : throw new CommandFailure($"--image-origin takes an origin such as http://127.0.0.1:9000, found '{origin}'.", CommandFailure.Usage));
        }

        ConsoleArguments.Read(options.Console, result.GetValue(s_console)!, result.GetValue(s_publicUrl), result.GetValue(s_links) ?? []);
        if (options.Host is not ("localhost" or "*") && !IPAddress.TryParse(options.Host, out _))
        {
            throw new CommandFailure($"'{options.Host}' is no address to listen on: give --host an IP address, localhost or *.", CommandFailure.Usage);
        }

        bool isLocal = options.Host == "localhost" || (IPAddress.TryParse(options.Host, out IPAddress? address) && IPAddress.IsLoopback(address));
        options.RequireKey = !isLocal && !result.GetValue(s_open);
        return options;
    }

    private static async Task ServeAsync(EngineOptions options, ServerOptions serverOptions, Meter meter)
    {
        // Bodies are parsed and tokenised on the pool's threads. With no more threads than processors, a few bodies of megabytes
        // would keep a health check waiting for seconds; with these, the system shares the processors among them.
        ThreadPool.SetMinThreads(MinPoolThreads, MinPoolThreads);
        using var signals = new StopSignals();
        using InferenceEngine engine = ModelLoading.Load(options);
        ModelLoading.Describe(engine, options);
        await using var host = new ServerHost(serverOptions, engine, ConfigureLogging, meter: meter);
        try
        {
            await host.StartAsync();
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new CommandFailure($"Cannot listen on port {serverOptions.Port} of {serverOptions.Host} ({exception.Message.TrimEnd('.')}): choose another --port, or 0 for a free one.");
        }

        Console.Out.WriteLine($"Tramontane serves {engine.Model.Name} on {host.Url}");
        await signals.First;
        Notices.Warn($"Stopping. Answers under way have {GraceSeconds} seconds; Ctrl-C again cuts them off.");
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(signals.Second);
        deadline.CancelAfter(TimeSpan.FromSeconds(GraceSeconds));
        await host.StopAsync(deadline.Token);
        engine.Dispose();
        if (options.PrefixFile is { } file)
        {
            ModelLoading.WarnOfPrefixFile(engine, file);
        }
    }

    private static void ConfigureLogging(ILoggingBuilder logging) => logging.SetMinimumLevel(LogLevel.Warning)
        .AddSimpleConsole(console => console.SingleLine = true)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
