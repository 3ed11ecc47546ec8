// Puts a load on a server and prints what its users would feel: time to the first token, time between tokens, tokens per second.
//   dotnet run -c Release --project bench/Tramontane.LoadGenerator -- --url http://127.0.0.1:8080/v1 --seconds 60 \
//     --class chat,rate=0.5,prompt=100,output=200 --class document,rate=0.05,prompt=3000,output=20
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tramontane.LoadGenerator;

var url = new Option<string>("--url") { Description = "The API's base address.", DefaultValueFactory = _ => "http://127.0.0.1:8080/v1" };
var model = new Option<string>("--model") { Description = "Model to ask for.", DefaultValueFactory = _ => "tramontane-demo" };
var key = new Option<string?>("--api-key") { Description = "Key to send." };
var seconds = new Option<double>("--seconds") { Description = "How long requests arrive.", DefaultValueFactory = _ => 30 };
var seed = new Option<int>("--seed") { Description = "Of arrivals and prompts.", DefaultValueFactory = _ => 1 };
var pid = new Option<int?>("--pid") { Description = "The server's process on this machine: its memory is watched, and its processor time when all is done." };
var json = new Option<bool>("--json") { Description = "Print JSON." };
var classes = new Option<RequestClass[]>("--class")
{
    Description = "A kind of request: name,rate=N or parallel=N,prompt=WORDS,shared=WORDS,output=TOKENS,distinct=N,abort=SHARE. May be given several times.",
    Required = true,
    CustomParser = result =>
    {
        try
        {
            return [.. result.Tokens.Select(token => RequestClass.Parse(token.Value))];
        }
        catch (FormatException exception)
        {
            result.AddError(exception.Message);
            return [];
        }
    },
};

var root = new RootCommand("Puts a load on a server that speaks OpenAI's chat completions.") { url, model, key, seconds, seed, pid, json, classes };
root.SetAction(async (result, cancellationToken) =>
{
    var address = new Uri(result.GetValue(url)!.TrimEnd('/') + "/");
    using var client = new Client(address, result.GetValue(model)!, result.GetValue(key));
    RequestClass[] kinds = result.GetValue(classes)!;
    using ServerWatch? watch = result.GetValue(pid) is { } process ? new ServerWatch(process) : null;
    var clock = Stopwatch.StartNew();
    IReadOnlyCollection<Outcome> outcomes = await new Load(client, result.GetValue(seed)).RunAsync(kinds, TimeSpan.FromSeconds(result.GetValue(seconds)), cancellationToken);
    ClassReport[] reports = [.. kinds.Select(kind => ClassReport.Of(kind.Name, [.. outcomes.Where(o => o.Class == kind)], clock.Elapsed))];
    if (result.GetValue(json))
    {
        Console.WriteLine(JsonSerializer.Serialize(reports, ReportJson.Default.ClassReportArray));
    }
    else
    {
        Print(reports);
    }

    if (watch is not null)
    {
        Console.Error.WriteLine(await watch.ReportAsync());
    }

    return reports.Any(r => r.Errors.Count > 0) ? 1 : 0;
});
return await root.Parse(args).InvokeAsync();

static void Print(ClassReport[] reports)
{
    Console.WriteLine($"{"class",-12}{"requests",9}{"errors",8}{"prompt",9}{"cached",9}{"output",8}{"tok/s",8}   first p50/p95/p99 ms      token p50/p95/p99 ms");
    foreach (ClassReport r in reports)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{r.Name,-12}{r.Requests,9}{r.Errors.Values.Sum(),8}{r.PromptTokens,9}{r.CachedTokens,9}{r.CompletionTokens,8}{r.CompletionTokensPerSecond,8:F1}   {Row(r.TimeToFirst),-26}{Row(r.InterToken)}"));
        foreach ((string error, int count) in r.Errors)
        {
            Console.WriteLine($"  {count} × {error}");
        }
    }
}

static string Row(Percentiles p) => string.Create(CultureInfo.InvariantCulture, $"{p.P50:F1} / {p.P95:F1} / {p.P99:F1}");
