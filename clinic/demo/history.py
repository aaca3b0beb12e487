"""A synthetic history of any size, for measuring: loaded by COPY, with every constraint in place.

Whatever its size, it has the same 5 locations with 21 resources each, and the same 90 days ahead, in which 60 % of the
practitioners' hours are taken (`ahead`). The rest lies in the past, day before day, on the same resources (`before`).
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from random import Random
from typing import NamedTuple
from uuid import UUID, uuid4

from django.db import connections, transaction

from clinic.accounts.models import User
from clinic.demo.history_clinic import CLINIC
from clinic.scheduling.models import Location, Resource
from clinic.scheduling.operations.open_clinic import open_clinic
from clinic.scheduling.queries.offers import bookable
from clinic.scheduling.stretches import Plan, plan
from treatments.acting import Actor
from treatments.models import TreatmentVersion
from treatments.operations import approve, publish

AHEAD = 90  # days
DAY = timedelta(days=1)
OPENS = time(9)
BETWEEN = 15  # minutes from one patient's end to the next one's start: clean down and set up
VISITS_PER_PATIENT = 20
CHUNK = 5_000  # visits a transaction
COLUMNS = {
    "patients_patient": "id, given_name, family_name, birth_date, email, phone, created_at",
    "scheduling_appointment": "id, status, patient_id, location_id, treatment_id, version_id, practitioner_id, during,"
    " occupied, price_minor, currency, note, created_at, held_for, holder",
    "scheduling_claim": "appointment_id, occupies, resource_id, during",
    "scheduling_appointmentevent": "id, appointment_id, number, at, task, verb, from_status, to_status, during, reason",
}


class Slot(NamedTuple):
    """One visit of a day: what, by whom, where, with which pen, and how many minutes after opening it starts."""

    code: str
    practitioner: int
    room: int
    pen: int | None
    minute: int


@dataclass(frozen=True)
class Team:
    """A location with its resource ids; the first practitioner is there on Mondays, and so on, two a weekday."""

    place: Location
    practitioners: tuple[int, ...]
    rooms: tuple[int, ...]
    pens: tuple[int, ...]


class Visit(NamedTuple):
    team: Team
    day: date
    slot: Slot


def open_history(now: datetime) -> None:
    """The synthetic clinic in an empty database, with the whole catalogue published."""
    drafts = open_clinic(plan=CLINIC, now=now - timedelta(days=1))
    doctor = Actor(user=User.objects.filter(resource__isnull=False).order_by("pk")[0])
    owner = Actor(user=User.objects.get(email=CLINIC.people[0].email))
    for draft in drafts:
        approve(actor=doctor, draft=draft, now=now - timedelta(hours=2))
        publish(actor=owner, draft=draft, why="For measuring", now=now - timedelta(hours=1))


def load(claims: int, now: datetime, progress: Callable[[int], None]) -> int:
    """Fill the synthetic clinic until at least `claims` are stored; returns how many are. `progress`: stored so far.

    Raises ValueError when the 90 days ahead alone need more.
    """
    random, stored = Random(1), 0  # noqa: S311  # what lies ahead is the same for every size
    plans = {version.treatment.code: (version, plan(version.steps.all())) for version in bookable(now)}
    today = now.date()
    visits = list(ahead(teams(), today, random))
    if (needed := sum(_claims_of(plans[visit.slot.code][1]) for visit in visits)) > claims:
        raise ValueError(f"the {AHEAD} days ahead alone are {needed} claims")
    patients = _patients(claims // VISITS_PER_PATIENT, now)
    everything = chain(visits, before(teams(), today))
    for number, chunk in enumerate(iter(lambda: list(islice(everything, CHUNK)), [])):
        stored += _store(_until(chunk, plans, claims - stored), plans, patients, number * CHUNK, now)
        progress(stored)
        if stored >= claims:
            break
    _tidy()
    return stored


def teams() -> list[Team]:
    """The five locations with what each has."""
    found = []
    for place in Location.objects.order_by("slug"):
        people = Resource.objects.filter(hours__location=place, kind="practitioner").distinct().order_by("pk")
        here = place.resources.order_by("pk")
        rooms, pens = (tuple(here.filter(kind=kind).values_list("pk", flat=True)) for kind in ("room", "device"))
        found.append(Team(place, tuple(people.values_list("pk", flat=True)), rooms, pens))
    return found


def ahead(teams: list[Team], today: date, random: Random) -> Iterator[Visit]:
    """Each of 90 days from today on: the two who are there have one microneedling and five talks each, and one gap."""
    for day in (today + n * DAY for n in range(AHEAD)):
        for team in teams if day.weekday() < len("MTWTF") else ():
            for number in range(2):
                yield from (Visit(team, day, slot) for slot in _planned(team, day, number, random))


def _planned(team: Team, day: date, number: int, random: Random) -> Iterator[Slot]:
    who, room = team.practitioners[day.weekday() * 2 + number], team.rooms[number]
    codes = random.sample(["microneedling", *["consultation"] * 5], 6)
    minute, gap = 0, random.randrange(6)
    for position, code in enumerate(codes):
        minute += 75 if position == gap else 0
        yield Slot(code, who, room, team.pens[number] if code == "microneedling" else None, minute)
        minute += (90 if code == "microneedling" else 45) + BETWEEN


def before(teams: list[Team], today: date) -> Iterator[Visit]:
    """Each weekday back from yesterday, without end: every room is busy from nine to five."""
    day = today - DAY
    while True:
        for team in teams if day.weekday() < len("MTWTF") else ():
            yield from (Visit(team, day, slot) for slot in _busy(team))
        day -= DAY


def _busy(team: Team) -> Iterator[Slot]:
    """Four microneedlings in each of the first rooms, eight talks in each of the others."""
    for number, room in enumerate(team.rooms):
        pen = team.pens[number] if number < len(team.pens) else None
        code, length = ("consultation", 60) if pen is None else ("microneedling", 120)
        for minute in range(0, 8 * 60, length):
            yield Slot(code, team.practitioners[number], room, pen, minute)


def _claims_of(plan: Plan) -> int:
    return len(plan.stretches)


Plans = dict[str, tuple[TreatmentVersion, Plan]]


def _until(visits: list[Visit], plans: Plans, claims: int) -> Iterator[Visit]:
    """The visits, until `claims` are reached."""
    for visit in visits:
        if claims <= 0:
            return
        yield visit
        claims -= _claims_of(plans[visit.slot.code][1])


def _store(visits: Iterator[Visit], plans: Plans, patients: list[UUID], number: int, now: datetime) -> int:
    """One transaction. Returns the claims."""
    rows: dict[str, list[str]] = {table: [] for table in COLUMNS}
    for nth, visit in enumerate(visits, number):
        _write(rows, visit, *plans[visit.slot.code], patients[nth % len(patients)], now)
    with transaction.atomic(using="owner"):
        for table, lines in rows.items():
            _copy(table, lines)
    return len(rows["scheduling_claim"])


def _write(
    rows: dict[str, list[str]], visit: Visit, version: TreatmentVersion, plan: Plan, patient: UUID, now: datetime
) -> None:
    team, slot, pk = visit.team, visit.slot, uuid4()
    start = datetime.combine(visit.day, OPENS, team.place.tz) + timedelta(minutes=slot.minute)
    during, occupied = _range(start, 0, plan.present), _range(start, -plan.before, plan.present + plan.after)
    status, made = "fulfilled" if start < now else "booked", start - timedelta(days=21)
    rows["scheduling_appointment"].append(
        _line(pk, status, patient, team.place.pk, version.treatment_id, version.pk, slot.practitioner, during, occupied)
        + f"\t18000\tGBP\t\\\\x\t{made.isoformat()}\t\t"
    )
    of_role = {"practitioner": slot.practitioner, "room": slot.room}
    for stretch in plan.stretches:
        resource = of_role.get(stretch.role, slot.pen)
        rows["scheduling_claim"].append(_line(pk, "t", resource, _range(start, stretch.a, stretch.b)))
    rows["scheduling_appointmentevent"].append(
        _line(uuid4(), pk, 1, made.isoformat(), "history", "book", "", "booked", during, r"\\x")
    )


def _range(start: datetime, a: int, b: int) -> str:
    return f"[{(start + timedelta(minutes=a)).isoformat()},{(start + timedelta(minutes=b)).isoformat()})"


def _line(*values: object) -> str:
    return "\t".join(map(str, values))


def _patients(count: int, now: datetime) -> list[UUID]:
    """People who are plainly invented, without an account. No two of a day's visits are one person's."""
    ids = [uuid4() for _ in range(max(count, 1_000))]
    born = date(1990, 1, 1)
    _copy("patients_patient", (_line(pk, "History", f"No {n}", born, "", "", now) for n, pk in enumerate(ids, 1)))
    return ids


def _copy(table: str, lines: list[str] | Iterator[str]) -> None:
    text = io.StringIO("".join(f"{line}\n" for line in lines))
    with connections["owner"].cursor() as cursor:
        cursor.copy_expert(f"copy {table} ({COLUMNS[table]}) from stdin", text)


def _tidy() -> None:
    """What autovacuum would do in time: the planner knows the tables, and their pages are marked all visible."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("vacuum (analyze)")
