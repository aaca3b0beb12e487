"""A visit's story as staff read it."""

from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment, AppointmentEvent, Status
from clinic.scheduling.policies.moves import CHANGES, MOVES
from clinic.workspace.words import story_words

BOOKING = dict.fromkeys(("book", *CHANGES), ("scheduling.override_policy",))  # their reason may be an override's


class Line(NamedTuple):
    at: datetime
    who: str
    what: str
    before: str  # statuses in words; "" at the beginning
    after: str
    reason: str  # "" also for those who may not make the move themselves
    was: datetime | None  # the start before, where the time was changed
    start: datetime


def story(visit: Appointment, user: User) -> list[Line]:
    """Every line, newest first. A reason is read only by those who could have given it."""
    events = list(AppointmentEvent.objects.filter(appointment=visit).select_related("user").order_by("number"))
    starts = [None, *(event.during.lower for event in events)]
    return [_line(event, visit, user, was) for event, was in zip(events, starts, strict=False)][::-1]


def latest(visit: Appointment, user: User) -> Line | None:
    return next(iter(story(visit, user)), None)


def _line(event: AppointmentEvent, visit: Appointment, user: User, was: datetime | None) -> Line:
    permissions = BOOKING.get(event.verb) or (MOVES[event.verb].permissions if event.verb in MOVES else ())
    return Line(
        at=event.at,
        who=_who(event, visit),
        what=story_words(event.verb),
        before=str(Status(event.from_status).label) if event.from_status else "",
        after=str(Status(event.to_status).label),
        reason=event.reason if any(user.has_perm(permission) for permission in permissions) else "",
        was=was if was != event.during.lower else None,
        start=event.during.lower,
    )


def _who(event: AppointmentEvent, visit: Appointment) -> str:
    """Never a patient's address: `str(user)` falls back to one."""
    if event.user is None:
        return _("the system")
    own = visit.patient is not None and visit.patient.user_id == event.user_id
    return _("the patient") if own else str(event.user)
