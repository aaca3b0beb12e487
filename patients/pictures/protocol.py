"""How the five views are taken, as the knowledge file says it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from patients.models import View
from treatments.operations.load import read


@dataclass(frozen=True)
class Guide:
    """How to take one view. `drawing` names a partial of drawings/, turned round where `mirrored`."""

    view: View
    text: str
    drawing: str
    mirrored: bool


@cache
def _known() -> dict[str, Any]:
    """Read once: it changes only with a new release."""
    return read("photos")


def guides() -> tuple[Guide, ...]:
    """In the order in which they are taken."""
    return tuple(
        Guide(View(entry["code"]), entry["text"], f"drawings/head_{entry['drawing']}.html", entry["mirrored"])
        for entry in _known()["views"]
    )


def manners() -> tuple[str, ...]:
    """What holds for all views."""
    return tuple(entry["text"] for entry in _known()["manners"])


def staff_text() -> str:
    """What only those need to know who take pictures at the clinic."""
    return str(_known()["staff_text"])
