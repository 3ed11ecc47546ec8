using Microsoft.AspNetCore.Http;
using Tramontane.Imaging;
using Tramontane.Inference.Engine;
using Tramontane.Inference.Vision;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Images;
using Tramontane.Tokenization.Instruct;

namespace Tramontane.Server.Images;

/// <summary>
/// Step 2, for images: what a conversation refers to is taken out of its <c>data:</c> URL or fetched, decoded and prepared
/// for the encoder. The one way for every dialect: readers leave an <see cref="ImagePart"/> with the URL and the path of
/// the field.
/// </summary>
internal sealed class ImageLoader : IDisposable
{
    private const int ConcurrentFetches = 4; // of one request

    private readonly IInferenceEngine _engine;
    private readonly ImageOptions _options;
    private readonly ImageFetcher _fetcher;
    private readonly ImageDecoder _decoder;
    private readonly ImageBudget _budget;
    private readonly SemaphoreSlim _preparing; // as many at a time as are decoded: both take processor time from the model

    public ImageLoader(IInferenceEngine engine, ServerOptions options, TimeProvider time)
    {
        (_engine, _options) = (engine, options.Images);
        _fetcher = new ImageFetcher(_options, time);
        _decoder = new ImageDecoder(
            new ImageDecoderOptions
            {
                MaxBytes = _options.MaxBytes,
                MaxPixels = _options.MaxPixels,
                Timeout = TimeSpan.FromSeconds(_options.DecodeTimeoutSeconds),
                MaxConcurrency = _options.MaxConcurrentDecodes,
            },
            time);
        _budget = new ImageBudget(_options.MaxBytesInFlight);
        _preparing = new SemaphoreSlim(_options.MaxConcurrentDecodes);
    }

    /// <summary>Loads the images of a conversation, each distinct URL once; the same conversation comes back when it has none.</summary>
    /// <param name="context">The request, which holds its share of the memory until it has ended.</param>
    /// <param name="conversation">As read.</param>
    internal async ValueTask<(LoadedConversation? Loaded, ApiError? Error)> LoadAsync(HttpContext context, ChatConversation conversation)
    {
        ImagePart[] parts = [.. conversation.Messages.SelectMany(message => message.Content.OfType<ImagePart>())];
        if (parts.Length == 0)
        {
            return (new LoadedConversation(conversation, []), null);
        }

        if (!_engine.Model.TakesImages)
        {
            return (null, ImageErrors.NoVision(PathOf(parts[0])));
        }

        if (parts.Length > _options.MaxPerRequest)
        {
            return (null, ImageErrors.TooMany(PathOf(parts[_options.MaxPerRequest]), parts.Length, _options.MaxPerRequest));
        }

        ImagePart[] distinct = [.. parts.DistinctBy(part => part.Source)];
        var loaded = new PreparedImage?[distinct.Length];
        var errors = new ApiError?[distinct.Length];
        var work = new ParallelOptions { MaxDegreeOfParallelism = ConcurrentFetches, CancellationToken = context.RequestAborted };
        await Parallel.ForAsync(0, distinct.Length, work, async (i, cancellation) =>
            (loaded[i], errors[i]) = await LoadAsync(context, distinct[i], cancellation));
        if (errors.FirstOrDefault(error => error is not null) is { } first)
        {
            return (null, first);
        }

        var byIndex = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < distinct.Length; i++)
        {
            byIndex[distinct[i].Source!] = i;
        }

        ContentPart Resolve(ContentPart part) => part is ImagePart { Source: { } source }
            ? new ImagePart(loaded[byIndex[source]]!.Size, $"{byIndex[source]}") // the index stands for megabytes of URL from here on
            : part;
        ChatConversation resolved = conversation with
        {
            Messages = [.. conversation.Messages.Select(message => message with { Content = [.. message.Content.Select(Resolve)] })],
        };
        return (new LoadedConversation(resolved, [.. loaded.Select(image => image!)]), null);
    }

    public void Dispose()
    {
        _fetcher.Dispose();
        _decoder.Dispose();
        _preparing.Dispose();
    }

    private async Task<(PreparedImage? Image, ApiError? Error)> LoadAsync(HttpContext context, ImagePart part, CancellationToken cancellationToken)
    {
        (string path, string source) = (PathOf(part), part.Source ?? "");
        (byte[]? bytes, ApiError? error) = await ReadAsync(path, source, cancellationToken);
        if (bytes is null)
        {
            return (null, error);
        }

        ImageDecoding decoding = await _decoder.DecodeAsync(bytes, cancellationToken);
        if (decoding.Image is not { } image)
        {
            return (null, ImageErrors.NotDecoded(path, decoding.Refusal!));
        }

        var size = new ImageSize(image.Width, image.Height);
        if (!ImageGrid.TryCreate(size, _engine.Tokenizer.Images, out ImageGrid grid))
        {
            return (null, ImageErrors.TooThin(path, size));
        }

        if (_budget.TryTake(grid.ResizedSize.Width * (long)grid.ResizedSize.Height * 3 * sizeof(float)) is not { } lease)
        {
            return (null, ApiError.Overloaded());
        }

        lock (context)
        {
            context.Response.RegisterForDispose(lease);
        }

        await _preparing.WaitAsync(cancellationToken);
        try
        {
            return PreparedImage.TryCreate(image.Rgb.Span, size, _engine.Tokenizer.Images, out PreparedImage? prepared)
                ? (prepared, null)
                : (null, ImageErrors.TooThin(path, size));
        }
        finally
        {
            _preparing.Release();
        }
    }

    private async Task<(byte[]? Bytes, ApiError? Error)> ReadAsync(string path, string source, CancellationToken cancellationToken)
    {
        if (source.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return ImageDataUrl.TryDecode(source, out byte[] bytes) ? (bytes, null) : (null, ImageErrors.BadDataUrl(path));
        }

        if (!source.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && !source.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
        {
            return (null, ImageErrors.BadUrl(path));
        }

        FetchedImage fetched = await _fetcher.FetchAsync(source, cancellationToken);
        return (fetched.Bytes, fetched.Refusal is null ? null : ImageErrors.NotFetched(path, fetched.Refusal));
    }

    private static string PathOf(ImagePart part) => part.Place ?? "messages";
}

/// <summary>A conversation whose images have sizes, and those images; an image part's source is its index here.</summary>
/// <param name="Conversation">Ready to become a prompt.</param>
/// <param name="Images">The distinct images.</param>
internal sealed record LoadedConversation(ChatConversation Conversation, IReadOnlyList<PreparedImage> Images)
{
    /// <summary>The prompt's images where they stand.</summary>
    internal IReadOnlyList<PromptImage> Place(EncodedChat prompt) =>
        [.. prompt.Images.Select(slot => new PromptImage(slot.Start, Images[int.Parse(slot.Image.Source!, System.Globalization.CultureInfo.InvariantCulture)]))];
}
