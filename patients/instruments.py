"""The skin-type questionnaire and the scar self-assessment, as items on pages. Their content is in the knowledge files.

Their answers are kept like all others until the last one is in; then they become one Phototype or ScarAssessment.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext as _

from patients.items import UNSURE, Item, Look, Option
from treatments.models import Window
from treatments.operations.load import read

VARIANT = "ten_item"
SKIN, SCAR = "phototype-", "scar-"


@dataclass(frozen=True)
class Sheet:
    """A page of an instrument."""

    code: str
    title: str
    items: tuple[Item, ...]


@cache
def _known(name: str) -> dict[str, Any]:
    """A knowledge file, read once: it changes only with a new release."""
    return read(name)


def variant() -> dict[str, Any]:
    """The scoring in use: {"id", "items", "bands", …}."""
    found: dict[str, Any] = next(v for v in _known("phototype")["variants"] if v["id"] == VARIANT)
    return found


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


def scars() -> tuple[Sheet, ...]:
    """Which look and where: once. How visible and how much they bother: for each session, so that it can be followed."""
    known = _known("scars")
    return (
        Sheet("scars-where", _("Your scars"), (_type_item(known["types"]), _zones_item(known["zones"]))),
        Sheet("scars-today", _("Your scars today"), (_visibility_item(known["visibility"]), _bother_item(known["bother"]))),
    )


def items(sheets: tuple[Sheet, ...]) -> tuple[Item, ...]:
    return tuple(item for sheet in sheets for item in sheet.items)


def _skin_item(question: dict[str, Any]) -> Item:
    options = tuple(Option(str(o["score"]), str(o["label"])) for o in question["options"])
    return Item(f"{SKIN}{question['code']}", Look.CHOICE, question["text"], options=options)


def _type_item(types: list[dict[str, Any]]) -> Item:
    pictures = [Option(t["code"], t["name"], t["patient_text"], f"drawings/scar_{t['drawing']}.html") for t in types]
    text = _("Which picture comes closest to most of your marks?")
    return Item(f"{SCAR}type", Look.PICTURES, text, options=(*pictures, Option(UNSURE, _("I'm not sure"))))


def _zones_item(zones: list[dict[str, Any]]) -> Item:
    options = tuple(Option(zone["code"], zone["name"]) for zone in zones)
    help_text = _("Choose all that fit. Left and right are yours.")
    return Item(f"{SCAR}zones", Look.SEVERAL, _("Where are they?"), help_text, options)


def _visibility_item(visibility: dict[str, Any]) -> Item:
    options = tuple(Option(o["code"], o["label"]) for o in visibility["options"])
    return Item(f"{SCAR}visibility", Look.CHOICE, visibility["text"], options=options, window=Window.EACH_SESSION)


def _bother_item(bother: dict[str, Any]) -> Item:
    options = tuple(Option(str(n), str(n)) for n in range(bother["min"], bother["max"] + 1))
    ends = {"low": bother["min"], "least": bother["min_label"], "high": bother["max"], "most": bother["max_label"]}
    help_text = _("%(low)s: %(least)s. %(high)s: %(most)s.") % ends
    return Item(f"{SCAR}bother", Look.SCALE, bother["text"], help_text, options, window=Window.EACH_SESSION)
