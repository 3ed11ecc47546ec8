using System.Net;
using System.Net.Sockets;

namespace Tramontane.Server.Images;

/// <summary>Where the server may connect to on behalf of a client. Each refusal names its rule.</summary>
internal sealed class EgressPolicy
{
    // Prefix, length and name of addresses that are no public hosts, from the special-purpose registries of IANA (RFC 6890).
    private static readonly (IPNetwork Network, string Rule)[] s_never =
    [
        (IPNetwork.Parse("0.0.0.0/8"), "unspecified address"),
        (IPNetwork.Parse("169.254.0.0/16"), "link-local address"),
        (IPNetwork.Parse("192.0.0.0/24"), "reserved address"),
        (IPNetwork.Parse("192.0.2.0/24"), "documentation address"),
        (IPNetwork.Parse("192.88.99.0/24"), "reserved address"),
        (IPNetwork.Parse("198.18.0.0/15"), "benchmarking address"),
        (IPNetwork.Parse("198.51.100.0/24"), "documentation address"),
        (IPNetwork.Parse("203.0.113.0/24"), "documentation address"),
        (IPNetwork.Parse("224.0.0.0/4"), "multicast address"),
        (IPNetwork.Parse("240.0.0.0/4"), "reserved address"),
        (IPNetwork.Parse("::/128"), "unspecified address"),
        (IPNetwork.Parse("100::/64"), "discard address"),
        (IPNetwork.Parse("2001::/23"), "reserved address"), // Teredo among them
        (IPNetwork.Parse("2001:db8::/32"), "documentation address"),
        (IPNetwork.Parse("3fff::/20"), "documentation address"),
        (IPNetwork.Parse("5f00::/16"), "reserved address"),
        (IPNetwork.Parse("fe80::/10"), "link-local address"),
        (IPNetwork.Parse("fec0::/10"), "site-local address"),
        (IPNetwork.Parse("ff00::/8"), "multicast address"),
        (IPNetwork.Parse("fd00:ec2::/32"), "metadata address"), // Amazon's, inside the unique local addresses
        (IPNetwork.Parse("100.100.100.200/32"), "metadata address"), // Alibaba's, inside carrier-grade NAT
        (IPNetwork.Parse("168.63.129.16/32"), "metadata address"), // Azure's
    ];

    private static readonly (IPNetwork Network, string Rule)[] s_private =
    [
        (IPNetwork.Parse("127.0.0.0/8"), "loopback address"),
        (IPNetwork.Parse("10.0.0.0/8"), "private address"),
        (IPNetwork.Parse("172.16.0.0/12"), "private address"),
        (IPNetwork.Parse("192.168.0.0/16"), "private address"),
        (IPNetwork.Parse("100.64.0.0/10"), "carrier-grade NAT address"),
        (IPNetwork.Parse("::1/128"), "loopback address"),
        (IPNetwork.Parse("fc00::/7"), "unique local address"),
    ];

    // Prefixes whose last bits are an IPv4 address, with the byte where it begins.
    private static readonly (IPNetwork Network, int Byte)[] s_embedded =
    [
        (IPNetwork.Parse("::ffff:0:0/96"), 12), // IPv4-mapped
        (IPNetwork.Parse("::/96"), 12), // IPv4-compatible
        (IPNetwork.Parse("64:ff9b::/96"), 12), // NAT64
        (IPNetwork.Parse("64:ff9b:1::/48"), 12), // NAT64 for local use
        (IPNetwork.Parse("2002::/16"), 2), // 6to4
    ];

    private static readonly string[] s_metadataNames = ["metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"];

    private readonly bool _allowPrivate;
    private readonly HashSet<string> _allowedOrigins;

    public EgressPolicy(ImageOptions options)
    {
        _allowPrivate = options.AllowPrivateNetworks;
        _allowedOrigins = options.AllowedOrigins
            .Select(origin => Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
                ? OriginOf(uri)
                : throw new ArgumentException($"'{origin}' is no origin such as https://images.example.org: change the allowed image origins."))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether the operator trusts an origin whatever its address is.</summary>
    internal bool Trusts(Uri uri) => _allowedOrigins.Contains(OriginOf(uri));

    /// <summary>Why an address must not be asked for, before any name is resolved; null when it may.</summary>
    internal string? RefusalOf(Uri uri)
    {
        if (uri.Scheme is not ("http" or "https"))
        {
            return $"the scheme '{uri.Scheme}' is not fetched, only http and https";
        }

        if (uri.UserInfo.Length > 0)
        {
            return "the address carries a user name or password";
        }

        return !Trusts(uri) && s_metadataNames.Contains(uri.IdnHost.TrimEnd('.'), StringComparer.OrdinalIgnoreCase) ? "the host serves cloud metadata" : null;
    }

    /// <summary>Why an address must not be connected to; null when it may.</summary>
    internal string? RefusalOf(IPAddress address)
    {
        foreach ((IPNetwork network, string rule) in s_never)
        {
            if (network.Contains(address))
            {
                return rule;
            }
        }

        foreach ((IPNetwork network, string rule) in s_private)
        {
            if (network.Contains(address))
            {
                return _allowPrivate ? null : rule;
            }
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            foreach ((IPNetwork network, int at) in s_embedded)
            {
                if (network.Contains(address))
                {
                    return RefusalOf(new IPAddress(address.GetAddressBytes().AsSpan(at, 4))) is { } rule ? $"{rule} inside an IPv6 address" : null;
                }
            }
        }

        return null;
    }

    private static string OriginOf(Uri uri) => $"{uri.Scheme}://{uri.IdnHost}:{uri.Port}";
}
