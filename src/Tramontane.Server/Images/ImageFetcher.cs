using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Tramontane.Server.Images;

/// <summary>The outcome of fetching: bytes or a sentence on why there are none.</summary>
/// <param name="Bytes">Null when refused.</param>
/// <param name="Refusal">Null when fetched. Never quotes what the other side said.</param>
internal readonly record struct FetchedImage(byte[]? Bytes, string? Refusal);

/// <summary>
/// Fetches images from addresses that clients name, under an <see cref="EgressPolicy"/>. A name is resolved once per hop, all
/// its addresses are checked, and the connection goes to one of those: a name that points elsewhere a moment later changes
/// nothing. Redirects are followed by hand and checked like the first address. No proxy, cookie, credential or header of
/// the client is used.
/// </summary>
internal sealed class ImageFetcher : IDisposable
{
    private const int MaxRedirects = 5;
    private const int ReadBytes = 64 * 1024;

    private readonly ImageOptions _options;
    private readonly EgressPolicy _policy;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly TimeProvider _time;
    private readonly HttpMessageInvoker _http;

    /// <param name="options">Limits.</param>
    /// <param name="time">The clock.</param>
    /// <param name="resolve">Finds the addresses of a name; the system's resolver by default.</param>
    public ImageFetcher(ImageOptions options, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        (_options, _policy, _time) = (options, new EgressPolicy(options), time);
        _resolve = resolve ?? Dns.GetHostAddressesAsync;
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            AutomaticDecompression = DecompressionMethods.None, // a limit on bytes must count the bytes that arrive
            ActivityHeadersPropagator = null,
            ConnectCallback = ConnectAsync,
            ConnectTimeout = TimeSpan.FromSeconds(options.FetchTimeoutSeconds),
            PooledConnectionLifetime = TimeSpan.Zero, // each fetch resolves and checks anew
            MaxResponseHeadersLength = 16,
            MaxResponseDrainSize = 0,
        });
    }

    /// <summary>Fetches one image file.</summary>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    internal async Task<FetchedImage> FetchAsync(string address, CancellationToken cancellationToken)
    {
        if (!_options.FetchRemote)
        {
            return Refuse("this server fetches no images; send it as a data: URL");
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
        {
            return Refuse("it is no valid address");
        }

        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(_options.FetchTimeoutSeconds), _time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            return await FollowAsync(uri, stop.Token);
        }
        catch (Exception) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Refuse($"it took longer than {_options.FetchTimeoutSeconds} seconds");
        }
        catch (HttpRequestException e) when (e.InnerException is EgressException refused)
        {
            return Refuse(refused.Message);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or SocketException or FormatException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return Refuse("the connection failed");
        }
    }

    public void Dispose() => _http.Dispose();

    private static FetchedImage Refuse(string reason) => new(null, reason);

    private async Task<FetchedImage> FollowAsync(Uri uri, CancellationToken stop)
    {
        for (int hop = 0; hop <= MaxRedirects; hop++)
        {
            if (_policy.RefusalOf(uri) is { } refusal)
            {
                return Refuse(refusal);
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, uri);
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("image/*"));
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Tramontane", typeof(ImageFetcher).Assembly.GetName().Version?.ToString(3)));
            using HttpResponseMessage response = await _http.SendAsync(request, stop);
            if (response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
                or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
            {
                if (response.Headers.Location is not { } location)
                {
                    return Refuse("a redirect names no address");
                }

                uri = new Uri(uri, location);
                continue;
            }

            return response.StatusCode == HttpStatusCode.OK
                ? await ReadAsync(response, stop)
                : Refuse($"the server there answered with status {(int)response.StatusCode}");
        }

        return Refuse($"it was redirected more than {MaxRedirects} times");
    }

    private async Task<FetchedImage> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        string? type = response.Content.Headers.ContentType?.MediaType;
        if (type is not null && !type.StartsWith("image/", StringComparison.OrdinalIgnoreCase) && type is not ("application/octet-stream" or "binary/octet-stream"))
        {
            return Refuse("what is there is not declared as an image");
        }

        if (response.Content.Headers.ContentLength > _options.MaxBytes)
        {
            return TooLarge();
        }

        var bytes = new ArrayBufferWriter<byte>(ReadBytes);
        using Stream body = await response.Content.ReadAsStreamAsync(stop);
        int read;
        while ((read = await body.ReadAsync(bytes.GetMemory(ReadBytes), stop)) > 0)
        {
            bytes.Advance(read);
            if (bytes.WrittenCount > _options.MaxBytes)
            {
                return TooLarge();
            }
        }

        return new FetchedImage(bytes.WrittenSpan.ToArray(), null);
    }

    private FetchedImage TooLarge() => Refuse($"the file has more than {_options.MaxBytes} bytes");

    // Called for every connection; TLS, when there is any, goes over the stream that this returns and checks the name.
    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
    {
        Uri uri = context.InitialRequestMessage.RequestUri!;
        IPAddress[] addresses;
        try
        {
            addresses = IPAddress.TryParse(uri.IdnHost.Trim('[', ']'), out IPAddress? literal) ? [literal] : await _resolve(uri.IdnHost, stop);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new EgressException("the name of the host cannot be resolved");
        }

        if (addresses.Length == 0)
        {
            throw new EgressException("the name of the host cannot be resolved");
        }

        // All of them, not only the one that is taken: a name with a forbidden address is no place for images.
        if (!_policy.Trusts(uri) && addresses.Select(_policy.RefusalOf).FirstOrDefault(rule => rule is not null) is { } refused)
        {
            throw new EgressException($"the host has a forbidden address: {refused}");
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, context.DnsEndPoint.Port, stop);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The policy forbids a connection.</summary>
    private sealed class EgressException(string message) : IOException(message);
}
