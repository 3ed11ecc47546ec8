using System.Net;
using System.Text.Json.Nodes;
using Tramontane.Inference.Engine;
using Tramontane.Server.Console.Reference;
using Tramontane.Server.OpenApi;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Tests.Clients;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Console.Reference;

/// <summary>The API reference: whole, true to the OpenAPI document, and its samples run.</summary>
public sealed class ReferenceTests
{
    [Fact]
    public void Reference_OfTheDocument_HasEveryOperationFieldAndSchema()
    {
        ApiReference reference = ApiReference.Of(OpenApiDocument.Create(needsKey: true));
        Assert.Equal(ApiOperations.All.Select(o => $"{o.Method.ToUpperInvariant()} {o.Path}").Order(), reference.Operations.Select(o => $"{o.Method} {o.Path}").Order());
        Assert.Equal(reference.Operations.Count, reference.Operations.Select(o => o.Id).Distinct().Count());
        foreach (ApiOperation operation in ApiOperations.All)
        {
            ReferenceOperation shown = reference.Operations.Single(o => o.Path == operation.Path && string.Equals(o.Method, operation.Method, StringComparison.OrdinalIgnoreCase));
            Assert.Equal(operation.Body?.Fields.Select(f => f.Name) ?? [], shown.Fields.Select(f => f.Name));
            foreach (RequestField field in operation.Body?.Fields ?? [])
            {
                ReferenceField it = shown.Fields.Single(f => f.Name == field.Name);
                Assert.Equal((field.Support, field.IsRequired, field.Values, field.DefaultValue?.ToJsonString(), field.Note), (it.Support, it.IsRequired, it.Values, it.Default, it.Note));
            }

            Assert.All(shown.Replies.SelectMany(r => r.Schemas).Concat(shown.Errors), name => Assert.Contains(reference.Schemas, s => s.Name == name));
            Assert.NotEmpty(shown.Errors);
        }

        string[] members = [.. reference.Schemas.Single(s => s.Name == "ChatCompletion").Members.Select(m => m.Path)];
        Assert.Contains("choices[].message.content", members);
        Assert.Contains("usage.prompt_tokens_details.cached_tokens", members);
    }

    [Fact]
    public async Task Page_AndTwin_NameEveryRouteFieldAndSchemaAndEveryAnchorIsThere()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage page = await ConsoleRouteTests.GetAsync(server, "/docs");
        using HttpResponseMessage twin = await ConsoleRouteTests.GetAsync(server, "/docs.md", accept: null);
        string html = WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()), markdown = await twin.Content.ReadAsStringAsync();
        ApiReference reference = ApiReference.Of(OpenApiDocument.Create(needsKey: false));
        foreach (ReferenceOperation operation in reference.Operations)
        {
            Assert.Contains($"id=\"{operation.Id}\"", html, StringComparison.Ordinal);
            Assert.Contains($"href=\"#{operation.Id}\"", html, StringComparison.Ordinal);
            Assert.Contains($"\n## {operation.Method} {operation.Path}\n", markdown, StringComparison.Ordinal);
            Assert.All(operation.Fields, f => Assert.Matches($"<code[^>]*>{f.Name}</code>", html));
            Assert.All(operation.Fields, f => Assert.Contains($"`{f.Name}`", markdown, StringComparison.Ordinal));
        }

        foreach (ReferenceSchema schema in reference.Schemas)
        {
            Assert.Contains($"id=\"schema-{schema.Name}\"", html, StringComparison.Ordinal);
            Assert.Contains($"\n## {schema.Name}\n", markdown, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Samples_OfEveryRoute_RunAgainstTheServer()
    {
        const string Key = "tm-a-key-of-this-test";
        using InferenceEngine engine = TestModel.LoadDemo();
        await using TestLedger ledger = await TestLedger.OpenAsync();
        await using TestServer server = await TestServer.StartAsync(engine, o => o.AdminKeys.Add(Key), meter: ledger.Meter);
        using var runner = new SampleRunner(Key);
        string markdown = await server.Client.GetStringAsync(new Uri("/docs.md", UriKind.Relative));
        (string Language, string Code)[] samples = [.. SampleTests.Of(markdown)];
        Assert.True(samples.Length > ApiOperations.All.Count, $"only {samples.Length} samples were found");
        foreach ((string language, string code) in samples)
        {
            string output = await runner.RunAsync(language, code);
            bool namesNothing = code.Contains("/ID", StringComparison.Ordinal); // a place for the reader's own id: the reply says that there is none
            if (output.TrimStart().StartsWith('{') || namesNothing)
            {
                Assert.True((JsonNode.Parse(output)!["error"] is not null) == (namesNothing && !output.Contains("\"deleted\"", StringComparison.Ordinal)), $"{code}\nwrote:\n{output}");
            }
            else
            {
                Assert.NotEqual("", output.Trim());
            }
        }
    }
}
