"""What comes first and the visit itself, being chosen one after the other; nothing is stored meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple, Self

from clinic.scheduling.models import Location, Offer
from clinic.scheduling.policies.intervals import Need, Past, in_the_way, missing_on
from clinic.scheduling.queries.times import Wanted, wanted
from patients.models import Patient
from treatments.models import Treatment


class Pick(NamedTuple):
    """A time that was chosen, and with whom (None: anybody)."""

    start: datetime
    who: int | None = None


@dataclass(frozen=True)
class Front:
    """The treatments in their order, the wished one last, each with its pick or None. `needs` says how far ahead each is."""

    patient: Patient
    place: Location
    treatments: tuple[Treatment, ...]
    needs: tuple[Need | None, ...]
    picks: tuple[Pick | None, ...]
    now: datetime

    @property
    def step(self) -> int | None:
        """The first that still needs a time, or None when all have one."""
        return next((n for n, pick in enumerate(self.picks) if pick is None), None)

    def day(self, n: int) -> date | None:
        pick = self.picks[n]
        return pick.start.astimezone(self.place.tz).date() if pick else None

    def asked(self, n: int) -> Wanted:
        """What the n-th needs, as if the others were booked. Raises NotBookable where it is not offered."""
        others = [(treatment, self.day(m)) for m, treatment in enumerate(self.treatments) if m != n]
        also = tuple(Past(treatment.pk, day) for treatment, day in others if day)
        return wanted(self.treatments[n], self.place, self.now).of(self.patient, self.now, also=also)

    def lines(self) -> list[tuple[Wanted, Need | None, Pick | None]]:
        """Each with the version that would be booked, for the page. Three queries each."""
        asked = (wanted(treatment, self.place, self.now) for treatment in self.treatments)
        return list(zip(asked, self.needs, self.picks, strict=True))

    def picked(self, n: int, pick: Pick | None) -> Self:
        """With another pick for the n-th. Later ones that it leaves no room for are chosen again."""
        front = self._with(n, pick)
        for later in range(n + 1, len(self.picks)) if pick else ():
            at, day = front.picks[later], front.day(later)
            if at and pick and day and (at.start <= pick.start or in_the_way(day, front.asked(later).barred)):
                front = front._with(later, None)
        return front

    def _with(self, n: int, pick: Pick | None) -> Self:
        return replace(self, picks=(*self.picks[:n], pick, *self.picks[n + 1 :]))


def needs_in_front(patient: Patient, treatment: Treatment, place: Location, now: datetime) -> tuple[Need, ...]:
    """What has to be booked before `treatment`; empty when nothing is missing. Raises NotBookable."""
    asked = wanted(treatment, place, now, patient=patient)
    return missing_on(now.astimezone(place.tz).date(), asked.barred)


def places_for(treatments: Sequence[Treatment], now: datetime) -> list[Location]:
    """The open locations where all of them are offered."""
    offers = Offer.objects.filter(treatment__in=treatments, valid_from__lte=now, location__active=True)
    offered: dict[Location, set[int]] = {}
    for offer in offers.select_related("location").order_by("location__name"):
        offered.setdefault(offer.location, set()).add(offer.treatment_id)
    return [place for place, found in offered.items() if found >= {treatment.pk for treatment in treatments}]
