"""The demo clinic from an empty database: opened, published, and lived in until two in the afternoon of a given day."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

from django.db.models import F

from clinic.accounts.models import User
from clinic.accounts.operations import ensure_account
from clinic.demo import programme
from clinic.demo.people import SIGN_INS, Invented, invented
from clinic.demo.visits import open_starts
from clinic.demo.world import Person, World
from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import Location
from clinic.scheduling.opening import read_plan
from clinic.scheduling.operations import Choice
from clinic.scheduling.operations.open_clinic import open_clinic
from patients.models import Patient
from patients.operations import register, register_by_staff
from treatments.acting import Actor
from treatments.models import ConsentVersion, ScarWeightsVersion, Treatment, TreatmentVersion
from treatments.operations import approve, publish
from treatments.versions import Version

FILE = Path(__file__).parent / "demo.yaml"
STAY_DRAFTS = ("rf_microneedling", "pdl", "follow_up")
OPENED = timedelta(days=70)  # before today


def is_empty() -> bool:
    """Whether nobody has ever used this database."""
    return not any(model.objects.exists() for model in (Location, Treatment, Patient, User))


def build(today: date) -> None:
    """Fill an empty database. Of one date, every demo has the same people, visits and states; no clock is read."""
    opened = datetime.combine(today - OPENED, time(9), tzinfo=UTC)
    drafts = open_clinic(plan=read_plan(FILE.read_text(encoding="utf-8")), now=opened)
    _publish(drafts, opened + timedelta(hours=3))
    random = Random(today.toordinal())  # noqa: S311  # chance in a story
    people = [_registered(one, opened + timedelta(days=1)) for one in invented(random, today)]
    world = World(today, people, random, opened)
    programme.plan(world)
    world.timeline.run(world.end)
    _hold(world)
    _letters_have_gone(world)


def _publish(drafts: list[Version], now: datetime) -> None:
    """Approved by a practitioner, published by whoever keeps the content; some drafts are left to try it with."""
    doctor, editor = (Actor(user=User.objects.get(email=SIGN_INS[role])) for role in ("practitioner", "content_admin"))
    for draft in drafts:
        unready = isinstance(draft, TreatmentVersion | ConsentVersion) and draft.treatment.code in STAY_DRAFTS
        if not unready and not isinstance(draft, ScarWeightsVersion):  # nobody has held the weights against the paper
            approve(actor=doctor, draft=draft, now=now)
            publish(actor=editor, draft=draft, why="First version of the demo clinic", now=now)


def _registered(person: Invented, now: datetime) -> Person:
    """With an account, as a patient registers; without one, as reception writes down on the telephone."""
    if not person.online:
        desk = Actor(user=User.objects.get(email=SIGN_INS["receptionist"]))
        row = register_by_staff(actor=desk, details=person.details | {"email": person.email})
    else:
        ensure_account(person.email)
        user = User.objects.get(email=person.email)
        row = register(actor=Actor(user=user), user=user, details=person.details, now=now)
    return Person(row, person.home, person.online)


def _hold(world: World) -> None:
    """Somebody is choosing a time at this very moment."""
    starts = open_starts(world, "microneedling", "london", world.day(2), world.end)
    choice = Choice(world.treatments["microneedling"], world.places["london"], starts[0])
    operations.hold(holder="demo", address=None, choice=choice, key=world.key(), now=world.end)


def _letters_have_gone(world: World) -> None:
    """The letters of ten weeks went out when they were due; a worker that starts now must not send them."""
    due = Envelope.objects.filter(state=Envelope.State.WAITING, due_at__lte=world.end)
    due.update(state=Envelope.State.SENT, done_at=F("due_at"))
