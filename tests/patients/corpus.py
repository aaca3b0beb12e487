"""Files that people send, and files that nobody should: all made here, so that none of them lies in the repository."""

import struct
import zlib
from io import BytesIO

from PIL import Image

GPS, MAKER, COMMENT = "51.5074", "MAKER-MARKER", b"COMMENT-MARKER"
RED, BLUE = (200, 30, 30), (30, 30, 200)


def halves(size: tuple[int, int] = (60, 40), mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def saved(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    written = BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def jpeg(size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    return saved(halves(size), quality=95, **options)


def png(size: tuple[int, int] = (60, 40), mode: str = "RGB", **options: object) -> bytes:
    return saved(halves(size, mode), "PNG", **options)


def with_everything(orientation: int = 6) -> bytes:
    """A JPEG as a phone writes it: turned, with place, maker's note, comment and thumbnail."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = MAKER
    exif[0x9286] = b"ASCII\0\0\0" + COMMENT
    gps = exif.get_ifd(0x8825)
    gps[1], gps[2], gps[0x1D] = "N", (51.0, 30.0, 26.64), GPS
    exif.get_ifd(0x8769)[0x927C] = b"NOTE-MARKER"
    return saved(halves(), quality=95, exif=exif, comment=COMMENT, icc_profile=b"PROFILE-MARKER")


def wide_colours() -> bytes:
    """A camera's colour profile (Display P3, roughly) with no more in it than is needed."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"curv" + bytes(4) + struct.pack(">IHH", 1, 0x0233, 0)
    tags = {
        b"rXYZ": b"XYZ " + bytes(4) + fixed(0.5151, 0.2412, -0.0011),
        b"gXYZ": b"XYZ " + bytes(4) + fixed(0.2920, 0.6922, 0.0419),
        b"bXYZ": b"XYZ " + bytes(4) + fixed(0.1571, 0.0666, 0.7841),
        b"wtpt": b"XYZ " + bytes(4) + fixed(0.9642, 1.0, 0.8249),
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    start, table, content = 128 + 4 + 12 * len(tags), struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += struct.pack(">4sII", name, start + len(content), len(value))
        content += value
    size = struct.pack(">I", start + len(content))
    head = size + b"test" + struct.pack(">I", 0x02400000) + b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28)
    return head.ljust(68, b"\0") + fixed(0.9642, 1.0, 0.8249) + bytes(48) + table + content


MARKERS = (GPS.encode(), MAKER.encode(), COMMENT, b"NOTE-MARKER", b"PROFILE-MARKER", b"Exif", b"<?php", b"PK\x03\x04")


def polyglot() -> bytes:
    """A whole JPEG that is also a script and an archive."""
    return jpeg(comment=b"<?php system($_GET[0]); ?>") + b"PK\x03\x04 archive <?php echo 1; ?>"


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_saying(width: int, height: int, pixels: bytes = b"", *more: bytes) -> bytes:
    """A PNG whose header says a size, whatever is in it."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", header), *more, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def bomb(side: int = 20_000) -> bytes:
    """A real, whole PNG of so many black pixels, two hundred times smaller than they are."""
    packer = zlib.compressobj(1)
    row = b"\0" * (1 + 3 * side)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png_saying(side, side, packed)


def text_bomb() -> bytes:
    """A small PNG with a note that becomes 300 MB when it is unpacked."""
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"\0" * 1_000_000) for _ in range(300)) + packer.flush()
    rows = zlib.compress(b"\0" * 4 * 1)
    return png_saying(1, 1, rows, chunk(b"zTXt", b"note\0\0" + packed))


def animated(kind: str) -> bytes:
    return saved(halves(), kind, save_all=True, append_images=[Image.new("RGB", (60, 40), "green")])


def heic(brand: bytes = b"heic") -> bytes:
    return b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0mif1" + brand + b"\0" * 200


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
HTML = b"<!DOCTYPE html><script>alert(1)</script>"
PDF = b"%PDF-1.7\n1 0 obj"
EPS = b"%!PS-Adobe-3.0 EPSF-3.0"


def truncated(kind: str = "JPEG") -> bytes:
    whole = saved(halves((400, 300)), kind)
    return whole[: len(whole) * 2 // 3]


def large() -> bytes:
    """A whole JPEG of eleven million bytes."""
    whole = jpeg()
    return whole + b"\0" * (11_000_000 - len(whole))
