"""From the score of the skin-type questionnaire to a type. Never from colour, ancestry or ethnicity."""

from collections.abc import Iterable, Mapping
from typing import Any


def type_of(score: int, bands: Iterable[Mapping[str, Any]]) -> str:
    """The type "I".."VI" of the band ({"type", "min", "max"}, both included) that holds `score`. Raises ValueError."""
    for band in bands:
        if band["min"] <= score <= band["max"]:
            return str(band["type"])
    raise ValueError(f"no band holds a score of {score}")
