"""Why a picture is not kept, in words that say what to do."""

from typing import ClassVar

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class PictureRefused(Exception):
    """The base of them all. `str()` is the sentence for the page."""

    words: ClassVar[str | Promise] = ""

    def __str__(self) -> str:
        limits = {"mb": settings.PHOTO_BYTES // 10**6, "mp": settings.PHOTO_PIXELS // 10**6, "n": settings.PHOTOS_A_DAY}
        return str(self.words) % limits


class NothingInIt(PictureRefused):
    words = _("This file is empty. Take the picture again, or choose another file.")


class TooLarge(PictureRefused):
    words = _(
        "This file is larger than %(mb)d MB. Choose a smaller size in your camera's settings, and take the picture again."
    )


class Heic(PictureRefused):
    words = _(
        "Your phone saved this picture as HEIC. In its camera settings choose “Most compatible” or “JPEG” and take it "
        "again, or send a JPEG or PNG."
    )


class NotAPhotograph(PictureRefused):
    words = _("This is a drawing, a document or an animation. Send a photograph as JPEG or PNG.")


class UnknownKind(PictureRefused):
    words = _("This kind of file cannot be read here. Send the picture as JPEG or PNG.")


class TooManyPixels(PictureRefused):
    words = _("This picture has more than %(mp)d million pixels. Choose a lower resolution in your camera's settings.")


class NotWhole(PictureRefused):
    words = _("This file is broken or not whole. Send it again, or take the picture again.")


class EnoughForToday(PictureRefused):
    words = _("%(n)d pictures have come in one day, and that is the most we keep. Please send the others tomorrow.")
