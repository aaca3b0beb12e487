"""When somebody who asks for a call is called at the latest: by the end of the next half day that is open. Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clinic.scheduling.models import CallBack

NOON = time(13)  # a day's halves meet here


class Half(NamedTuple):
    """The hours before, or from, one o'clock of a day; instants."""

    first: datetime
    last: datetime
    when: str  # as patients choose it


def halves(day: date, opens: time, closes: time, zone: ZoneInfo) -> list[Half]:
    """The one or two halves of a local day that is open from `opens` to `closes`."""
    spans = [(opens, min(closes, NOON), CallBack.When.MORNING), (max(opens, NOON), closes, CallBack.When.AFTERNOON)]
    return [
        Half(datetime.combine(day, first, zone), datetime.combine(day, last, zone), when)
        for first, last, when in spans
        if first < last
    ]


def due(open_halves: Iterable[Half], when: str, asked: datetime) -> datetime | None:
    """The end of the first half that begins after `asked` and is as wished, else of the first at all, or None."""
    coming = [half for half in open_halves if half.first > asked]
    wished = [half for half in coming if when in (CallBack.When.ANY, half.when)]
    return next((half.last for half in [*wished, *coming]), None)
