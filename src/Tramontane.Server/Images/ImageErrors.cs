using Tramontane.Imaging;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Images;

namespace Tramontane.Server.Images;

/// <summary>Refusals of images, with OpenAI's codes. All are 4xx: clients send the same request again after a 5xx.</summary>
internal static class ImageErrors
{
    internal static ApiError NoVision(string path) =>
        ApiError.NotSupportedValue(path, $"'{path}' holds an image, but the model runs without its vision encoder. Send text only, or start the server with --mmproj.");

    internal static ApiError TooMany(string path, int count, int limit) =>
        ApiError.BadRequest($"The request holds {count} images; at most {limit} are taken. Send fewer.", "too_many_images", path);

    internal static ApiError BadUrl(string path) =>
        ApiError.BadRequest($"'{path}' is not a URL that images are read from. Use 'data:image/png;base64,…' or an http(s) address.", "invalid_image_url", path);

    internal static ApiError BadDataUrl(string path) =>
        ApiError.BadRequest($"'{path}' is not a base64 image. Use 'data:image/png;base64,…'.", "invalid_base64_image", path);

    internal static ApiError NotFetched(string path, string reason) =>
        ApiError.BadRequest($"The image at '{path}' was not downloaded: {reason}.", "failed_to_download_image", path);

    internal static ApiError TooThin(string path, ImageSize size) =>
        ApiError.BadRequest($"The image of {size.Width} x {size.Height} pixels at '{path}' is too thin: its shorter side vanishes when the longer one is shrunk.", "image_parse_error", path);

    internal static ApiError NotDecoded(string path, ImageRefusal refusal) =>
        ApiError.BadRequest($"The image at '{path}' cannot be used. {refusal.Message}", CodeOf(refusal.Kind), path);

    private static string CodeOf(ImageRefusalKind kind) => kind switch
    {
        ImageRefusalKind.TooManyBytes or ImageRefusalKind.TooManyPixels => "image_file_too_large",
        ImageRefusalKind.UnknownFormat or ImageRefusalKind.UnsupportedVariant => "unsupported_image_media_type",
        ImageRefusalKind.LibraryMissing => "unsupported_value",
        _ => "image_parse_error",
    };
}
