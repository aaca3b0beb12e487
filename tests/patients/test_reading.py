"""What becomes of a file that somebody sends: a clean JPEG, or a sentence that says what to do."""

import subprocess
import sys
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from patients.pictures import refusals
from patients.pictures.reading import PREVIEW, SIDE, Picture, read
from patients.pictures.refusals import PictureRefused
from tests.patients import corpus

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 400_000  # kB that a whole process may need at its worst moment


def opened(content: bytes) -> Image.Image:
    image = Image.open(BytesIO(content))
    image.load()
    return image


def colours(image: Image.Image, *points: tuple[float, float]) -> list[str]:
    """At these parts of width and height: the nearest of a few colours."""
    known = {"red": corpus.RED, "blue": corpus.BLUE, "white": (255, 255, 255), "black": (0, 0, 0), "grey": (128, 128, 128)}

    def nearest(pixel: tuple[int, ...]) -> str:
        return min(known, key=lambda name: sum((a - b) ** 2 for a, b in zip(known[name], pixel, strict=True)))

    rgb = image.convert("RGB")
    return [nearest(rgb.getpixel((int(x * image.width), int(y * image.height)))) for x, y in points]


LEFT, RIGHT, TOP, BOTTOM = (0.2, 0.5), (0.8, 0.5), (0.5, 0.2), (0.5, 0.8)

WELCOME = {
    "a JPEG": corpus.jpeg(),
    "a PNG": corpus.png(),
    "a progressive JPEG": corpus.jpeg(progressive=True),
    "a JPEG in print colours": corpus.saved(corpus.halves(mode="CMYK"), quality=95),
    "a PNG with a palette": corpus.png(mode="P"),
    "a PNG with transparency": corpus.png(mode="RGBA"),
    "a moving PNG, its first picture": corpus.animated("PNG"),
    "two JPEGs in one file, the first": corpus.animated("MPO"),
    "a script and an archive behind a picture": corpus.polyglot(),
    "with place, maker and comment": corpus.with_everything(orientation=1),
}


@pytest.mark.parametrize("content", WELCOME.values(), ids=WELCOME)
def test_becomes_a_clean_jpeg(content: bytes) -> None:
    picture = read(content)
    for made in (picture.jpeg, picture.preview):
        image = opened(made)
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (60, 40))
        assert colours(image, LEFT, RIGHT) == ["red", "blue"]
        assert not image.getexif()
        assert {"comment", "exif", "icc_profile", "xmp"} & set(image.info) == set()
        assert [marker for marker in corpus.MARKERS if marker in made] == []
    assert (picture.width, picture.height) == (60, 40)


def test_the_markers_were_there_to_be_found() -> None:
    sent = corpus.with_everything() + corpus.polyglot()
    assert [marker for marker in corpus.MARKERS if marker not in sent] == []


TURNED = {
    1: {LEFT: "red", RIGHT: "blue"},
    2: {LEFT: "blue", RIGHT: "red"},
    3: {LEFT: "blue", RIGHT: "red"},
    4: {LEFT: "red", RIGHT: "blue"},
    5: {TOP: "red", BOTTOM: "blue"},
    6: {TOP: "red", BOTTOM: "blue"},
    7: {TOP: "blue", BOTTOM: "red"},
    8: {TOP: "blue", BOTTOM: "red"},
}


@pytest.mark.parametrize("orientation", TURNED)
def test_stands_as_the_camera_was_held(orientation: int) -> None:
    picture = read(corpus.with_everything(orientation))
    image, where = opened(picture.jpeg), TURNED[orientation]
    assert image.size == (picture.width, picture.height) == ((60, 40) if orientation < 5 else (40, 60))
    assert colours(image, *where) == list(where.values())


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_a_way_of_holding_that_does_not_exist_turns_nothing(orientation: int) -> None:
    assert read(corpus.with_everything(orientation)).width == 60


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_notes_that_cannot_be_read_are_no_reason_to_refuse() -> None:
    broken = corpus.jpeg(exif=b"Exif\0\0II*\0\xff\xff\xff\x7fnonsense")
    assert colours(opened(read(broken).jpeg), LEFT, RIGHT) == ["red", "blue"]


def test_sixteen_bits_of_grey_stay_grey() -> None:
    image = Image.new("I;16", (60, 40), 0)
    image.paste(Image.new("I;16", (30, 40), 0x8000), (30, 0))
    assert colours(opened(read(corpus.saved(image, "PNG")).jpeg), LEFT, RIGHT) == ["black", "grey"]


def test_what_is_transparent_becomes_white() -> None:
    image = corpus.halves(mode="RGBA")
    image.paste((0, 0, 0, 0), (0, 0, 30, 40))
    assert colours(opened(read(corpus.saved(image, "PNG")).jpeg), LEFT, RIGHT) == ["white", "blue"]


@pytest.mark.parametrize(
    ("sent", "kept"), [((5000, 3000), (2400, 1440)), ((2400, 10), (2400, 10)), ((9000, 40), (2400, 11))]
)
def test_is_no_larger_than_one_looks_at(sent: tuple[int, int], kept: tuple[int, int]) -> None:
    for content in (corpus.jpeg(sent), corpus.png(sent)):
        picture = read(content)
        assert opened(picture.jpeg).size == (picture.width, picture.height) == kept
        assert max(opened(picture.preview).size) == PREVIEW
        assert colours(opened(picture.jpeg), LEFT, RIGHT) == ["red", "blue"]


def test_a_small_picture_is_not_blown_up() -> None:
    assert max(opened(read(corpus.jpeg((30, 20))).jpeg).size) == 30 < SIDE


REFUSED = {
    "nothing": (b"", refusals.NothingInIt),
    "eleven megabytes": (corpus.large(), refusals.TooLarge),
    "a HEIC": (corpus.heic(), refusals.Heic),
    "another HEIC": (corpus.heic(b"mif1"), refusals.Heic),
    "an SVG": (corpus.SVG, refusals.NotAPhotograph),
    "an SVG without a prologue": (b"\n <svg/>", refusals.NotAPhotograph),
    "a page": (corpus.HTML, refusals.NotAPhotograph),
    "a PDF": (corpus.PDF, refusals.NotAPhotograph),
    "an EPS": (corpus.EPS, refusals.NotAPhotograph),
    "a GIF": (corpus.saved(corpus.halves(), "GIF"), refusals.NotAPhotograph),
    "a moving GIF": (corpus.animated("GIF"), refusals.NotAPhotograph),
    "a WEBP": (corpus.saved(corpus.halves(), "WEBP"), refusals.UnknownKind),
    "a TIFF": (corpus.saved(corpus.halves(), "TIFF"), refusals.UnknownKind),
    "a BMP": (corpus.saved(corpus.halves(), "BMP"), refusals.UnknownKind),
    "a script": (b"<?php echo 1;", refusals.UnknownKind),
    "noise": (bytes(range(256)), refusals.UnknownKind),
    "60,000 × 60,000": (corpus.png_saying(60_000, 60_000), refusals.TooManyPixels),
    "40 million and a few": (corpus.png_saying(6325, 6325), refusals.TooManyPixels),
    "half a JPEG": (corpus.truncated(), refusals.NotWhole),
    "half a PNG": (corpus.truncated("PNG"), refusals.NotWhole),
    "the beginning of a JPEG": (corpus.jpeg()[:3], refusals.NotWhole),
    "the beginning of a PNG": (corpus.png()[:8], refusals.NotWhole),
    "a PNG without pixels": (corpus.png_saying(10, 10), refusals.NotWhole),
    "a PNG of no size": (corpus.png_saying(0, 10), refusals.NotWhole),
    "a JPEG that is a page": (b"\xff\xd8\xff" + corpus.HTML, refusals.NotWhole),
    "a small PNG with an endless note": (corpus.text_bomb(), refusals.NotWhole),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_is_refused_in_words(content: bytes, why: type[PictureRefused]) -> None:
    with pytest.raises(PictureRefused) as refused:
        read(content)
    assert type(refused.value) is why


def test_each_refusal_says_something_of_its_own() -> None:
    said = {str(why()) for why in PictureRefused.__subclasses__()}
    assert len(said) == len(PictureRefused.__subclasses__()) == 8
    assert "10 MB" in str(refusals.TooLarge())
    assert "40 million" in str(refusals.TooManyPixels())
    assert "12 pictures" in str(refusals.EnoughForToday())
    assert not any("%" in sentence for sentence in said)


SAMPLES = [
    corpus.with_everything(),
    corpus.png(mode="RGBA"),
    corpus.png(mode="P"),
    corpus.animated("MPO"),
    corpus.jpeg(icc_profile=corpus.wide_colours()),
]


@pytest.mark.filterwarnings("ignore::UserWarning")  # what Pillow thinks of it
@settings(max_examples=400)
@given(st.sampled_from(SAMPLES), st.lists(st.tuples(st.integers(0, 5000), st.binary(max_size=8)), max_size=6))
def test_whatever_is_wrong_with_it_a_picture_or_a_refusal_comes_out(whole: bytes, changes: list[tuple[int, bytes]]) -> None:
    content = bytearray(whole)
    for where, what in changes:
        content[where % len(content) : where % len(content) + len(what)] = what
    with suppress(PictureRefused):
        assert isinstance(read(bytes(content)), Picture)


# --- memory: a process of its own, and its highest mark

MEASURE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
import django; django.setup()
from patients.pictures.reading import read
from patients.pictures.refusals import PictureRefused
try:
    read(sys.stdin.buffer.read()); said = "kept"
except PictureRefused as refused:
    said = type(refused).__name__
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(said, peak.split()[1])
"""


def measured(content: bytes) -> tuple[str, int]:
    """What became of it, and the most that the process had in memory, in kB."""
    done = subprocess.run([sys.executable, "-c", MEASURE], input=content, cwd=ROOT, capture_output=True, check=True)
    said, peak = done.stdout.split()
    return said.decode(), int(peak)


SIDES = (6300, 6300)  # nearly 40 million pixels
LARGEST = {
    "JPEG": lambda: corpus.saved(Image.new("RGB", SIDES, corpus.RED), quality=50),
    "progressive JPEG": lambda: corpus.saved(Image.new("RGB", SIDES, corpus.RED), quality=50, progressive=True),
    "JPEG in print colours": lambda: corpus.saved(Image.new("CMYK", SIDES), quality=50),
    "PNG": lambda: corpus.saved(Image.new("RGB", SIDES, corpus.RED), "PNG"),
    "PNG with transparency": lambda: corpus.saved(Image.new("RGBA", SIDES, (9, 9, 9, 99)), "PNG"),
    "PNG of 16 bits": lambda: corpus.saved(Image.new("I;16", SIDES, 9), "PNG"),
    "PNG that is just not halved": lambda: corpus.saved(Image.new("RGBA", (4799, 4799), (9, 9, 9, 99)), "PNG"),
}


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize("kind", LARGEST)
def test_the_largest_pictures_stay_within_bounds(kind: str) -> None:
    said, peak = measured(LARGEST[kind]())
    assert said == "kept"
    assert peak < LIMIT, peak


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("bomb", "why"), [(corpus.bomb, "TooManyPixels"), (corpus.text_bomb, "NotWhole")])
def test_a_bomb_is_refused_before_it_is_unpacked(bomb, why: str) -> None:
    (nothing, idle), (said, peak) = measured(b""), measured(bomb())
    assert (nothing, said) == ("NothingInIt", why)
    assert peak - idle < 20_000, (idle, peak)
