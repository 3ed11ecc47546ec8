using Microsoft.Extensions.DependencyInjection;
using Tramontane.Server.Console.Assets;
using Tramontane.Server.Console.Keys;
using Tramontane.Server.Console.Pages;
using Tramontane.Server.Console.Playground;
using Tramontane.Server.Console.Reference;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.Sessions;
using Tramontane.Server.Console.Usage;

namespace Tramontane.Server.Console;

/// <summary>The console's parts. A new page is one more line here.</summary>
internal static class ConsoleServices
{
    internal static void Add(IServiceCollection services)
    {
        services.AddSingleton<AssetStore>();
        services.AddSingleton<ConsoleSite>();
        services.AddSingleton<ConsoleGate>();
        services.AddSingleton<PageRenderer>();
        services.AddSingleton<ConsoleEndpoints>();
        services.AddSingleton<IConsolePage, ModelPageBuilder>();
        services.AddSingleton<IConsolePage, CostPage>();
        services.AddSingleton<IConsolePage, GuidePages.BestFor>();
        services.AddSingleton<IConsolePage, GuidePages.SelfHosted>();
        services.AddSingleton<IConsolePage, GuidePages.Compliance>();
        services.AddSingleton<IConsolePage, PlaygroundPageBuilder>();
        services.AddSingleton<IConsolePage, ReferencePageBuilder>();
        services.AddSingleton<IConsolePage, GlossaryPage>();
        services.AddSingleton<SessionStore>();
        services.AddSingleton<SessionGate>();
        services.AddSingleton<SignInLimit>();
        services.AddSingleton<PrivateRoutes>();
        services.AddSingleton<SignInForms>();
        services.AddSingleton<UsageLoader>();
        services.AddSingleton<KeysView>();
        services.AddSingleton<KeyForms>();
        services.AddSingleton<UsagePage>();
        services.AddSingleton<IConsolePage>(provider => provider.GetRequiredService<UsagePage>());
        services.AddSingleton<IConsolePage, KeysPage>();
    }
}
