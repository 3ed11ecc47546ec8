using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Tramontane.Server.Auth;
using Tramontane.Server.Responses;

namespace Tramontane.Server.OpenApi;

/// <summary><c>GET /openapi.json</c>.</summary>
internal sealed class OpenApiEndpoint(ApiKeys keys)
{
    internal const string Path = "/openapi.json";

    private readonly Lazy<byte[]> _document = new(() => Encoding.UTF8.GetBytes(OpenApiDocument.Create(!keys.IsOpen).ToJsonString()));

    internal void Map(IEndpointRouteBuilder routes) => routes.MapMethods(
        Path, [HttpMethods.Get, HttpMethods.Head], context => JsonReply.WriteAsync(context, StatusCodes.Status200OK, _document.Value));
}
