"""What must come first and the visit itself, booked in one go by the patient: all of them, or none."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID, uuid5

from clinic.scheduling import locks
from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.course import told_which
from clinic.scheduling.operations.hold import Choice
from clinic.scheduling.operations.joining import join_course
from clinic.scheduling.operations.limits import check_patient
from clinic.scheduling.operations.placing import Place, put
from clinic.scheduling.operations.reschedule import claimed
from clinic.scheduling.operations.screening import screened, status_after
from clinic.scheduling.queries.availability import Search, candidates
from clinic.scheduling.queries.times import Wanted, wanted
from clinic.scheduling.queries.visits import held_by, open_visits
from clinic.scheduling.refusals import NotAllowed, NotBookable, TooManyVisits, TryAgain
from patients.models import Patient
from treatments.acting import Actor

MOST_IN_FRONT = 3  # a consultation, a test patch, the session


@dataclass(frozen=True)
class InFront:
    """One to three visits of a patient, the earliest first. The hold of browser `holder`, if any, is used up by them."""

    patient: Patient
    choices: tuple[Choice, ...]
    holder: str = ""

    @property
    def fingerprint(self) -> str:
        return inner.fingerprint(patient=self.patient.pk, visits=[choice.fingerprint() for choice in self.choices])


def book_in_front(*, actor: Actor, wish: InFront, key: UUID, now: datetime) -> list[Appointment]:
    """The visits in their order, each booked or pending; the same ones again for a repeated request.

    Each is checked as if those before it were booked already. Raises NotAllowed, or for the visit that `item` names
    (counted from 0) NotBookable, JustTaken, PatientBusy, TooSoon, ComesFirst, TooManyVisits or TalkFirst; KeyReused.
    """
    if actor.user is None or wish.patient.user_id != actor.user.pk:
        raise NotAllowed
    starts = [choice.start for choice in wish.choices]
    if not 1 <= len(starts) <= MOST_IN_FRONT or starts != sorted(set(starts)):
        raise NotBookable
    return inner.carry_out(actor, partial(_book, actor, wish, key, now))


def _book(actor: Actor, wish: InFront, key: UUID, now: datetime) -> list[Appointment]:
    held = held_by(wish.holder)
    ignoring = (held.pk,) if held else ()
    resources = {resource for choice in wish.choices for resource in candidates(_search(_asked(choice, now), choice, now))}
    locked = locks.take(patients=[wish.patient.pk], resources=resources | claimed(ignoring), appointments=ignoring)
    keys = [uuid5(key, str(n)) for n in range(len(wish.choices))]
    done = [visit for visit in (inner.replay(actor, each, wish.fingerprint) for each in keys) if visit]
    if done:
        return done
    if held_by(wish.holder) != held:
        raise TryAgain  # another page of the same browser has just held or confirmed
    Appointment.objects.filter(pk__in=ignoring, status=Status.PROPOSED).delete()  # its time may be one of those chosen
    visits = [_put(locked, actor, wish.patient, item, now) for item in enumerate(wish.choices)]
    for each, visit in zip(keys, visits, strict=True):
        inner.remember(actor, each, wish.fingerprint, visit)
    return visits


def _put(locked: Locked, actor: Actor, patient: Patient, item: tuple[int, Choice], now: datetime) -> Appointment:
    """One of the visits; those before it are stored already, and undone with it when it cannot be had."""
    number, choice = item
    with told_which(number):
        asked = _asked(choice, now).of(patient, now)
        check_patient(patient, inner.during_of(asked.plan, choice.start), choice.location, asked.barred)
        if open_visits(patient, now) >= asked.policy.open_visits:
            raise TooManyVisits
        evaluation = screened(patient, choice.treatment, choice.location, choice.start, now)
        fields = {"status": status_after(evaluation), "patient": patient, "evaluation": evaluation}
        visit = put(locked, Place(asked, _search(asked, choice, now), choice.start), now, **fields)
    inner.note_event(actor, visit, "confirm", "", now)
    inner.join_care_team(visit, now)
    join_course(visit)
    return visit


def _asked(choice: Choice, now: datetime) -> Wanted:
    return wanted(choice.treatment, choice.location, now)


def _search(asked: Wanted, choice: Choice, now: datetime) -> Search:
    day = choice.start.astimezone(choice.location.tz).date()
    return asked.search(day, day, now, practitioner=choice.practitioner)
