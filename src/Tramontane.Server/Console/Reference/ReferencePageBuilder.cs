using System.Text.Json.Nodes;
using Tramontane.Server.Auth;
using Tramontane.Server.Catalog;
using Tramontane.Server.Console.Rendering;
using Tramontane.Server.Console.SampleCode;
using Tramontane.Server.OpenApi;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Console.Reference;

/// <summary>A route as the page shows it.</summary>
/// <param name="Operation">What the document says.</param>
/// <param name="Section">The same as text.</param>
/// <param name="Body">What stands in the form to try it; null without a body.</param>
internal sealed record ReferenceEntry(ReferenceOperation Operation, Section Section, string? Body);

/// <summary>What the page shows.</summary>
internal sealed record ReferenceModel(IReadOnlyList<(string Title, IReadOnlyList<ReferenceEntry> Entries)> Groups, Section SchemaIntroduction, IReadOnlyList<Section> Schemas, bool NeedsKey);

/// <summary><c>/docs</c>: every route, from the OpenAPI document that the server itself makes.</summary>
internal sealed class ReferencePageBuilder(ModelFacts facts, ApiKeys keys) : IConsolePage
{
    private const string Lead = "Every route of this server, made from its own [OpenAPI document](/openapi.json): what it reads, what it answers, and what becomes of fields that other servers know.";

    private static readonly Section s_schemas = new(
        "schemas", "Schemas", new Paragraph("Replies, events of streams and errors. The [OpenAPI document](/openapi.json) has them as JSON Schema."));

    private readonly Lazy<ApiReference> _reference = new(() => ApiReference.Of(OpenApiDocument.Create(!keys.IsOpen)));

    public PageInfo Info { get; } = new("/docs", "API", "Every route of this server: parameters, fields, replies, streams, errors, samples.", NavigationPlace.Bar, 15);

    public ValueTask<PageContent> BuildAsync(PageRequest request)
    {
        ApiReference reference = _reference.Value;
        ReferenceEntry[] entries = [.. reference.Operations.Select(o => Entry(o, request.BaseUrl))];
        (string, IReadOnlyList<ReferenceEntry>)[] groups =
        [
            .. entries.GroupBy(e => GroupOf(e.Operation)).Select(g => (g.Key, (IReadOnlyList<ReferenceEntry>)[.. g])),
        ];
        Section[] schemas = [.. reference.Schemas.Select(s => new Section($"schema-{s.Name}", s.Name, new DataTable(
            $"Members of {s.Name}.", [new("Member"), new("Type")], [.. s.Members.Select(m => new TableRow([$"`{m.Path}`", Code(m.Type)]))])))];
        return ValueTask.FromResult(new PageContent("API reference", typeof(ReferencePage), new ReferenceModel(groups, s_schemas, schemas, !keys.IsOpen))
        {
            Scripts = ["reference/reference.js"],
            Styles = ["reference/reference.css"],
            Markdown = MarkdownWriter.Write(Info, "API reference", Lead, "article", request, [.. entries.Select(e => e.Section), s_schemas, .. schemas]),
        });
    }

    private static string GroupOf(ReferenceOperation operation) => operation.Path switch
    {
        "/v1/messages" or "/v1/messages/count_tokens" => "Anthropic's API",
        _ when operation.IsAdministration => "Administration",
        _ when operation.Path.StartsWith("/v1/usage", StringComparison.Ordinal) => "Usage",
        _ when operation.Path.StartsWith("/v1/", StringComparison.Ordinal) => "OpenAI's API",
        "/tokenize" or "/detokenize" => "Tokens",
        _ => "Operations",
    };

    private ReferenceEntry Entry(ReferenceOperation operation, string baseUrl)
    {
        JsonObject? body = operation.Example?.DeepClone().AsObject();
        if (body?["model"] is not null)
        {
            body["model"] = facts.Id;
        }

        List<Block> blocks = [new Paragraph(operation.Summary)];
        if (operation.Parameters.Count > 0)
        {
            blocks.Add(new DataTable($"Parameters of {operation.Method} {operation.Path}.", [new("Name"), new("Values"), new("What it does")],
                [.. operation.Parameters.Select(p => new TableRow([$"`{p.Name}`", p.Values, p.Note.Length > 0 ? p.Note : "–"]))]));
        }

        AddFields(blocks, operation);
        blocks.Add(new ItemList(
        [
            .. operation.Replies.Select(r => $"**{operation.Status}**, `{r.MediaType}`: {(r.Schemas.Count == 0 ? "text" : Links(r.Schemas))}{(r.MediaType == "text/event-stream" ? ", one of them in the `data` of each event" : "")}"),
            $"**Errors**: {Links(operation.Errors)}, with a status of 400 and more",
        ]));
        IReadOnlyList<SampleTemplate> templates = RequestSamples.Create(
            operation.Method, baseUrl + operation.Path.Replace("{id}", "ID", StringComparison.Ordinal), operation.Example is not null, !keys.IsOpen, SampleReply.Json);
        // Administration and plain reads are for shells; what programs send is shown in their languages.
        int languages = body is not null && !operation.IsAdministration ? templates.Count : 1;
        blocks.Add(new Samples($"{operation.Id}-sample", $"{operation.Method} {operation.Path}", [.. templates.Take(languages).Select(t => t.Fill(body))]));
        return new ReferenceEntry(operation, new Section(operation.Id, $"{operation.Method} {operation.Path}", blocks), body is null ? null : JsonLiteral.Of("json", body));
    }

    private static void AddFields(List<Block> blocks, ReferenceOperation operation)
    {
        ReferenceField[] supported = [.. operation.With(FieldSupport.Supported)], ignored = [.. operation.With(FieldSupport.Ignored)], refused = [.. operation.With(FieldSupport.Refused)];
        if (supported.Length > 0)
        {
            blocks.Add(new DataTable($"Fields of {operation.Method} {operation.Path}.", [new("Field"), new("Values"), new("Default"), new("What it does")],
                [.. supported.Select(f => new TableRow([$"`{f.Name}`{(f.IsRequired ? " **required**" : "")}", f.Values, f.Default is null ? "–" : $"`{f.Default}`", f.Note]))]));
        }

        if (ignored.Length > 0)
        {
            blocks.Add(new Paragraph($"Accepted without effect, and named in the reply header `x-ignored-fields`: {string.Join(", ", ignored.Select(f => $"`{f.Name}`"))}."));
        }

        if (refused.Length > 0)
        {
            blocks.Add(new DataTable($"Refused by {operation.Method} {operation.Path} with 400, unless empty.", [new("Field"), new("Why")], [.. refused.Select(f => new TableRow([$"`{f.Name}`", f.Note]))]));
        }
    }

    private static string Links(IReadOnlyList<string> names) => string.Join(" or ", names.Select(n => $"[{n}](#schema-{n})"));

    /// <summary>Types may hold quotes and nothing that ends inline code.</summary>
    private static string Code(string type) => type.Replace("`", "", StringComparison.Ordinal);
}
