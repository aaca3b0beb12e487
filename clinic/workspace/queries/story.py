"""A visit's story as staff read it."""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment, AppointmentEvent, Status
from clinic.scheduling.policies.moves import CHANGES, MOVES, REVIEWS
from clinic.workspace.words import story_words
from patients.access import clinical_visible_to

BOOKING = dict.fromkeys(("book", *CHANGES), ("scheduling.override_policy",))  # their reason may be an override's
NOTES = {*REVIEWS}  # what a reviewer writes is about the answers


class Line(NamedTuple):
    at: datetime
    who: str
    what: str
    before: str  # statuses in words; "" at the beginning
    after: str
    reason: str  # "" also for those who may not make the move themselves
    was: datetime | None  # the start before, where the time was changed
    start: datetime
    is_note: bool  # the reason is a reviewer's note: the page that shows it writes the trail


def story(visit: Appointment, user: User, *, with_notes: bool = False) -> list[Line]:
    """Every line, newest first. A reason is read only by those who could have given it, a reviewer's note by the care team.

    `with_notes`: `user` is on it, and the caller writes the trail.
    """
    events = list(AppointmentEvent.objects.filter(appointment=visit).select_related("user").order_by("number"))
    starts = [None, *(event.during.lower for event in events)]
    told = [with_notes or event.verb not in NOTES for event in events]
    return [_line(event, visit, user, was, tell) for event, was, tell in zip(events, starts, told, strict=False)][::-1]


def notes_are_for(user: User, visit: Appointment, now: datetime) -> bool:
    """Whether `user` reviews, and is on the care team of the visit's patient; of the own visits nobody reads them."""
    others = clinical_visible_to(user, now).exclude(user=user)
    return user.has_perm("scheduling.review") and others.filter(appointments=visit.pk).exists()


def latest(visit: Appointment, user: User) -> Line | None:
    return next(iter(story(visit, user)), None)


def _line(event: AppointmentEvent, visit: Appointment, user: User, was: datetime | None, told: bool) -> Line:
    permissions = BOOKING.get(event.verb) or (MOVES[event.verb].permissions if event.verb in MOVES else ())
    reason = event.reason if told and any(user.has_perm(permission) for permission in permissions) else ""
    return Line(
        at=event.at,
        who=_who(event, visit),
        what=story_words(event.verb),
        before=str(Status(event.from_status).label) if event.from_status else "",
        after=str(Status(event.to_status).label),
        reason=reason,
        was=was if was != event.during.lower else None,
        start=event.during.lower,
        is_note=bool(reason) and event.verb in NOTES,
    )


def _who(event: AppointmentEvent, visit: Appointment) -> str:
    """Never a patient's address: `str(user)` falls back to one."""
    if event.user is None:
        return _("the system")
    own = visit.patient is not None and visit.patient.user_id == event.user_id
    return _("the patient") if own else str(event.user)
