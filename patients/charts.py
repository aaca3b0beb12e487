"""Small charts drawn on the server: from figures over time to the places of an SVG. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, LEFT, TOP = 320, 120, 24, 10  # of the drawing area, and the room for labels beside it


@dataclass(frozen=True)
class Dot:
    x: float
    y: float
    on: date
    level: int


@dataclass(frozen=True)
class Mark:
    """A line across, with its figure."""

    y: float
    level: int


@dataclass(frozen=True)
class Curve:
    """One figure over time. Needs two days: one alone is no curve."""

    dots: tuple[Dot, ...]
    marks: tuple[Mark, ...]

    @property
    def points(self) -> str:
        """“24,110 184,60”, as a polyline takes it."""
        return " ".join(f"{dot.x:g},{dot.y:g}" for dot in self.dots)

    @property
    def first(self) -> Dot:
        return self.dots[0]

    @property
    def last(self) -> Dot:
        return self.dots[-1]


def curve(levels: Sequence[tuple[date, int]], marks: Iterable[int]) -> Curve | None:
    """`levels` (day, figure) in the order of their days, on the scale from the least to the most of `marks`; None for fewer
    than two days.
    """
    scale = sorted(marks)
    if len({day for day, _level in levels}) < 2:
        return None
    began, days = levels[0][0], (levels[-1][0] - levels[0][0]).days
    dots = (Dot(_x((on - began).days / days), _y(level, scale), on, level) for on, level in levels)
    return Curve(tuple(dots), tuple(Mark(_y(level, scale), level) for level in scale))


def _x(share: float) -> float:
    return round(LEFT + share * WIDTH, 1)


def _y(level: int, scale: Sequence[int]) -> float:
    return round(TOP + HEIGHT * (scale[-1] - level) / (scale[-1] - scale[0]), 1)
