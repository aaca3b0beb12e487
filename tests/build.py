"""Small worlds for tests: the clinic's real knowledge, one location, a few people. Every function is keyword-only."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from uuid import uuid4

from django.db import connections

from clinic.accounts.models import User
from clinic.scheduling.models import Hours, Location, Offer, Resource
from patients.models import Patient
from treatments.acting import Actor, acting_as
from treatments.models import ConsentVersion, QuestionnaireVersion, RulesVersion, Treatment, TreatmentVersion
from treatments.operations import load_knowledge
from treatments.operations.publish import approve_in, publish_in

MONDAY = date(2027, 3, 1)  # far from any change of clocks
NOW = datetime(2027, 2, 26, 9, 0, tzinfo=UTC)  # the Friday before


def knowledge(*, now: datetime = NOW, screening: bool = True) -> None:
    """All treatments, concerns and intervals in force; with `screening` the questions and rules too, else no rules.

    Consent texts stay drafts, so that no consent is due: see `consents`.
    """
    doctor = User.objects.create_user("approver@clinic.example", roles=["practitioner"], name="Dr Approver")
    with acting_as(Actor(user=doctor)) as actor:
        for draft in load_knowledge():
            if isinstance(draft, ConsentVersion):
                continue
            if not screening and isinstance(draft, QuestionnaireVersion):
                continue
            if not screening and isinstance(draft, RulesVersion):
                draft.rules.all().delete()
            approve_in(actor, draft, now)
            publish_in(actor, draft, "first version", now)


def one_check(*, now: datetime = NOW) -> None:
    """All questions in force, but only the rule about an infection in the last days before a visit: a clinician looks."""
    with acting_as(Actor(user=User.objects.get(email="approver@clinic.example"))) as actor:
        rules = RulesVersion.objects.create()
        rules.rules.create(
            position=1,
            code="active-infection",
            origin="active-infection",
            tier="flag",
            when={"answer": "active_infection", "in": ["yes"]},
            treatments=["microneedling", "nafl"],
            patient_text="A clinician looks at this first.",
        )
        for draft in (QuestionnaireVersion.objects.drafts().get(), rules):
            approve_in(actor, draft, now)
            publish_in(actor, draft, "the check of the last days", now)


def consents(*, now: datetime = NOW) -> None:
    """The consent texts of all treatments in force, beside `knowledge`."""
    with acting_as(Actor(user=User.objects.get(email="approver@clinic.example"))) as actor:
        for draft in ConsentVersion.objects.drafts():
            approve_in(actor, draft, now)
            publish_in(actor, draft, "first version", now)


def user(*, email: str = "", roles: tuple[str, ...] = (), name: str = "") -> User:
    return User.objects.create_user(email or f"{uuid4().hex[:8]}@clinic.example", roles=list(roles), name=name)


def patient(*, given: str = "Pat", family: str = "Example", **fields: object) -> Patient:
    return Patient.objects.create(given_name=given, family_name=family, birth_date=date(1990, 5, 17), **fields)


def location(*, slug: str = "high-street", zone: str = "Europe/London") -> Location:
    return Location.objects.create(
        slug=slug,
        name=slug.replace("-", " ").title(),
        zone=zone,
        address="1 High Street",
        telephone="+44 20 7946 0000",
        emergency_line="Call 999",
        jurisdiction="GB-ENG",
    )


def hours(resource: Resource, place: Location, *, opens: time = time(9), closes: time = time(17)) -> None:
    Hours.objects.bulk_create(
        Hours(resource=resource, location=place, weekday=day, opens=opens, closes=closes, valid=(None, None))
        for day in range(1, 6)
    )


def resource(kind: str, place: Location, *, name: str = "", treatments: list[Treatment], **fields: object) -> Resource:
    made = Resource.objects.create(
        kind=kind, name=name or kind.title(), location=None if kind == "practitioner" else place, **fields
    )
    made.treatments.set(treatments)
    hours(made, place)
    return made


def offer(place: Location, treatment: Treatment, *, price_minor: int = 18000) -> Offer:
    return Offer.objects.create(
        location=place,
        treatment=treatment,
        price_minor=price_minor,
        currency="GBP",
        valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    )


class Clinic:
    """One open location offering microneedling and consultations: one practitioner, one room, one needling pen.

    Without `screening` nothing is asked and no rule fires, so that every booking is booked at once.
    """

    def __init__(
        self,
        *,
        practitioners: int = 1,
        rooms: int = 1,
        pens: int = 1,
        zone: str = "Europe/London",
        screening: bool = False,
        now: datetime = NOW,
    ) -> None:
        knowledge(now=now, screening=screening)
        self.microneedling = Treatment.objects.get(code="microneedling")
        self.consultation = Treatment.objects.get(code="consultation")
        self.place = location(zone=zone)
        both = [self.microneedling, self.consultation]
        self.practitioners = [
            resource("practitioner", self.place, name=f"Dr {letter}", treatments=both, user=user(roles=("practitioner",)))
            for letter in "ABCDEFGH"[:practitioners]
        ]
        self.rooms = [resource("room", self.place, name=f"Room {n + 1}", treatments=both) for n in range(rooms)]
        self.pens = [
            resource("device", self.place, name=f"Pen {n + 1}", treatments=[], device_kind="needling_pen")
            for n in range(pens)
        ]
        for treatment in both:
            offer(self.place, treatment)
        self.reception = user(roles=("receptionist",), name="Rec Eption")

    @property
    def version(self) -> TreatmentVersion:
        return TreatmentVersion.objects.get(treatment=self.microneedling)

    def at(self, clock: str, *, day: date = MONDAY) -> datetime:
        """An instant from a wall-clock time at the location."""
        return datetime.combine(day, time.fromisoformat(clock), tzinfo=self.place.tz)


@contextmanager
def filled(template: str, **world: int) -> Iterator[tuple[str, Clinic]]:
    """The name of a copy of `template` with a whole clinic committed in it, which nobody is connected to, and the clinic."""
    from tests.conftest import _as_owner  # pytest loads it before anything else

    name = f"{template}_{uuid4().hex[:8]}"
    _as_owner(f'create database "{name}" template "{template}"')
    try:
        with pointed_at(name):
            clinic = Clinic(**world)
        yield name, clinic
    finally:
        _as_owner(f'drop database "{name}"')  # without force it waits for those who are just leaving


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Both aliases use the database `name` meanwhile: for tests of one module that share a world and roll back."""
    from tests.conftest import _point_at  # pytest loads it before anything else

    before = connections["owner"].settings_dict["NAME"]
    _point_at(name)
    try:
        yield
    finally:
        _point_at(before)
