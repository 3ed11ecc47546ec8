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
