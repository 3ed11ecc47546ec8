using System.ComponentModel.DataAnnotations;

namespace Tramontane.Server.Images;

/// <summary>What images in requests may cost, and where they may be fetched from.</summary>
public sealed class ImageOptions
{
    /// <summary>Whether http(s) addresses are fetched at all; images inside the request (<c>data:</c>) always work.</summary>
    public bool FetchRemote { get; set; } = true;

    /// <summary>
    /// Fetch from private networks too: loopback, RFC 1918, carrier-grade NAT and unique local addresses. Never from
    /// link-local addresses, where clouds serve their metadata, nor from multicast or reserved ones.
    /// </summary>
    public bool AllowPrivateNetworks { get; set; }

    /// <summary>Origins that are fetched from whatever their address is, for example <c>http://127.0.0.1:9000</c>.</summary>
    public IList<string> AllowedOrigins { get; } = [];

    /// <summary>Images in one request. Higher: one client can make the others wait longer.</summary>
    [Range(0, 1000)] public int MaxPerRequest { get; set; } = 50;

    /// <summary>Largest image file in bytes.</summary>
    [Range(1, 1 << 30)] public int MaxBytes { get; set; } = 20 << 20;

    /// <summary>Most pixels of an image, by its header. 64 million take up to 600 MB while decoding.</summary>
    [Range(1, 500_000_000)] public long MaxPixels { get; set; } = 64_000_000;

    /// <summary>Longest time to decode an image.</summary>
    [Range(1, 600)] public int DecodeTimeoutSeconds { get; set; } = 10;

    /// <summary>Longest time to fetch an image, redirects included.</summary>
    [Range(1, 600)] public int FetchTimeoutSeconds { get; set; } = 10;

    /// <summary>Images decoded at the same time; others wait. Bounds memory and the processor time taken from the model.</summary>
    [Range(1, 256)] public int MaxConcurrentDecodes { get; set; } = 2;

    /// <summary>Bytes of prepared images that all requests in flight may hold; an image of the largest size takes 28 MB. More are refused with 429.</summary>
    [Range(1 << 20, 1L << 40)] public long MaxBytesInFlight { get; set; } = 1L << 30;
}
