using System.Globalization;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;

namespace Tramontane.Server.Console.Pages;

/// <summary>The guides: which task suits the model, hosting it oneself, licence and data.</summary>
internal static class GuidePages
{
    /// <summary><c>/best-llm-for</c>.</summary>
    internal sealed class BestFor : IConsolePage
    {
        public PageInfo Info { get; } = new("/best-llm-for", "Best for", "Which tasks suit the model and which do not, and what to take instead.", NavigationPlace.Guide, 10) { ShortcutKey = 'b' };

        public ValueTask<PageContent> BuildAsync(PageRequest request)
        {
            Guides guides = Guides.Current;
            string date = guides.AsOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            Section Of(string id, string title, string fit) => new(id, title, new CardList([.. guides.Tasks.Where(t => t.Fit == fit).Select(t => new Card(t.Task, t.Why))])) { Editorial = date };
            IReadOnlyList<SimilarModel> similar = Similarity.RelatedTo(Comparison.Current.Served, Comparison.Current);
            return ValueTask.FromResult(new DocumentModel(
                "Best for",
                "Mistral Small 3.2 is a small, quick, open model with eyes and tools. This is what it does well, what it does with care, and what other models should do.",
                [
                    Of("good", "Take it for", "good"),
                    Of("partly", "Try it for", "partly"),
                    Of("poor", "Take another for", "poor"),
                    new Section("alternatives", "Alternatives by likeness", new DataTable(
                        "Capabilities count for half of the likeness, context and price tier for a quarter each. Sources and prices: [comparison](/cost#comparison).",
                        [new("Model"), new("Alike", true), new("Why"), new("Context", true), new("Parameters", true), new("Licence"), new("Source, as of")],
                        [.. similar.Select(s => new TableRow(
                            [$"[{s.Model.Name}]({s.Model.Url})", $"{s.Score} %", string.Join(", ", s.Reasons), Number(s.Model.Context),
                                string.Create(CultureInfo.InvariantCulture, $"{s.Model.Parameters} billion"), s.Model.License, s.Model.Source.ToText()]))])),
                ]).ToPage(Info, request));
        }
    }

    /// <summary><c>/self-hosted</c>.</summary>
    internal sealed class SelfHosted(ModelFacts facts) : IConsolePage
    {
        // Mistral Small 3.2: 40 layers, 8 key-value heads of 128; keys and values; two bytes each, or 34 per 32 in Q8_0.
        private const long CacheElementsPerToken = 40L * 8 * 128 * 2;

        public PageInfo Info { get; } = new("/self-hosted", "Self-hosted", "What it takes to run the model yourself: hardware, memory, commands.", NavigationPlace.Guide, 20) { ShortcutKey = 's' };

        public ValueTask<PageContent> BuildAsync(PageRequest request) => ValueTask.FromResult(new DocumentModel(
            "Self-hosted",
            "Mistral has retired the model from its own API on 2026-07-31; the weights stay. This page says what it takes to run them, with this program or another.",
            [
                new Section("here", "This server", new FactList(
                [
                    new("Serves", $"{facts.Name} (`{facts.FileName}`)"),
                    new("Weight format", facts.WeightFormatText, "quantisation"),
                    new("Context", $"{Number(facts.ContextLength)} tokens", "context"),
                    new("Images", facts.TakesImages ? "yes" : "no: started without a vision encoder"),
                ])),
                new Section("memory", "Memory",
                    new Paragraph("Weights are mapped from their file; beside them stands the cache of keys and values, so much per token of every conversation that runs at once."),
                    new DataTable("Weights of Mistral Small 3.2 as GGUF files: 23.6 billion parameters by the bits of each format.",
                        [new("Format"), new("Weights", true), new("Remark")],
                        [
                            new(["Q4_K_M", "about 14 GB", "the usual choice for one card of 24 GB or a workstation"]),
                            new(["Q8_0", "about 25 GB", "close to the original"]),
                            new(["BF16", "47 GB", "as published"]),
                        ]),
                    new DataTable($"Cache for one conversation: {Number(CacheElementsPerToken * 2)} bytes a token in F16, {Number(CacheElementsPerToken * 34 / 32)} in Q8_0.",
                        [new("Context", true), new("F16", true), new("Q8_0", true)],
                        [.. ((int[])[8192, 32_768, 131_072]).Select(tokens => new TableRow([Number(tokens), Gibibytes(tokens * CacheElementsPerToken * 2), Gibibytes(tokens * CacheElementsPerToken * 34 / 32)]))])),
                new Section("steps", "In five steps", new ItemList(
                [
                    "Get the weights: a GGUF file of [Mistral-Small-3.2-24B-Instruct-2506](https://huggingface.co/mistralai/Mistral-Small-3.2-24B-Instruct-2506), and `mmproj*.gguf` for images.",
                    "Look: `./tramontane inspect FILE.gguf` says what is in it and what memory it needs.",
                    "Serve: `./tramontane serve --model FILE.gguf --ctx 16384`. For images lay the vision encoder beside it or name it with `--mmproj`.",
                    "Let others in: `--host 0.0.0.0 --api-key KEY`, behind a proxy that speaks TLS, and `--public-url` with the address that users see.",
                    "Measure: `./tramontane bench --model FILE.gguf`, and put the tokens per second into the [cost calculator](/cost).",
                ], IsNumbered: true)),
                new Section("worth", "Is it worth it?", new Paragraph("It is where data must stay, where use is steady, or where the model is no longer hosted. [Cost](/cost) computes from how many requests a day own hardware is cheaper than a price.")),
            ]).ToPage(Info, request));
    }

    /// <summary><c>/compliance</c>.</summary>
    internal sealed class Compliance(ServerOptions options, ApiKeys keys, ModelFacts facts) : IConsolePage
    {
        public PageInfo Info { get; } = new("/compliance", "Compliance", "Licences, where data goes, what is kept and for how long.", NavigationPlace.Guide, 30) { ShortcutKey = 'x' };

        public ValueTask<PageContent> BuildAsync(PageRequest request) => ValueTask.FromResult(new DocumentModel(
            "Compliance",
            "Licences, the way of the data through this server, and what is kept. Facts for those who must judge; no legal advice.",
            [
                new Section("licence", "Licences", new FactList(
                [
                    new("Weights", facts.IsDemo
                        ? "The demo model: Apache-2.0, with this program. Mistral Small 3.2: Apache-2.0 ([model card](https://huggingface.co/mistralai/Mistral-Small-3.2-24B-Instruct-2506))."
                        : (facts.License is { } license ? $"`{facts.FileName}` says: {license}. " : $"`{facts.FileName}` does not say. ") + "Mistral AI's own weights: Apache-2.0 ([model card](https://huggingface.co/mistralai/Mistral-Small-3.2-24B-Instruct-2506)): commercial use, changes and redistribution are allowed."),
                    new("Program", "Tramontane, Apache-2.0."),
                    new("Fonts of these pages", "Inter and JetBrains Mono, SIL Open Font License 1.1, served by this server."),
                ])),
                new Section("data", "The way of the data",
                    new ItemList(
                    [
                        "A request comes over HTTP to this process. TLS is the task of a proxy in front of it.",
                        "Prompt and images are turned into tokens and computed here, on this machine. No other service is asked.",
                        options.Images.FetchRemote && facts.TakesImages
                            ? "Images that a request names by address are fetched from there, under an egress policy that refuses " + (options.Images.AllowPrivateNetworks ? "link-local addresses" : "private and link-local addresses") + "; the request's key and headers are not passed on."
                            : "Images are taken inside requests alone: this server connects to nobody.",
                        "The answer goes back over the same connection.",
                    ], IsNumbered: true)),
                new Section("kept", "What is kept", new DataTable("As this server is configured now.",
                    [new("What"), new("Where"), new("How long")],
                    [
                        new(["Prompts and answers while they are computed", "memory", "until the answer has ended"]),
                        new(["Beginnings of prompts (prefix cache)", "memory, apart for each key; on disk with `--prefix-file`", "until the memory is needed, or the server stops"]),
                        new(["Replies of `/v1/responses`", options.StoreResponses ? "memory" : "nowhere: switched off", options.StoreResponses ? $"the last {Number(options.MaxStoredResponses)} of a key, until deleted or the server stops" : "–"]),
                        new(["Request ids, token counts, cost, times, outcome", "metering database and log, where configured", "as the operator decides"]),
                        new(["Texts of prompts and answers in logs", "nowhere", "–"]),
                        new(["API keys", "as SHA-256 hashes", "until deleted"]),
                        keys.IsOpen
                            ? new(["Cookies", "none: nobody signs in while the server has no key", "–"])
                            : new(["Cookies", "one in your browser, after signing in at [/usage](/usage) or [/keys](/keys): random bits, for this server alone", "until you sign out, eight hours without use, or the server stops"]),
                        new(["Theme, chosen tabs, open panels, shortcuts", "your browser's local storage", "until you delete it"]),
                        new(["Conversations of the playground", "your browser's database (IndexedDB), never this server", "until you delete them there"]),
                        new(["A key that you type into the playground or the reference", "your browser's storage of the tab", "until the tab closes"]),
                        new(["Trackers, calls to other hosts from these pages", "none", "–"]),
                    ])),
                new Section("access", "Access", new FactList(
                [
                    new("Keys", keys.IsOpen ? "None is configured: whoever reaches this server may use it." : "Needed for every request but health checks and " + (options.Console.Visibility == ConsoleVisibility.Private ? "nothing else; these pages ask for one too." : "these pages.")),
                    new("Browser pages of other origins", options.CorsOrigins.Contains("*") ? "May call the API with a key of their own; cookies are never used." : "May call the API from: " + string.Join(", ", options.CorsOrigins.Select(o => $"`{o}`")) + "."),
                    new("Control tokens", "No text of a request can become one: what a user writes is never read as the format's own marks."),
                ])),
                new Section("ai-act", "Duties of the operator", new ItemList(
                [
                    "Who runs this server decides on purposes and means and is responsible for the data that users send.",
                    "Tell people that they speak with a machine where the law asks for it; answers can be wrong.",
                    "Mistral's statements on training data and evaluation are on its own [documentation](https://github.com/mistralai/platform-docs-public).",
                ])),
            ]).ToPage(Info, request));
    }

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Gibibytes(long bytes) => (bytes / (double)(1 << 30)).ToString("0.0#", CultureInfo.InvariantCulture) + " GiB";
}
