using System.Text.Json.Nodes;
using Tramontane.Server.Requests;
using Tramontane.Server.Requests.Fields;
using Tramontane.Server.Tests.Fakes;

namespace Tramontane.Server.Tests.Contract;

/// <summary>
/// Every field of every endpoint does what its declaration says, and the declaration is what docs/api.md and the OpenAPI
/// document tell: supported ones are read and checked, others are named in a header or refused.
/// </summary>
public sealed class FieldTests(FieldTests.Server fixture) : IClassFixture<FieldTests.Server>
{
    public static TheoryData<string, string> Fields => Endpoint.Fields;

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Field_WithItsExample_IsTreatedAsDeclared(string path, string name)
    {
        (Endpoint endpoint, RequestField field) = Endpoint.Find(path, name);
        (int status, string text, string? ignored) = await PostAsync(path, endpoint.With(field, field.Example));
        if (field.Support == FieldSupport.Refused)
        {
            Assert.True(status == 400, text);
            Assert.Contains(name, text, StringComparison.Ordinal);
            return;
        }

        Assert.True(status == 200, text);
        Assert.Equal(field.Support == FieldSupport.Ignored, ignored?.Split(", ").Contains(name) ?? false);
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Field_ThatIsNull_IsAbsent(string path, string name)
    {
        (Endpoint endpoint, RequestField field) = Endpoint.Find(path, name);
        (int status, string text, string? ignored) = await PostAsync(path, endpoint.With(field, "null"));
        Assert.True(status == (field.IsRequired ? 400 : 200), text);
        Assert.Null(ignored);
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Field_OfAWrongType_IsRefusedByNameWhenItHasAnEffect(string path, string name)
    {
        (Endpoint endpoint, RequestField field) = Endpoint.Find(path, name);
        if (field.Support != FieldSupport.Supported)
        {
            return; // the test of the examples covers it
        }

        (int status, string text, _) = await PostAsync(path, endpoint.With(field, WrongValue(field)));
        Assert.True(status == 400, text);
        Assert.Contains(name, text, StringComparison.Ordinal);
    }

    public static TheoryData<string> Paths => [.. Endpoint.All.Select(e => e.Path)];

    [Theory, ContractRow("http.body.numbers")]
    [MemberData(nameof(Paths))]
    public async Task Number_BeyondADouble_IsRefusedWhereverItStands(string path)
    {
        Endpoint endpoint = Endpoint.All.Single(e => e.Path == path);
        string digits = new('9', 400);
        string[] values = ["1e999", "-1E+400", "[{\"a\":[1e309]}]", digits, digits + ".5", "0.1e99999999999999999999"];
        foreach (string value in values)
        {
            (int status, string text, _) = await PostAsync(path, endpoint.Body[..^1] + $",\n\"nobody_reads_this\":{value}}}");
            Assert.True(status == 400 && text.Contains("beyond the range", StringComparison.Ordinal) && text.Contains("at line 2", StringComparison.Ordinal), $"{value}: {text}");
            Assert.True(path.StartsWith("/v1/messages", StringComparison.Ordinal) ? AnthropicAssert.IsError(JsonNode.Parse(text)!.AsObject(), "invalid_request_error").Length > 0
                : ErrorAssert.Is(JsonNode.Parse(text)!.AsObject(), null, null).Length > 0);
        }

        foreach (string value in (string[])["1e308", "1e-999", "-0.0e5", new string('9', 300), "\"1e999\""])
        {
            (int status, string text, _) = await PostAsync(path, endpoint.Body[..^1] + $",\"nobody_reads_this\":{value}}}");
            Assert.True(status == 200, text);
        }
    }

    [Fact, ContractRow("http.body.numbers")]
    public async Task Number_BeyondADouble_InAFieldThatIsRead_IsRefusedByItsName()
    {
        (int status, string text, _) = await PostAsync("/v1/chat/completions", TestServer.Chat("\"temperature\":1e999,\"other\":1e999"));
        Assert.Equal(400, status);
        ErrorAssert.Is(JsonNode.Parse(text)!.AsObject(), "invalid_type", "temperature");
        (status, text, _) = await PostAsync("/v1/chat/completions", TestServer.Chat("""
            "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{"a":{"maximum":1e999}}}}}]
            """));
        Assert.True(status == 400, text);
    }

    // OpenRouter's flag of the same name is a boolean.
    private static string WrongValue(RequestField field) => field is BooleanField ? "\"x\"" : field.Name == "structured_outputs" ? "7" : "true";

    [Theory]
    [MemberData(nameof(Fields))]
    public void Field_Example_FitsItsOwnSchema(string path, string name)
    {
        (_, RequestField field) = Endpoint.Find(path, name);
        if (field.Support == FieldSupport.Supported && field.Example != "null")
        {
            Assert.Empty(JsonSchemaCheck.Faults(field.Schema(), JsonNode.Parse(field.Example), field.Schema()));
        }
    }

    private async Task<(int Status, string Text, string? Ignored)> PostAsync(string path, string body)
    {
        using HttpResponseMessage response = await fixture.Host.Client.PostAsync(new Uri(path, UriKind.Relative), TestServer.Json(body));
        string? ignored = response.Headers.TryGetValues(IgnoredFields.Header, out IEnumerable<string>? values) ? values.Single() : null;
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(), ignored);
    }

    /// <summary>One server for all of these tests.</summary>
    public sealed class Server : IAsyncLifetime
    {
        internal TestServer Host { get; private set; } = null!;

        public async Task InitializeAsync() => Host = await TestServer.StartAsync();

        public async Task DisposeAsync() => await Host.DisposeAsync();
    }
}
