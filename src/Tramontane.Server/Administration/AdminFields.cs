using Tramontane.Metering.Keys;
using Tramontane.Server.Requests.Fields;

namespace Tramontane.Server.Administration;

/// <summary>The bodies of the administration routes.</summary>
internal static class AdminFields
{
    private const string MoneySchema = """{"type":["number","string"],"pattern":"^[0-9]+(\\.[0-9]+)?$"}""";
    private const string TimeSchema = """{"type":"string","format":"date-time"}""";

    private static readonly string s_limits = $$"""
        {"type":"object","properties":{
        "requests_per_minute":{"type":"integer","minimum":0},"requests_per_day":{"type":"integer","minimum":0},
        "tokens_per_minute":{"type":"integer","minimum":0},"tokens_per_day":{"type":"integer","minimum":0},
        "concurrent_requests":{"type":"integer","minimum":0},
        "money_per_day":{{MoneySchema}},"money_per_month":{{MoneySchema}},"money_total":{{MoneySchema}}
        },
        "additionalProperties":false
        }
        """;

    // Of a change, where null removes a limit.
    private static readonly string s_limitChanges = s_limits
        .Replace("\"type\":\"integer\"", "\"type\":[\"integer\",\"null\"]", StringComparison.Ordinal)
        .Replace("[\"number\",\"string\"]", "[\"number\",\"string\",\"null\"]", StringComparison.Ordinal);

    private static readonly ShapedField s_scopes = new(
        "scopes", "array", $$$"""{"type":"array","items":{"enum":["{{{string.Join("\",\"", KeyScopeNames.All)}}}"]}}""", "What the key may do; `inference` and `usage:read` unless given.") { Example = "[\"inference\"]" };

    private static readonly Dictionary<string, FieldSupport> s_limitNames = LimitsChange.Names.ToDictionary(name => name, _ => FieldSupport.Supported, StringComparer.Ordinal);

    private static readonly ShapedField s_limitsField = new("limits", "object", s_limits, "Whatever is left out has no limit. Windows are minutes, days and months in UTC.")
    {
        Example = "{\"requests_per_minute\":60}", Members = s_limitNames,
    };

    private static readonly ShapedField s_limitsChange = new("limits", "object", s_limitChanges, "The limits to change: what is left out stays, null removes a limit.")
    {
        Example = "{\"requests_per_minute\":60,\"tokens_per_day\":null}", Members = s_limitNames,
    };

    private static readonly ShapedField s_expires = new("expires_at", "time", TimeSchema, "From then on the key is refused; never unless given.") { Example = "\"2030-01-01T00:00:00Z\"" };

    internal static RequestShape Key { get; } = new("admin_key",
    [
        Text("name", "For people.", "\"ci\"", required: true), Text("account_id", "The account that pays; `local` unless given.", "\"local\""), s_scopes, s_limitsField, s_expires,
    ]) { IsStrict = true };

    internal static RequestShape KeyPatch { get; } = new("admin_key_change",
    [
        Text("name", "For people.", "\"ci\""), s_scopes, s_limitsChange,
        new ShapedField("expires_at", "time", TimeSchema, "From then on the key is refused; null: never.") { Example = "\"2030-01-01T00:00:00Z\"" },
    ]) { IsStrict = true };

    internal static RequestShape Rotation { get; } = new("admin_key_rotation",
    [
        new IntegerField("grace_seconds", 0, (long)KeyRing.LongestGrace.TotalSeconds, "How long the old secret is still accepted; 0 unless given.") { Example = "3600" },
    ]) { IsStrict = true };

    internal static RequestShape Account { get; } = new("admin_account",
    [
        Text("id", "The account's id; a fresh one unless given.", "\"acme\""), Text("name", "For people.", "\"Acme\"", required: true),
        new BooleanField("prepaid", "Requests are admitted only within free tokens and credit; false unless given.") { Example = "true" },
    ]) { IsStrict = true };

    internal static RequestShape AccountPatch { get; } = new("admin_account_change",
    [
        Text("name", "For people.", "\"Acme\""), new BooleanField("prepaid", "See above.") { Example = "true" }, new BooleanField("closed", "Nothing is admitted any more.") { Example = "true" },
    ]) { IsStrict = true };

    internal static RequestShape Credit { get; } = new("admin_credit",
    [
        Text("id", "Makes repeating harmless: a second credit with the same id changes nothing.", "\"invoice-17\""), Money("amount", "Money, up to 12 decimals; with a minus it is taken back."),
        Text("currency", "ISO 4217; needed with an amount.", "\"USD\""),
        new IntegerField("free_tokens", -1_000_000_000_000_000, 1_000_000_000_000_000, "Tokens that cost nothing.") { Example = "100000" }, Text("note", "Why, for people.", "\"welcome\""),
    ]) { IsStrict = true };

    internal static RequestShape Price { get; } = new("admin_price",
    [
        Text("currency", "ISO 4217.", "\"USD\"", required: true), Money("prompt", "Per 1,000,000 prompt tokens, up to 6 decimals.", required: true),
        Money("cached", "Per 1,000,000 prompt tokens found in the cache; as `prompt` unless given."), Money("completion", "Per 1,000,000 generated tokens.", required: true),
        Text("model", "The model's canonical id; the loaded one's unless given.", "\"mistralai/Mistral-Small-3.2-24B-Instruct-2506\""),
        Text("provider", "Whose price it is; `self`, which requests here pay, unless given.", "\"self\""), Text("tier", "`standard` unless given.", "\"standard\""),
        new ShapedField("effective_from", "time", TimeSchema, "Requests that start from then on pay it; now unless given.") { Example = "\"2030-01-01T00:00:00Z\"" },
        Text("source", "Where it is from: a text or an address.", "\"price list of May\""),
        new ShapedField("as_of", "time", TimeSchema, "When the source said so; now unless given.") { Example = "\"2026-05-08T17:08:00Z\"" },
    ]) { IsStrict = true };

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<RequestShape> All { get; } = [Key, KeyPatch, Rotation, Account, AccountPatch, Credit, Price];

    private static ShapedField Text(string name, string note, string example, bool required = false) => new(name, "string", """{"type":"string"}""", note) { Example = example, IsRequired = required };

    private static ShapedField Money(string name, string note, bool required = false) =>
        new(name, "number, or text with one", """{"type":["number","string"],"pattern":"^-?[0-9]+(\\.[0-9]+)?$"}""", note) { Example = "0.075", IsRequired = required };
}
