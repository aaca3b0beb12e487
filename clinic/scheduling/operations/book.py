"""Booking for a patient in one go, as reception does on the telephone."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from uuid import UUID

from clinic.scheduling import locks
from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.hold import Choice
from clinic.scheduling.operations.joining import join_course
from clinic.scheduling.operations.limits import check_day, check_once
from clinic.scheduling.operations.placing import Place, find, free_for, store
from clinic.scheduling.operations.screening import screened, status_after
from clinic.scheduling.queries.availability import Search, candidates
from clinic.scheduling.queries.times import Wanted, wanted
from clinic.scheduling.queries.visits import barred_for
from clinic.scheduling.refusals import NotAllowed, NotBookable
from patients.models import Patient
from treatments.acting import Actor


@dataclass(frozen=True)
class Booking:
    """What staff book for whom. `status` pending asks a clinician to look first, whatever the answers say.

    With `override`, a reason, rest days, rules, hours and closures are relaxed; a claim never is, nor one's own visit.
    """

    choice: Choice
    patient: Patient
    status: Status = Status.BOOKED
    note: str = ""
    override: str = ""

    @property
    def fingerprint(self) -> str:
        more = {"patient": self.patient.pk, "status": self.status, "note": self.note, "override": self.override}
        return self.choice.fingerprint(**more)


def book(*, actor: Actor, booking: Booking, key: UUID, now: datetime) -> Appointment:
    """A visit with its claims; the same one again for a repeated request.

    Raises NotAllowed, NotBookable, JustTaken, PatientBusy, TooSoon, ComesFirst, TalkFirst or KeyReused.
    """
    if not actor.may("scheduling.book_for_patients"):
        raise NotAllowed
    own = actor.user is not None and booking.patient.user_id == actor.user.pk
    if booking.override and (own or not actor.may("scheduling.override_policy")):
        raise NotAllowed
    return inner.carry_out(actor, partial(_book, actor, booking, key, now))


def _book(actor: Actor, booking: Booking, key: UUID, now: datetime) -> Appointment:
    asked = asked_for(booking, now)
    free = free_for(Place(asked, _search(asked, booking, now), booking.choice.start), now)
    locked = locks.take(patients=[booking.patient.pk], resources=free)
    done = inner.replay(actor, key, booking.fingerprint)
    if done:
        return done
    visit = book_in(locked, actor, booking, asked, now)
    inner.remember(actor, key, booking.fingerprint, visit)
    return visit


def asked_for(booking: Booking, now: datetime) -> Wanted:
    """What is booked where, before anybody's other visits are looked at. Raises NotBookable."""
    return wanted(booking.choice.treatment, booking.choice.location, now)


def needed(asked: Wanted, booking: Booking, now: datetime) -> list[int]:
    """The ids of all resources that the visit could get: what is locked where several are booked together."""
    return candidates(_search(asked, booking, now))


def book_in(locked: Locked, actor: Actor, booking: Booking, asked: Wanted, now: datetime) -> Appointment:
    """The booking itself, with its story and its place in the patient's course; the locks are held."""
    choice, patient, relaxed = booking.choice, booking.patient, bool(booking.override)
    asked = asked.of(patient, now, relaxed=True)
    check_once(patient, inner.during_of(asked.plan, choice.start))
    place = Place(asked, _search(asked, booking, now), choice.start, any_minute=True)
    try:
        chosen = find(locked, place, now)  # first: of fifty who want one time, forty-nine need no look at their rest days
    except NotBookable:
        _check_rested(booking, now)  # which says more
        raise
    _check_rested(booking, now)
    evaluation = screened(patient, choice.treatment, choice.location, choice.start, now, relaxed=relaxed)
    status = Status.PENDING if Status.PENDING in (booking.status, status_after(evaluation)) else Status.BOOKED
    fields = {"status": status, "patient": patient, "evaluation": evaluation, "note": booking.note}
    visit = store(locked, place, chosen, now, **fields)
    inner.note_event(actor, visit, "book", "", now, booking.override)
    inner.join_care_team(visit, now)
    join_course(visit)
    return visit


def _search(asked: Wanted, booking: Booking, now: datetime) -> Search:
    choice = booking.choice
    search = asked.search(_day(choice), _day(choice), now, practitioner=choice.practitioner, by_staff=True)
    return replace(search, ignoring_hours=bool(booking.override))


def _check_rested(booking: Booking, now: datetime) -> None:
    choice = booking.choice
    if not booking.override:
        check_day(_day(choice), barred_for(booking.patient, choice.treatment, choice.location, now))


def _day(choice: Choice) -> date:
    return choice.start.astimezone(choice.location.tz).date()
