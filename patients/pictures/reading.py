"""A picture as somebody sends it, made anew: only its pixels are kept, upright, on a new canvas of a size for looking at.

Whatever else came with it stays behind: place and time, the camera's notes, comments, thumbnails, and what was hidden
behind the end of the file.
"""

import struct
import warnings
import zlib
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO

from django.conf import settings
from PIL import ExifTags, Image, ImageCms, ImageOps

from patients.pictures.refusals import (
    Heic,
    NotAPhotograph,
    NothingInIt,
    NotWhole,
    PictureRefused,
    TooLarge,
    TooManyPixels,
    UnknownKind,
)

FORMATS = ("JPEG", "PNG")  # no other decoder ever sees what somebody sent
JPEG, PNG = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
DRAWN = (b"gif8", b"%pdf", b"<svg", b"<?xml", b"<!doctype", b"<html", b"%!ps")  # in lower case
HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
BROKEN = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, EOFError, struct.error, zlib.error)

SIDE = 2400  # pixels of the longer side that is kept
PREVIEW = 320
STRIP = 64  # rows of the canvas that are painted at a time: a whole second picture would double the memory

Image.MAX_IMAGE_PIXELS = settings.PHOTO_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)


@dataclass(frozen=True)
class Picture:
    """Two JPEGs of the same: one for looking at, and a small one for pages that show several. Sizes in pixels."""

    jpeg: bytes
    preview: bytes
    width: int
    height: int


def read(content: bytes) -> Picture:
    """The picture in `content`, decoded at once. Raises a PictureRefused for everything that is none."""
    _refuse_by_its_beginning(content)
    try:
        with Image.open(BytesIO(content), formats=FORMATS) as image:
            canvas, profile = _upright(_painted(image), image), _profile_of(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise TooManyPixels from bomb
    except BROKEN as error:
        raise NotWhole from error
    canvas.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    _into_the_colours_of_screens(canvas, profile)
    width, height = canvas.size
    return Picture(_encoded(canvas, 85), _encoded(_small(canvas), 75), width, height)


def _refuse_by_its_beginning(content: bytes) -> None:
    """What a file is says its content; neither its name nor what the browser calls it is asked."""
    if not content:
        raise NothingInIt
    if len(content) > settings.PHOTO_BYTES:
        raise TooLarge
    if not content.startswith((JPEG, PNG)):
        raise _kind_of(content)


def _kind_of(content: bytes) -> PictureRefused:
    if content[4:8] == b"ftyp" and content[8:12] in HEIF:
        return Heic()
    text = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return NotAPhotograph() if text.startswith(DRAWN) else UnknownKind()


def _painted(image: Image.Image) -> Image.Image:
    """All pixels on a white canvas without anything else, at most twice as large as what is kept."""
    if image.width * image.height > settings.PHOTO_PIXELS:  # from the header: nothing is decoded yet
        raise Image.DecompressionBombError
    image.draft(None, (SIDE, SIDE))  # a JPEG is decoded at a half or a quarter where that is enough
    factor = max(1, max(image.size) // SIDE)
    canvas = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)), "white")
    for top in range(0, image.height, STRIP * factor):
        strip = image.crop((0, top, image.width, min(top + STRIP * factor, image.height)))
        canvas.paste(_opaque(strip).reduce(factor), (0, top // factor))
    return canvas


def _opaque(strip: Image.Image) -> Image.Image:
    """In 8 bits, without transparency."""
    if strip.mode.startswith(("I", "F")):  # 16 bits of grey, which would all become white
        strip = strip.point(lambda value: value * (1 / 256)).convert("L")
    if not strip.has_transparency_data:
        return strip.convert("RGB")
    seen = strip.convert("RGBA")
    white = Image.new("RGB", seen.size, "white")
    white.paste(seen, mask=seen)
    return white


def _upright(canvas: Image.Image, image: Image.Image) -> Image.Image:
    """Turned as the camera was held. A note about that which cannot be read is no reason to refuse the picture."""
    try:
        turned = image.getexif().get(ExifTags.Base.Orientation, 1)
    except BROKEN:
        return canvas
    canvas.getexif()[ExifTags.Base.Orientation] = turned
    return ImageOps.exif_transpose(canvas)


def _profile_of(image: Image.Image) -> bytes:
    """What the camera means by its colours; that of print colours was spent when they became red, green and blue."""
    return bytes(image.info.get("icc_profile") or b"") if image.mode.startswith("RGB") else b""


def _into_the_colours_of_screens(canvas: Image.Image, profile: bytes) -> None:
    """Phones write deeper reds than sRGB has numbers for; without their profile every redness would look paler."""
    if not profile:
        return
    with suppress(ImageCms.PyCMSError, *BROKEN):  # then as if there were none
        meant = ImageCms.ImageCmsProfile(BytesIO(profile))
        ImageCms.profileToProfile(canvas, meant, ImageCms.createProfile("sRGB"), inPlace=True)


def _small(canvas: Image.Image) -> Image.Image:
    small = canvas.copy()
    small.thumbnail((PREVIEW, PREVIEW), Image.Resampling.LANCZOS)
    return small


def _encoded(canvas: Image.Image, quality: int) -> bytes:
    """As JPEG; the colours are not thinned out, for redness is what is looked at."""
    written = BytesIO()
    canvas.save(written, "JPEG", quality=quality, subsampling=0)
    return written.getvalue()
