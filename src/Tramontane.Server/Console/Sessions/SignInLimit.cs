using System.Net;
using System.Net.Sockets;
using Tramontane.Server.Limits;

namespace Tramontane.Server.Console.Sessions;

/// <summary>
/// How often a sign-in may be tried: so many wrong keys a minute from one address, and so many tries from all together. Once all have
/// tried too often, addresses that tried a wrong key lately wait, and nobody else does: an attack from many addresses does not keep
/// the operator out.
/// </summary>
internal sealed class SignInLimit(TimeProvider time)
{
    /// <summary>Wrong keys from one address in a minute.</summary>
    internal const int PerMinute = 10;

    /// <summary>Tries from all addresses in a minute.</summary>
    internal const int PerMinuteOfAll = 100;

    /// <summary>Addresses that are remembered; beyond it the one that tried first is forgotten.</summary>
    internal const int MostAddresses = 10_000;

    private readonly Dictionary<IPAddress, LinkedListNode<(IPAddress Address, TokenBucket Bucket)>> _byAddress = [];
    private readonly LinkedList<(IPAddress Address, TokenBucket Bucket)> _byFirstTry = new();
    private readonly TokenBucket _all = new(PerMinuteOfAll, time);

    /// <summary>Addresses that are remembered now.</summary>
    internal int Count
    {
        get
        {
            lock (_byAddress)
            {
                return _byAddress.Count;
            }
        }
    }

    /// <summary>Takes a try, before the key is looked at: so many at one moment are no way around. Gives how long to wait instead; zero when it was taken.</summary>
    internal TimeSpan Enter(IPAddress? address)
    {
        IPAddress network = NetworkOf(address);
        lock (_byAddress)
        {
            TokenBucket own = Of(network);
            bool hasFailed = own.UntilFull > TimeSpan.Zero;
            TimeSpan wait = own.UntilHolds(1), all = _all.UntilHolds(1);
            if (hasFailed && all > wait)
            {
                wait = all;
            }

            if (wait > TimeSpan.Zero)
            {
                return wait;
            }

            own.Take(1);
            if (all <= TimeSpan.Zero)
            {
                _all.Take(1); // never overdrawn: first tries of many addresses do not make the others wait longer
            }

            return TimeSpan.Zero;
        }
    }

    /// <summary>The key was right: its address gets the try back.</summary>
    internal void GiveBack(IPAddress? address)
    {
        lock (_byAddress)
        {
            if (_byAddress.TryGetValue(NetworkOf(address), out LinkedListNode<(IPAddress Address, TokenBucket Bucket)>? known))
            {
                known.Value.Bucket.Take(-1);
            }
        }
    }

    private TokenBucket Of(IPAddress network)
    {
        if (_byAddress.TryGetValue(network, out LinkedListNode<(IPAddress Address, TokenBucket Bucket)>? known))
        {
            return known.Value.Bucket;
        }

        while (_byFirstTry.First is { } first && (_byAddress.Count >= MostAddresses || first.Value.Bucket.UntilFull <= TimeSpan.Zero))
        {
            _byAddress.Remove(first.Value.Address);
            _byFirstTry.RemoveFirst();
        }

        var bucket = new TokenBucket(PerMinute, time);
        _byAddress[network] = _byFirstTry.AddLast((network, bucket));
        return bucket;
    }

    /// <summary>What one party has: an IPv4 address, or the 64 bits of an IPv6 network.</summary>
    private static IPAddress NetworkOf(IPAddress? address)
    {
        if (address is null)
        {
            return IPAddress.None;
        }

        if (address.AddressFamily != AddressFamily.InterNetworkV6)
        {
            return address;
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        byte[] bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
