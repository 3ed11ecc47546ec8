using Tramontane.Imaging;
using Tramontane.Server.Requests;
using Tramontane.Tokenization.Images;

namespace Tramontane.Server.Images;

/// <summary>Refusals of images, with OpenAI's codes. All are 4xx: clients send the same request again after a 5xx.</summary>
internal static class ImageErrors
{
    internal static ApiError NotHere(string path) =>
        ApiError.NotSupportedValue(path, $"'{path}' holds an image. Images may stand in user messages only: move it there.");

    internal static ApiError NoVision(string path) =>
        ApiError.NotSupportedValue(path, $"'{path}' holds an image, but the model runs without its vision encoder. Send text only, or start the server with --mmproj.");

    internal static ApiError TooMany(string path, int count, int limit) =>
        Refuse(path, "too_many_images", $"is one too many: the request holds {count} images and at most {limit} are taken. Send fewer.");

    internal static ApiError BadUrl(string path) =>
        Refuse(path, "invalid_image_url", "has no URL that images are read from. Use 'data:image/png;base64,…' or an http(s) address.");

    internal static ApiError BadDataUrl(string path) =>
        Refuse(path, "invalid_base64_image", "is no base64 text. Send 'data:image/png;base64,…'.");

    internal static ApiError NotFetched(string path, string reason) =>
        Refuse(path, "failed_to_download_image", $"was not downloaded: {reason}.");

    internal static ApiError TooThin(string path, ImageSize size) =>
        Refuse(path, "image_parse_error", $"is too thin: of {size.Width} x {size.Height} pixels the shorter side vanishes when the longer one is shrunk.");

    internal static ApiError NotDecoded(string path, ImageRefusal refusal) =>
        Refuse(path, CodeOf(refusal.Kind), $"cannot be used. {refusal.Message}");

    private static ApiError Refuse(string path, string code, string detail) =>
        ApiError.BadRequest($"The image at '{path}' {detail}", code, path, $"the image {detail}");

    private static string CodeOf(ImageRefusalKind kind) => kind switch
    {
        ImageRefusalKind.TooManyBytes or ImageRefusalKind.TooManyPixels => "image_file_too_large",
        ImageRefusalKind.UnknownFormat or ImageRefusalKind.UnsupportedVariant => "unsupported_image_media_type",
        ImageRefusalKind.LibraryMissing => "unsupported_value",
        _ => "image_parse_error",
    };
}
