"""What everything in the demo refers to: the day, the chance, the clinic, and the patients with what is planned for them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5

from clinic.accounts.models import User
from clinic.demo.people import SIGN_INS
from clinic.demo.timeline import Timeline
from clinic.scheduling.models import Location
from clinic.scheduling.policies.intervals import Matrix, Past, barred_days, earliest_after
from clinic.scheduling.queries.healing import matrix
from patients.models import Patient
from treatments.acting import Actor
from treatments.models import Treatment

TURNS = time(14)  # of the first location, today: until then things have happened
SELDOM, APART = ("consultation", "test_patch"), timedelta(days=21)  # nobody talks about the same thing every week


@dataclass
class Person:
    row: Patient
    home: str
    online: bool
    spoken_for: bool = False  # comes for one scene only
    visits: list[Past] = field(default_factory=list)  # planned, so that nobody is asked to come too soon

    @property
    def actor(self) -> Actor:
        assert self.row.user is not None  # noqa: S101  # only asked of those with an account
        return Actor(user=self.row.user)


class World:
    def __init__(self, today: date, people: list[Person], random: Random, opened: datetime) -> None:
        self.today, self.people, self.random = today, people, random
        self.timeline = Timeline()
        self.places = {place.slug: place for place in Location.objects.all()}
        self.treatments = {treatment.code: treatment for treatment in Treatment.objects.all()}
        self.matrix: Matrix = matrix(opened + timedelta(days=1))
        self.desk = Actor(user=User.objects.get(email=SIGN_INS["receptionist"]))
        self._keys = 0

    @property
    def end(self) -> datetime:
        """The demo's own present."""
        return self.at(self.today, TURNS, "london")

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    def at(self, day: date, clock: time, place: str) -> datetime:
        return datetime.combine(day, clock, tzinfo=self.places[place].tz)

    def key(self) -> UUID:
        """The next idempotency key: the same in every demo of one date."""
        self._keys += 1
        return uuid5(NAMESPACE_URL, f"https://demo.example/{self.today}/{self._keys}")

    def free(self, person: Person, code: str, day: date) -> bool:
        """Whether the person can come for a treatment that day: nothing else planned, and the skin has rested."""
        if any(visit.day == day for visit in person.visits) or self._again(person, code, day):
            return False
        barred = barred_days(person.visits, self.treatments[code].pk, self.matrix)
        return earliest_after(day, barred) == day

    def somebody(self, code: str, day: date, home: str, *, online: bool | None = None) -> Person | None:
        """A person of the town for a visit, with the visit planned for them; None when nobody can come."""
        ours = (p for p in self.people[1:] if p.home == home and not p.spoken_for and online in (None, p.online))
        can = [person for person in ours if self.free(person, code, day)]
        return self.plan(self.random.choice(can), code, day) if can else None

    def newcomer(self, code: str, day: date) -> Person | None:
        """Somebody in London who books online for the first time, and whose earlier answers are not in the way."""
        person = self.somebody(code, day, "london", online=True)
        if person:
            person.spoken_for = True
        return person

    def plan(self, person: Person, code: str, day: date) -> Person:
        person.visits.append(Past(self.treatments[code].pk, day))
        return person

    def _again(self, person: Person, code: str, day: date) -> bool:
        same = [visit.day for visit in person.visits if visit.treatment == self.treatments[code].pk]
        return code in SELDOM and any(abs(day - other) < APART for other in same)
