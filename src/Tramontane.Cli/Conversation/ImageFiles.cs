using Tramontane.Cli.CommandLine;
using Tramontane.Imaging;
using Tramontane.Inference.Vision;
using Tramontane.Tokenization.Images;

namespace Tramontane.Cli.Conversation;

/// <summary>An image that a person put into the conversation.</summary>
/// <param name="Name">The file as it was named.</param>
/// <param name="File">Its bytes, for <c>/save</c>.</param>
/// <param name="Image">What the encoder takes.</param>
internal sealed record ChatImage(string Name, byte[] File, PreparedImage Image)
{
    /// <summary>The image as a URL.</summary>
    public string DataUrl => $"data:image/{ImageFormats.Sniff(File).ToString().ToLowerInvariant()};base64,{Convert.ToBase64String(File)}";
}

/// <summary>Reads image files.</summary>
internal static class ImageFiles
{
    /// <summary>Reads, decodes and prepares one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="configuration">How the model cuts images.</param>
    /// <exception cref="CommandFailure">It cannot be read, or is no image.</exception>
    public static async Task<ChatImage> ReadAsync(string path, ImageConfiguration configuration)
    {
        byte[] file;
        try
        {
            file = await File.ReadAllBytesAsync(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure($"The image '{path}' cannot be read: {exception.Message}");
        }

        using var decoder = new ImageDecoder(new ImageDecoderOptions { MaxBytes = int.MaxValue, Timeout = TimeSpan.FromMinutes(1) });
        ImageDecoding decoding = await decoder.DecodeAsync(file, CancellationToken.None);
        if (decoding.Image is not { } image)
        {
            throw new CommandFailure($"{path}: {decoding.Refusal!.Message}");
        }

        return PreparedImage.TryCreate(image.Rgb.Span, new ImageSize(image.Width, image.Height), configuration, out PreparedImage? prepared)
            ? new ChatImage(path, file, prepared)
            : throw new CommandFailure($"{path}: {image.Width} x {image.Height} pixels are too thin: the shorter side vanishes when the longer one is shrunk to {configuration.MaxImageSize}.");
    }
}
