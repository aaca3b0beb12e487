"""One visit from the first call to the clean-down, through the operations that everybody uses."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import partial

from clinic.demo import answers, consents
from clinic.demo.world import Person, World
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import Booking, Choice, Confirmation, Wish
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.refusals import Refused
from treatments.acting import Actor
from treatments.models import Rule

MINUTE = timedelta(minutes=1)


class Fate(Enum):
    COMES = "comes"
    CANCELS = "cancels"
    STAYS_AWAY = "stays away"
    GOES_HOME = "is not treated"
    WRONG = "was entered by mistake"


@dataclass(frozen=True)
class Errand:
    """Who wants what, where, on which day and perhaps at what clock; what they answer; and how it goes.

    `override` is the reason for which reception books what the rules would refuse; a clinician looks at it then.
    """

    person: Person
    code: str
    place: str
    day: date
    clock: time | None = None
    said: dict[str, str] = field(default_factory=dict)
    override: str = ""
    fate: Fate = Fate.COMES


def arrange(world: World, errand: Errand, now: datetime) -> bool:
    """Book it, as the person does, and put on the timeline what follows. False where no time is left."""
    choice = _choice(world, errand, now)
    if choice is None:
        return False
    try:
        visit = (_online if errand.person.online and not errand.override else _telephone)(world, errand, choice, now)
    except Refused:
        return False  # as in life: they look elsewhere
    _go_on(world, visit, errand.fate, now)
    return True


def open_starts(world: World, code: str, place: str, day: date, now: datetime, who: Person | None = None) -> list[datetime]:
    """The times that are still offered, earliest first."""
    asked = wanted(world.treatments[code], world.places[place], now, patient=who.row if who else None)
    return sorted({found.start for found in free_starts(asked.search(day, day, now), now)})


def _choice(world: World, errand: Errand, now: datetime) -> Choice | None:
    place, treatment = world.places[errand.place], world.treatments[errand.code]
    if errand.clock:
        return Choice(treatment, place, world.at(errand.day, errand.clock, errand.place))
    who = None if errand.override else errand.person  # a reason passes over what must come first
    starts = open_starts(world, errand.code, errand.place, errand.day, now, who)
    return Choice(treatment, place, world.random.choice(starts)) if starts else None


def _telephone(world: World, errand: Errand, choice: Choice, now: datetime) -> Appointment:
    booking = Booking(choice, errand.person.row, override=errand.override)
    return operations.book(actor=world.desk, booking=booking, key=world.key(), now=now)


def _online(world: World, errand: Errand, choice: Choice, now: datetime) -> Appointment:
    """Hold, answer, confirm: some minutes pass. Raises Refused, and gives the time back."""
    person, key = errand.person, world.key()
    operations.hold(holder=key.hex, address=None, choice=choice, key=key, now=now, patient=person.row)
    try:
        ticket = answers.ticket(choice.treatment, choice.location, errand.day)
        answers.answer(person, ticket, errand.said, world.random, now + 2 * MINUTE)
        wish = Confirmation(key.hex, person.row)
        visit = operations.confirm(actor=person.actor, wish=wish, key=world.key(), now=now + 3 * MINUTE)
    except Refused:
        operations.release(holder=key.hex)
        raise
    consents.read_later(world, person, visit, now + timedelta(days=1))
    return visit


def _go_on(world: World, visit: Appointment, fate: Fate, now: datetime) -> None:
    """The moves of a visit, at plausible moments; those that lie after the demo's present will not have happened."""
    doctor, start, chance = Actor(user=visit.practitioner.user), visit.during.lower, world.random.randint
    if visit.status == Status.PENDING:
        verb, why = ("override", "agreed with the patient") if _is_closed(visit) else ("acknowledge", "")
        _move(world, visit, doctor, verb, now + timedelta(hours=chance(20, 26)), why)
    match fate:
        case Fate.COMES:
            _move(world, visit, world.desk, "arrive", start - chance(2, 12) * MINUTE)
            consents.sign(world, visit, start)
            _move(world, visit, doctor, "start", start + chance(1, 5) * MINUTE)
            _move(world, visit, doctor, "complete", visit.during.upper - chance(0, 8) * MINUTE)
        case Fate.CANCELS:
            _move(world, visit, world.desk, "cancel", max(now + timedelta(hours=27), start - timedelta(hours=chance(4, 50))))
        case Fate.STAYS_AWAY:
            _move(world, visit, world.desk, "noshow", start + 20 * MINUTE)
        case Fate.GOES_HOME:
            _move(world, visit, world.desk, "arrive", start - 5 * MINUTE)
            _move(world, visit, doctor, "not-treated", start + 10 * MINUTE, "came with a cold")
        case Fate.WRONG:
            _move(world, visit, world.desk, "wrong-entry", now + 5 * MINUTE, "entered for the wrong person")


def _is_closed(visit: Appointment) -> bool:
    """Whether the answers close the booking, so that a word of a clinician's is needed."""
    return visit.evaluation is not None and visit.evaluation.tier in (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)


def _move(world: World, visit: Appointment, actor: Actor, verb: str, when: datetime, reason: str = "") -> None:
    world.timeline.at(when, partial(_carry_out, actor, Wish(visit.pk, verb, reason)))


def _carry_out(actor: Actor, wish: Wish, now: datetime) -> None:
    operations.transition(actor=actor, wish=wish, now=now)
