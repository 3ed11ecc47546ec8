using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Tramontane.Server.Console.Assets;

/// <summary>
/// The console's style sheets, scripts and fonts, embedded in the assembly. They are served below a folder that is named
/// by the hash of them all, so that modules import each other by plain relative names and a browser may keep every file
/// for ever.
/// </summary>
internal sealed class AssetStore
{
    /// <summary>Where assets lie.</summary>
    internal const string Root = "/assets";

    private const string Prefix = "asset:";

    private readonly FrozenDictionary<string, Asset> _assets;

    public AssetStore()
    {
        SortedDictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (string resource in typeof(AssetStore).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using Stream stream = typeof(AssetStore).Assembly.GetManifestResourceStream(resource)!;
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            files[resource[Prefix.Length..]] = copy.ToArray();
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach ((string name, byte[] bytes) in files)
        {
            hash.AppendData(Encoding.UTF8.GetBytes(name));
            hash.AppendData(SHA256.HashData(bytes));
        }

        Version = Convert.ToHexStringLower(hash.GetHashAndReset())[..12];
        _assets = files.ToFrozenDictionary(f => f.Key, f => Asset.Create(f.Key, f.Value), StringComparer.Ordinal);
    }

    /// <summary>Changes when any asset does.</summary>
    internal string Version { get; }

    /// <summary>Names of all assets, such as <c>site.css</c> and <c>fonts/inter.woff2</c>.</summary>
    internal IEnumerable<string> Names => _assets.Keys;

    /// <summary>The path of an asset.</summary>
    /// <exception cref="ArgumentException">There is none of that name.</exception>
    internal string Path(string name) =>
        _assets.ContainsKey(name) ? $"{Root}/{Version}/{name}" : throw new ArgumentException($"No asset is called '{name}'.", nameof(name));

    internal void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods(Root + "/{version}/{**name}", [HttpMethods.Get, HttpMethods.Head], WriteAsync);

    private Task WriteAsync(HttpContext context)
    {
        if ((string?)context.GetRouteValue("version") != Version || !_assets.TryGetValue((string?)context.GetRouteValue("name") ?? "", out Asset? asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        SecurityHeaders.Add(context.Response.Headers);
        IHeaderDictionary headers = context.Response.Headers;
        headers.CacheControl = "public, max-age=31536000, immutable";
        headers.ETag = asset.ETag;
        if (context.Request.Headers.IfNoneMatch.ToString().Contains(asset.ETag, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        byte[] body = asset.Bytes;
        if (asset.Brotli is not null)
        {
            headers.Vary = "Accept-Encoding";
            if (context.Request.Headers.AcceptEncoding.ToString().Split(',').Any(e => e.Split(';')[0].Trim() == "br"))
            {
                headers.ContentEncoding = "br";
                body = asset.Brotli;
            }
        }

        context.Response.ContentType = asset.ContentType;
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    /// <param name="Bytes">As embedded.</param>
    /// <param name="Brotli">Compressed; null where that gains nothing.</param>
    /// <param name="ContentType">With charset.</param>
    /// <param name="ETag">In quotes.</param>
    private sealed record Asset(byte[] Bytes, byte[]? Brotli, string ContentType, string ETag)
    {
        internal static Asset Create(string name, byte[] bytes)
        {
            (string type, bool isText) = System.IO.Path.GetExtension(name) switch
            {
                ".css" => ("text/css; charset=utf-8", true),
                ".js" => ("text/javascript; charset=utf-8", true),
                ".svg" => ("image/svg+xml; charset=utf-8", true),
                ".woff2" => ("font/woff2", false),
                string other => throw new InvalidOperationException($"Asset '{name}': no content type is known for '{other}'."),
            };
            return new Asset(bytes, isText ? Compress(bytes) : null, type, $"\"{Convert.ToHexStringLower(SHA256.HashData(bytes))[..16]}\"");
        }

        private static byte[] Compress(byte[] bytes)
        {
            using var compressed = new MemoryStream();
            using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal))
            {
                brotli.Write(bytes);
            }

            return compressed.ToArray();
        }
    }
}
