"""Goodman and Baron's two scales, as arithmetic. Pure: the words and the weights come from elsewhere."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

Bands = Sequence[Sequence[int]]  # [from, times], ascending


class Weight(NamedTuple):
    """One kind of scar of the quantitative table."""

    code: str
    name: str
    points: int
    bands: Bands


class Term(NamedTuple):
    """What one kind adds: `points` × `times`, for `number` of them."""

    name: str
    number: int
    points: int
    times: int

    @property
    def product(self) -> int:
        return self.points * self.times


def worst(grades: Iterable[int]) -> int:
    """The grade of all that was looked at. Raises ValueError where nothing was."""
    return max(grades)


def multiplier(number: int, bands: Bands) -> int:
    """By what the points of a kind are multiplied when there are `number` of it; 0 below the first band."""
    return next((times for first, times in reversed(bands) if number >= first), 0)


def terms(counts: Mapping[str, int], weights: Iterable[Weight]) -> tuple[Term, ...]:
    """The formula, one term for each kind that was counted, in the table's order."""
    counted = ((weight, counts.get(weight.code, 0)) for weight in weights)
    return tuple(Term(w.name, number, w.points, multiplier(number, w.bands)) for w, number in counted if number)


def total(found: Iterable[Term]) -> int:
    return sum(term.product for term in found)


def highest(weights: Iterable[Weight]) -> int:
    """The most that a total can come to."""
    return sum(weight.points * weight.bands[-1][1] for weight in weights)
