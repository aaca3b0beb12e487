"""The transition table: every way from one status to another, who may go it, and what becomes of the claims. Pure."""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.models import Status

PROPOSED, PENDING, BOOKED = Status.PROPOSED, Status.PENDING, Status.BOOKED
ARRIVED, CHECKED_IN, FULFILLED = Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED
CANCELLED, NOSHOW, IN_ERROR = Status.CANCELLED, Status.NOSHOW, Status.ENTERED_IN_ERROR

DESK, ROOM, REVIEW = "scheduling.receive", "scheduling.treat", "scheduling.review"
CANCEL, OVERRIDE = "scheduling.cancel_for_patients", "scheduling.override_screening"
CHANGES = ("reschedule", "accept")  # of the time, not of the status: asked for, or an offered one taken
REVIEWS = ("acknowledge", "override", "decline")  # what a clinician decides who has read the answers
BY_STATUS = "by status"  # the letter that tells what the visit has become
WITHOUT_A_MOVE = {"adjust": "", "ask": "question", "answer": ""}  # verbs that change neither status nor time: their letters


class Claims(Enum):
    """What a move does to the claims."""

    KEEP = "kept"
    DELETE = "deleted"
    WRITE = "written again"
    CUT = "cut to now"


class Moment(NamedTuple):
    """What the rules look at: the planned start, when the visit came into its status, and now, at its location."""

    start: datetime
    since: datetime
    now: datetime
    zone: ZoneInfo


def same_day(moment: Moment) -> bool:
    """The status began on this very day at the location."""
    return moment.since.astimezone(moment.zone).date() == moment.now.astimezone(moment.zone).date()


def on_the_day(moment: Moment) -> bool:
    return moment.start.astimezone(moment.zone).date() == moment.now.astimezone(moment.zone).date()


def after_start(moment: Moment) -> bool:
    return moment.now >= moment.start


def nearly(moment: Moment) -> bool:
    """From an hour before the planned start on: hours early is a slip of the hand."""
    return moment.now >= moment.start - timedelta(hours=1)


def begun(moment: Moment) -> bool:
    """Some time has passed: a visit that ends when it starts would be no time at all."""
    return moment.now > moment.start


def always(moment: Moment) -> bool:
    return True


class Move(NamedTuple):
    """`target` None means: back to what it was before."""

    label: str | Promise
    sources: frozenset[Status]
    target: Status | None
    permissions: tuple[str, ...]
    claims: Claims = Claims.KEEP
    when: Callable[[Moment], bool] = always
    reason: bool = False
    own_only: bool = False  # only the visit's own practitioner
    letter: str = ""


def _from(*sources: Status) -> frozenset[Status]:
    return frozenset(sources)


MOVES: dict[str, Move] = {
    "acknowledge": Move(_("Acknowledge"), _from(PENDING), BOOKED, (REVIEW,), letter=BY_STATUS),
    "override": Move(_("Confirm all the same"), _from(PENDING), BOOKED, (OVERRIDE,), reason=True, letter=BY_STATUS),
    "decline": Move(
        _("Invite to a consultation"), _from(PENDING), CANCELLED, (REVIEW,), Claims.DELETE, reason=True, letter="declined"
    ),
    "reopen-review": Move(_("Look again"), _from(BOOKED), PENDING, ()),  # the system's: a later answer fired
    "cancel": Move(_("Cancel"), _from(PENDING, BOOKED), CANCELLED, (CANCEL,), Claims.DELETE, letter="cancellation"),
    "arrive": Move(_("Arrived"), _from(BOOKED), ARRIVED, (DESK, ROOM), when=on_the_day),
    "undo-arrive": Move(_("Undo “arrived”"), _from(ARRIVED), BOOKED, (DESK, ROOM), when=same_day),
    "start": Move(_("Start"), _from(ARRIVED), CHECKED_IN, (ROOM,), when=nearly, own_only=True),
    "undo-start": Move(_("Undo “start”"), _from(CHECKED_IN), ARRIVED, (ROOM,), own_only=True),
    "complete": Move(_("Complete"), _from(CHECKED_IN), FULFILLED, (ROOM,), Claims.CUT, when=begun, own_only=True),
    "reopen": Move(_("Reopen"), _from(FULFILLED), CHECKED_IN, (ROOM,), Claims.WRITE, when=same_day, own_only=True),
    "noshow": Move(_("Did not come"), _from(PENDING, BOOKED), NOSHOW, (CANCEL,), Claims.DELETE, when=after_start),
    "came-after-all": Move(_("Came after all"), _from(NOSHOW), ARRIVED, (CANCEL,), Claims.WRITE, when=same_day),
    "wrong-entry": Move(_("Wrong entry"), _from(PENDING, BOOKED, ARRIVED), IN_ERROR, (CANCEL,), Claims.DELETE, reason=True),
    "undo-cancel": Move(
        _("Undo “cancel”"), _from(CANCELLED), None, (CANCEL,), Claims.WRITE, when=same_day, letter=BY_STATUS
    ),
    "not-treated": Move(
        _("Not treated today"), _from(ARRIVED, CHECKED_IN), CANCELLED, (DESK, ROOM), Claims.DELETE, reason=True
    ),
}
