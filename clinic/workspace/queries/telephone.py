"""Free times for a booking by telephone: staff are not bound by notice and horizon, but are shown the patients' grid."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from clinic.scheduling.models import Appointment
from clinic.scheduling.policies.intervals import Barred, Need, in_the_way, missing_on
from clinic.scheduling.queries.availability import MOMENT, Search, first_free, free_starts
from clinic.scheduling.queries.times import EVER, Wanted
from clinic.scheduling.queries.week import AROUND

FAR = timedelta(days=90)


@dataclass(frozen=True)
class FreeTimes:
    """What is asked for, with whom (None: anybody), and the visits that the patient has already."""

    asked: Wanted
    who: int | None
    has: tuple[Appointment, ...]
    now: datetime

    def on(self, day: date) -> list[datetime]:
        """The free starts of a local day that are still to come. One query."""
        return self._starts(self._search(day, day))

    def nearest_to(self, start: datetime, count: int = 3) -> list[datetime]:
        """The `count` free starts nearest to `start`, in time order."""
        day = start.astimezone(self.asked.location.tz).date()
        starts = self._starts(self._search(day - AROUND, day + AROUND))
        if not starts:
            starts = [free.start for free in first_free(self._search(day, day + FAR), self.now, count)]
        return sorted(sorted(starts, key=lambda free: (abs(free - start), free))[:count])

    def first_day(self, after: date) -> date | None:
        """The first local day from `after` on with a free time, as far ahead as staff may book."""
        found = first_free(self._search(after, after + EVER), self.now)
        return found[0].start.astimezone(self.asked.location.tz).date() if found else None

    def in_the_way(self, day: date) -> Barred | None:
        """Why `day` is too early, or too late: rest days, or what must come first; None when it is not."""
        return in_the_way(day, self.asked.barred)

    def missing_on(self, day: date) -> tuple[Need, ...]:
        """What would have to be booked in front."""
        return missing_on(day, self.asked.barred)

    def relaxed(self) -> "FreeTimes":
        """The same without rest days, for those who may give a reason."""
        return replace(self, asked=self.asked.relaxed())

    def _search(self, first: date, last: date) -> Search:
        search = self.asked.search(first, last, self.now, practitioner=self.who, by_staff=True)
        window, barred = (self.now, search.window[1]), search.barred + self._busy()
        return replace(search, grid=self.asked.policy.grid_minutes, window=window, barred=barred)

    def _starts(self, search: Search) -> list[datetime]:
        return sorted({free.start for free in free_starts(search, self.now)})

    def _busy(self) -> tuple[tuple[datetime, datetime], ...]:
        """Starts from which the patient would be in two visits at once; to end where the other begins is fine."""
        lasts = timedelta(minutes=self.asked.plan.present)
        return tuple((visit.during.lower - lasts + MOMENT, visit.during.upper) for visit in self.has)
