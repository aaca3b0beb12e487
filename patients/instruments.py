"""The skin-type questionnaire and the scar self-assessment, as items on pages. Their content is in the knowledge files.

Their answers are kept like all others until the last one is in; then they become one Phototype or ScarAssessment.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from patients.items import PREFER_NOT, UNSURE, Item, Look, Option
from treatments.models import Window
from treatments.operations.load import read

VARIANT = "ten_item"
SKIN, SCAR = "phototype-", "scar-"
ZONES, TYPE, WORDS = f"{SCAR}zones", f"{SCAR}type-", f"{SCAR}words-"  # the last two are asked of each chosen zone


@dataclass(frozen=True)
class Sheet:
    """A page of an instrument. `pictures` are shown above its questions, to recognise something by."""

    code: str
    title: str
    items: tuple[Item, ...]
    pictures: tuple[Option, ...] = ()


@cache
def _known(name: str) -> dict[str, Any]:
    """A knowledge file, read once: it changes only with a new release."""
    return read(name)


def variant() -> dict[str, Any]:
    """The scoring in use: {"id", "items", "bands", …}."""
    found: dict[str, Any] = next(v for v in _known("phototype")["variants"] if v["id"] == VARIANT)
    return found


def highest_score(code: str) -> int | None:
    """Of the scoring that a stored score names; None where it is no longer known."""
    return next((int(v["max"]) for v in _known("phototype")["variants"] if v["id"] == code), None)


def type_words() -> dict[str, str]:
    """{"I": what such skin does in the sun, …}, the only way in which patients see a type."""
    return {entry["type"]: entry["words"] for entry in _known("phototype")["types"]}


def skin_type() -> tuple[Sheet, ...]:
    """The ten items, by section."""
    titles = {"genetic": _("Your skin by nature"), "reaction": _("Your skin in the sun"), "habits": _("Sun and habits")}
    asked = [q for q in _known("phototype")["questions"] if q["code"] in variant()["items"]]
    return tuple(
        Sheet(f"skin-{section}", title, tuple(_skin_item(q) for q in asked if q["section"] == section))
        for section, title in titles.items()
    )


def scars(chosen: Collection[str] = ()) -> tuple[Sheet, ...]:
    """Where, and for each `chosen` zone which look and in what words: once. How visible they are, and how much they bother:
    for each session, so that it can be followed.
    """
    known = _known("scars")
    look = Sheet("scars-look", _("What they look like"), tuple(_looks(chosen)), scar_pictures())
    return (
        Sheet("scars-where", _("Your scars"), (_zones_item(known["zones"]),)),
        *((look,) if look.items else ()),
        Sheet("scars-today", _("Your scars today"), (_visibility_item(known["visibility"]), _bother_item(known["bother"]))),
    )


def zone_words() -> dict[str, str]:
    """{zone: its name}, in the order of the list."""
    return {zone["code"]: zone["name"] for zone in _known("scars")["zones"]}


def scar_words() -> dict[str, str]:
    """{type of scar: its name}, the one that nobody is sure of included."""
    return {option.code: option.label for option in _scar_options()}


def visibility_words(code: str) -> str:
    """The sentence that the patient chose."""
    return _visibility_item(_known("scars")["visibility"]).words(code)


def scar_pictures() -> tuple[Option, ...]:
    """Each type of scar with its drawing."""
    types = _known("scars")["types"]
    return tuple(Option(t["code"], t["name"], t["patient_text"], f"drawings/scar_{t['drawing']}.html") for t in types)


def grading() -> dict[str, Any]:
    """The clinician's scale: {"code", "version", "source", "grades": [{"grade", "label", "rule"}]}."""
    known = _known("scars")
    return {**known["goodman_baron_scale"], "grades": known["goodman_baron"]}


def items(sheets: tuple[Sheet, ...]) -> tuple[Item, ...]:
    return tuple(item for sheet in sheets for item in sheet.items)


def _skin_item(question: dict[str, Any]) -> Item:
    options = tuple(Option(str(o["score"]), str(o["label"])) for o in question["options"])
    return Item(f"{SKIN}{question['code']}", Look.CHOICE, question["text"], options=options)


def _scar_options() -> tuple[Option, ...]:
    named = (Option(picture.code, picture.label) for picture in scar_pictures())
    return (*named, Option(UNSURE, _("I'm not sure")))


def _looks(chosen: Collection[str]) -> Iterator[Item]:
    """The questions about each chosen zone, in the order of the list; what is no zone (any more) is left out."""
    for code, name in zone_words().items():
        if code in chosen:
            text = _("%(zone)s: which comes closest?") % {"zone": name}
            yield Item(f"{TYPE}{code}", Look.CHIPS, text, options=_scar_options())
            yield _own_words_item(code, name)


def _own_words_item(zone: str, name: str) -> Item:
    text, nothing = _("%(zone)s, in your own words") % {"zone": name}, Option(PREFER_NOT, _("Nothing to add"))
    return Item(f"{WORDS}{zone}", Look.TEXT, text, options=(nothing,), optional=True, rows=2)


def _zones_item(zones: list[dict[str, Any]]) -> Item:
    options = tuple(Option(zone["code"], zone["name"]) for zone in zones)
    help_text = _("Choose all that fit, in the list or on the drawing. Left and right are yours.")
    return Item(ZONES, Look.FACE, _("Where are they?"), help_text, options)


def _visibility_item(visibility: dict[str, Any]) -> Item:
    options = tuple(Option(o["code"], o["label"]) for o in visibility["options"])
    return Item(f"{SCAR}visibility", Look.CHOICE, visibility["text"], options=options, window=Window.EACH_SESSION)


def _bother_item(bother: dict[str, Any]) -> Item:
    options = tuple(Option(str(n), str(n)) for n in range(bother["min"], bother["max"] + 1))
    ends = {"low": bother["min"], "least": bother["min_label"], "high": bother["max"], "most": bother["max_label"]}
    help_text = _("%(low)s: %(least)s. %(high)s: %(most)s.") % ends
    return Item(f"{SCAR}bother", Look.SCALE, bother["text"], help_text, options, window=Window.EACH_SESSION)
