"""Small images of every format with the RGB pixels that Pillow makes of them, by mistral-common's rule: mode RGB as it
is, everything else converted to RGBA and pasted on white. Writes FILE and FILE.rgb. Debian: python3-pil (9.4.0)."""
import io
import struct
import zlib

from PIL import Image

W, H = 23, 17


def rgb_of(data):
    image = Image.open(io.BytesIO(data))
    image.load()
    if image.mode == "RGB":
        return image
    image = image.convert("RGBA")
    white = Image.new("RGBA", image.size, "WHITE")
    white.paste(image, (0, 0), image)
    return white.convert("RGB")


def put(name, data, expected=None):
    image = expected or rgb_of(data)
    with open(name, "wb") as f:
        f.write(data)
    with open(name + ".rgb", "wb") as f:
        f.write(struct.pack("<II", *image.size) + image.tobytes())


def save(image, **options):
    out = io.BytesIO()
    image.save(out, **options)
    return out.getvalue()


def smooth(x, y):
    return (x * 11) % 256, (y * 15) % 256, (x * 5 + y * 7) % 256


rgb = Image.new("RGB", (W, H))
rgb.putdata([smooth(x, y) for y in range(H) for x in range(W)])
rgba = Image.new("RGBA", (W, H))
rgba.putdata([smooth(x, y) + ((x * y * 3) % 256,) for y in range(H) for x in range(W)])
grey = rgb.convert("L")
palette = rgb.quantize(16)
turned = Image.Exif()
turned[0x0112] = 6

put("rgb.jpg", save(rgb, format="JPEG", quality=90))
put("progressive.jpg", save(rgb, format="JPEG", quality=80, progressive=True))
put("grey.jpg", save(grey, format="JPEG", quality=90))
put("cmyk.jpg", save(rgb.convert("CMYK"), format="JPEG", quality=95))
put("turned.jpg", save(rgb, format="JPEG", quality=90, exif=turned))
put("lossy.webp", save(rgb, format="WEBP", quality=80))
put("lossless.webp", save(rgba, format="WEBP", lossless=True, exact=True))
put("animated.webp", save(rgb, format="WEBP", lossless=True, save_all=True, append_images=[grey.convert("RGB")]))
put("palette.gif", save(palette, format="GIF"))
put("transparent.gif", save(palette, format="GIF", transparency=3))
put("animated.gif", save(palette, format="GIF", save_all=True, append_images=[rgb.transpose(0).quantize(16)]))
put("rgb.tiff", save(rgb, format="TIFF"))
put("lzw.tiff", save(rgb, format="TIFF", compression="tiff_lzw"))
put("deflate.tiff", save(palette, format="TIFF", compression="tiff_adobe_deflate"))
put("fax.tiff", save(rgb.convert("1"), format="TIFF", compression="group4"))
put("grey.tiff", save(grey, format="TIFF"))
put("turned.tiff", save(rgb, format="TIFF", tiffinfo={0x0112: 6}), rgb.transpose(Image.Transpose.ROTATE_270))  # as Pillow 11 loads it
put("rgb.bmp", save(rgb, format="BMP"))
put("palette.bmp", save(palette, format="BMP"))
put("bilevel.bmp", save(rgb.convert("1"), format="BMP"))
put("rgba.bmp", save(rgba, format="BMP"))
put("key.png", save(rgb, format="PNG", transparency=(0, 0, 0)))
put("greykey.png", save(grey, format="PNG", transparency=int(grey.getpixel((5, 5)))))


def bmp(bits, compression, pixels, extra=b"", height=H, palette=b""):
    head = struct.pack("<IiiHHIIiiII", 40, W, height, 1, bits, compression, len(pixels), 2835, 2835, len(palette) // 4, 0)
    offset = 14 + len(head) + len(extra) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(pixels), 0, 0, offset) + head + extra + palette + pixels


def rows(pack):
    out = b""
    for y in range(H - 1, -1, -1):
        row = b"".join(pack(rgb.getpixel((x, y))) for x in range(W))
        out += row + b"\0" * (-len(row) % 4)
    return out


r565 = rows(lambda p: struct.pack("<H", (p[0] >> 3) << 11 | (p[1] >> 2) << 5 | p[2] >> 3))
put("565.bmp", bmp(16, 3, r565, struct.pack("<III", 0xF800, 0x07E0, 0x001F)))
r555 = rows(lambda p: struct.pack("<H", (p[0] >> 3) << 10 | (p[1] >> 3) << 5 | p[2] >> 3))
put("555.bmp", bmp(16, 0, r555))
topdown = b"".join(bytes(v for x in range(W) for v in rgb.getpixel((x, y))[::-1]) + b"\0" * (-3 * W % 4) for y in range(H))
put("topdown.bmp", bmp(24, 0, topdown, height=-H))
colours = b"".join(struct.pack("BBBB", i, 255 - i, (i * 7) % 256, 0) for i in range(256))
runs = b""
for y in range(H):
    runs += bytes([10, y * 3, 0, 5]) + bytes([1, 2, 3, 4, 5]) + b"\0" + bytes([W - 15, 200 + y]) + b"\0\0"
runs += b"\0\1"
put("rle8.bmp", bmp(8, 1, runs, palette=colours))


def png16(colour_type, samples_per_pixel):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    raw = b""
    for y in range(H):
        raw += b"\0"
        for x in range(W):
            values = [(c * 257 + 77 * i) % 65536 for i, c in enumerate(smooth(x, y) + ((x * 9) % 256,))]
            raw += struct.pack(">%dH" % samples_per_pixel, *values[:samples_per_pixel])
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", W, H, 16, colour_type, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


put("rgb16.png", png16(2, 3))
put("rgba16.png", png16(6, 4))
put("la16.png", png16(4, 2))
