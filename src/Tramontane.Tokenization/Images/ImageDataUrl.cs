using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Tramontane.Tokenization.Images;

/// <summary>Images inside a request: <c>data:image/…;base64,…</c> URLs.</summary>
public static class ImageDataUrl
{
    private static readonly SearchValues<char> s_alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>Whether a URL carries an image itself.</summary>
    public static bool IsImage(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        return url.StartsWith("data:image/", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// The bytes after the first comma. Characters outside the base64 alphabet are skipped and missing padding is
    /// forgiven, as clients wrap lines and cut padding.
    /// </summary>
    /// <returns>False when this is no image URL, has no comma, or a single character is left over.</returns>
    public static bool TryDecode(string url, out byte[] image)
    {
        image = [];
        int comma = IsImage(url) ? url.IndexOf(',', StringComparison.Ordinal) : -1;
        if (comma < 0)
        {
            return false;
        }

        var base64 = new ArrayBufferWriter<byte>(url.Length - comma + 4);
        ReadOnlySpan<char> rest = url.AsSpan(comma + 1);
        while (!rest.IsEmpty)
        {
            int bad = rest.IndexOfAnyExcept(s_alphabet);
            ReadOnlySpan<char> run = bad < 0 ? rest : rest[..bad];
            Encoding.ASCII.GetBytes(run, base64);
            rest = rest[run.Length..];
            if (!rest.IsEmpty)
            {
                rest = rest[1..];
            }
        }

        if (base64.WrittenCount % 4 == 1)
        {
            return false;
        }

        base64.Write("=="u8[..((4 - (base64.WrittenCount % 4)) % 4)]);
        var decoded = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.WrittenCount)];
        if (Base64.DecodeFromUtf8(base64.WrittenSpan, decoded, out _, out int written) != OperationStatus.Done)
        {
            return false;
        }

        image = decoded[..written];
        return true;
    }

    /// <summary>The pixel size of the image in a URL.</summary>
    /// <returns>False when this is no such URL or its bytes are no known image.</returns>
    public static bool TryReadSize(string url, out ImageSize size)
    {
        size = default;
        return TryDecode(url, out byte[] image) && ImageHeader.TryReadSize(image, out size);
    }
}
