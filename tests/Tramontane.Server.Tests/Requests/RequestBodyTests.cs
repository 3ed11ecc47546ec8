using System.Text;
using System.Text.Json;
using Tramontane.Server.Requests;
using Tramontane.Server.Tests.Contract;

namespace Tramontane.Server.Tests.Requests;

public sealed class RequestBodyTests
{
    [Fact, ContractRow("http.body.bom")]
    public void Parse_WithByteOrderMark_ReadsTheObject()
    {
        (JsonDocument? document, _) = RequestBody.Parse(Encoding.UTF8.GetBytes("\uFEFF{\"a\":1}"));
        Assert.Equal(1, document!.RootElement.GetProperty("a").GetInt32());
    }

    [Theory, ContractRow("http.body.json")]
    [InlineData(new byte[] { 0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D })]
    [InlineData(new byte[] { 0x7B, 0x22, 0xC3, 0x22, 0x3A, 0x31, 0x7D })]
    [InlineData(new byte[] { 0xEF, 0xBB, 0xBF })]
    [InlineData(new byte[] { 0xFF, 0xFE, 0x7B, 0x00, 0x7D, 0x00 })] // UTF-16
    public void Parse_OfWhatIsNoUtf8Object_Is400(byte[] body) => Assert.Equal(400, RequestBody.Parse(body).Error!.Status);

    [Theory, ContractRow("http.body.depth")]
    [InlineData(64, true)]
    [InlineData(20_000, false)]
    public void Parse_OfNestedArrays_StopsAtADepth(int depth, bool accepted)
    {
        string body = $"{{\"a\":{new string('[', depth)}{new string(']', depth)}}}";
        Assert.Equal(accepted, RequestBody.Parse(Encoding.UTF8.GetBytes(body)).Error is null);
    }

    [Theory, ContractRow("http.body.surrogates")]
    [InlineData(@"\ud800", "\uFFFD")]
    [InlineData(@"\uDFFFx", "\uFFFDx")]
    [InlineData(@"\ud83d\ude00", "\U0001F600")]
    [InlineData(@"\ud83d\ud83d\ude00", "\uFFFD\U0001F600")]
    [InlineData(@"\ud83d\n", "\uFFFD\n")]
    [InlineData(@"\\ud800", @"\ud800")]
    [InlineData(@"\\\ud800", "\\\uFFFD")]
    [InlineData(@"\u0041", "A")]
    public void Parse_OfSurrogateEscapes_ReplacesLoneOnes(string escaped, string expected)
    {
        (JsonDocument? document, ApiError? error) = RequestBody.Parse(Encoding.UTF8.GetBytes($"{{\"{escaped}\":\"{escaped}\"}}"));
        Assert.Null(error);
        JsonProperty property = Assert.Single(document!.RootElement.EnumerateObject());
        Assert.Equal((expected, expected), (property.Name, property.Value.GetString()));
    }
}
