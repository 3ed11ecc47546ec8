using System.Globalization;
using System.Text.Json;

namespace Tramontane.Grammar.JsonSchema;

/// <summary>One place of a schema document.</summary>
/// <param name="Element">The schema there.</param>
/// <param name="Pointer">JSON Pointer from the document's root.</param>
/// <param name="BaseUri">What relative references in it are relative to; empty when nothing says so.</param>
internal sealed record SchemaPlace(JsonElement Element, string Pointer, string BaseUri)
{
    /// <summary>The schema under a keyword, an index or a name.</summary>
    public SchemaPlace Child(string token, JsonElement element) =>
        new(element, $"{Pointer}/{token.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", SchemaDocument.BaseOf(element, BaseUri));

    public SchemaPlace Child(string keyword, int index, JsonElement element) =>
        new(element, $"{Pointer}/{keyword}/{index.ToString(CultureInfo.InvariantCulture)}", SchemaDocument.BaseOf(element, BaseUri));
}

/// <summary>A schema document: its places, identifiers and references. References to other documents are refused.</summary>
internal sealed class SchemaDocument
{
    private static readonly string[] s_maps = ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"];
    private static readonly string[] s_schemas =
    [
        "additionalProperties", "propertyNames", "items", "prefixItems", "additionalItems", "contains", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
        "unevaluatedProperties", "unevaluatedItems", "contentSchema",
    ];

    // Whose dialects are JSON Schema's own, or that with fields of its own added.
    private static readonly HashSet<string> s_dialectHosts = new(StringComparer.OrdinalIgnoreCase) { "json-schema.org", "www.json-schema.org", "iglucentral.com", "json.schemastore.org" };

    private readonly Dictionary<string, SchemaPlace> _identified = new(StringComparer.Ordinal);
    private readonly Dictionary<(string BaseUri, string Reference), SchemaPlace> _resolved = [];
    private readonly HashSet<string> _dynamicAnchors = new(StringComparer.Ordinal);
    private readonly int _maxDepth;

    public SchemaDocument(JsonElement root, int maxDepth)
    {
        _maxDepth = maxDepth;
        Root = new SchemaPlace(root, "", BaseOf(root, ""));
        CheckDialect(root);
        IgnoresBesideReference = root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$schema", out JsonElement dialect)
            && dialect.ValueKind == JsonValueKind.String && dialect.GetString() is string name
            && (name.Contains("draft-03", StringComparison.Ordinal) || name.Contains("draft-04", StringComparison.Ordinal)
                || name.Contains("draft-06", StringComparison.Ordinal) || name.Contains("draft-07", StringComparison.Ordinal));
        _identified[WithoutFragment(Root.BaseUri)] = Root;
        _identified[""] = Root;
        Register(Root, 0);
    }

    public SchemaPlace Root { get; }

    /// <summary>Up to draft 7, keywords beside $ref have no effect.</summary>
    public bool IgnoresBesideReference { get; }

    /// <summary>The base URI inside a schema: its identifier, resolved against the base outside.</summary>
    public static string BaseOf(JsonElement schema, string outer)
    {
        if (schema.ValueKind != JsonValueKind.Object)
        {
            return outer;
        }

        foreach (string keyword in (ReadOnlySpan<string>)["$id", "id"])
        {
            if (schema.TryGetProperty(keyword, out JsonElement id) && id.ValueKind == JsonValueKind.String
                && id.GetString() is { Length: > 0 } text && text[0] != '#')
            {
                return Resolve(outer, text);
            }
        }

        return outer;
    }

    /// <summary>The schema that a reference names.</summary>
    /// <exception cref="GrammarException">There is none in this document.</exception>
    public SchemaPlace Find(SchemaPlace from, string reference)
    {
        var key = (from.BaseUri, reference);
        if (!_resolved.TryGetValue(key, out SchemaPlace? place))
        {
            place = Lookup(from, reference) ?? throw new GrammarException($"The reference '{Shorten(reference)}' names no schema in this document; only references inside the document are followed.", $"{from.Pointer}/$ref");
            _resolved.Add(key, place);
        }

        return place;
    }

    /// <summary>Whether a $dynamicRef means the same as a $ref: its fragment is no dynamic anchor of the document, or the only one.</summary>
    public bool IsStatic(string dynamicReference)
    {
        int hash = dynamicReference.IndexOf('#', StringComparison.Ordinal);
        string fragment = hash < 0 ? "" : dynamicReference[(hash + 1)..];
        return fragment.Length == 0 || fragment[0] == '/' || !_dynamicAnchors.Contains(fragment) || !_dynamicAnchors.Contains(fragment + "#2");
    }

    // A dialect of somebody's own may give the keywords another meaning, or none.
    private static void CheckDialect(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$schema", out JsonElement dialect) && dialect.ValueKind == JsonValueKind.String
            && dialect.GetString() is string name && Uri.TryCreate(name, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            && !s_dialectHosts.Contains(uri.Host))
        {
            throw new GrammarException($"The dialect '{Shorten(name)}' is not known; use one of json-schema.org or leave $schema out.", "/$schema");
        }
    }

    private SchemaPlace? Lookup(SchemaPlace from, string reference)
    {
        string absolute = Resolve(from.BaseUri, reference);
        if (_identified.TryGetValue(absolute, out SchemaPlace? exact))
        {
            return exact;
        }

        int hash = absolute.IndexOf('#', StringComparison.Ordinal);
        string resource = hash < 0 ? absolute : absolute[..hash], fragment = hash < 0 ? "" : absolute[(hash + 1)..];
        if (!_identified.TryGetValue(resource, out SchemaPlace? root))
        {
            return null;
        }

        if (fragment.Length == 0)
        {
            return root;
        }

        return fragment[0] == '/' ? Follow(root, fragment) : null;
    }

    private static SchemaPlace? Follow(SchemaPlace place, string fragment)
    {
        foreach (string part in fragment[1..].Split('/'))
        {
            string token = Uri.UnescapeDataString(part).Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (place.Element.ValueKind == JsonValueKind.Object && place.Element.TryGetProperty(token, out JsonElement member))
            {
                place = place.Child(token, member);
            }
            else if (place.Element.ValueKind == JsonValueKind.Array && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < place.Element.GetArrayLength())
            {
                place = place.Child(token, place.Element[index]);
            }
            else
            {
                return null;
            }
        }

        return place;
    }

    private void Register(SchemaPlace place, int depth)
    {
        if (depth > _maxDepth)
        {
            throw new GrammarException($"The schema is nested deeper than {_maxDepth}.", place.Pointer);
        }

        if (place.Element.ValueKind == JsonValueKind.Array)
        {
            int index = 0;
            foreach (JsonElement item in place.Element.EnumerateArray())
            {
                if (item.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
                {
                    Register(place.Child(index.ToString(CultureInfo.InvariantCulture), item), depth + 1);
                }

                index++;
            }
        }

        if (place.Element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (JsonProperty member in place.Element.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.String)
            {
                RegisterIdentifier(place, member.Name, member.Value);
            }
            else if (Array.IndexOf(s_maps, member.Name) >= 0 && member.Value.ValueKind == JsonValueKind.Object)
            {
                SchemaPlace map = place.Child(member.Name, member.Value) with { BaseUri = place.BaseUri };
                foreach (JsonProperty entry in member.Value.EnumerateObject())
                {
                    Register(map.Child(entry.Name, entry.Value), depth + 1);
                }
            }
            else if (member.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array && Array.IndexOf(s_schemas, member.Name) >= 0)
            {
                Register(place.Child(member.Name, member.Value), depth + 1);
            }
        }
    }

    private void RegisterIdentifier(SchemaPlace place, string keyword, JsonElement value)
    {
        switch (keyword)
        {
            case "$id" or "id":
                string text = value.GetString()!;
                _identified.TryAdd(text.StartsWith('#') ? place.BaseUri + text : WithoutFragment(place.BaseUri), place);
                break;
            case "$anchor" or "$dynamicAnchor":
                string anchor = value.GetString()!;
                _identified.TryAdd($"{WithoutFragment(place.BaseUri)}#{anchor}", place);
                if (keyword == "$dynamicAnchor" && !_dynamicAnchors.Add(anchor))
                {
                    _dynamicAnchors.Add(anchor + "#2");
                }

                break;
        }
    }

    private static string Resolve(string baseUri, string reference)
    {
        if (reference.StartsWith('#'))
        {
            return WithoutFragment(baseUri) + Unescape(reference);
        }

        if (Uri.TryCreate(reference, UriKind.Absolute, out _) && !reference.StartsWith('/'))
        {
            return Trim(reference);
        }

        return Uri.TryCreate(baseUri, UriKind.Absolute, out Uri? root) && Uri.TryCreate(root, reference, out Uri? joined)
            ? Trim(joined.OriginalString.Length > 0 ? joined.ToString() : reference) : Trim(reference);
    }

    // An empty fragment says nothing.
    private static string Trim(string uri) => uri.EndsWith('#') ? uri[..^1] : uri;

    private static string Unescape(string fragment) => fragment.Contains('%', StringComparison.Ordinal) && !fragment.StartsWith("#/", StringComparison.Ordinal)
        ? Uri.UnescapeDataString(fragment) : fragment == "#" ? "" : fragment;

    private static string WithoutFragment(string uri)
    {
        int hash = uri.IndexOf('#', StringComparison.Ordinal);
        return hash < 0 ? uri : uri[..hash];
    }

    private static string Shorten(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
