"""Why an operation says no, in words that say what to do. The database's own refusals become the same ones."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import ClassVar

from django.db import IntegrityError, connection
from django.db.utils import Error, OperationalError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.policies.intervals import Barred, Need
from clinic.scheduling.words import earliest_words, first_words


class Refused(Exception):
    """The base of all refusals. `str()` is the sentence for the page; `item` says which of several it was about, from 0."""

    words: ClassVar[str | Promise] = ""
    item: int | None = None

    def __init__(self, words: str | Promise = "") -> None:
        super().__init__(words or self.words)

    def __str__(self) -> str:
        return str(self.args[0])


class JustTaken(Refused):
    words = _("Somebody else has just taken this time. Please choose another one.")


class NotBookable(Refused):
    words = _("This time cannot be booked. Please choose one of the times shown.")


class HoldLost(Refused):
    words = _("We kept the time for you as long as we could, and it has run out. Your answers are kept: choose a time.")


class HoldChanged(Refused):
    words = _("You chose another time on another page meanwhile. Please look at it again before you book.")


class TooManyHolds(Refused):
    words = _("Several times are already being held from your connection. Please finish one of them, or try again later.")


class PatientBusy(Refused):
    words = _("There is already a visit at this time. Please choose another time, or change the other visit first.")


class TooSoon(Refused):
    """The day is too near to another visit, or to what comes first. `earliest`: the first local day that is possible."""

    def __init__(self, span: Barred) -> None:
        self.earliest, self.span = span.last + timedelta(days=1), span
        super().__init__(earliest_words(span))


class ReliedOn(Refused):
    """Another visit relies on this one coming first. `days`: of those that do, in words."""

    def __init__(self, days: Sequence[str]) -> None:
        words = _("This visit has to come before your visit on %(days)s. Choose an earlier day, or change that visit first.")
        super().__init__(words % {"days": "; ".join(days)})


class ComesFirst(Refused):
    """Something has to be booked in front: `missing`, each with its treatment and days, in their order."""

    def __init__(self, missing: Sequence[Need]) -> None:
        self.missing = tuple(missing)
        super().__init__(first_words(missing))


class TalkFirst(Refused):
    words = _("We'd like to talk to you before booking. Please telephone us, or book a consultation.")


class TooManyVisits(Refused):
    words = _("You have as many visits planned as we can book online. Please telephone us to book another one.")


class TooLate(Refused):
    words = _("It is too late to do this online. Please telephone us.")


class TooManyChanges(Refused):
    words = _("The time of this visit has been changed as often as we can do online. Please telephone us.")


class AlreadyWaiting(Refused):
    words = _("You are on this waitlist already. You can change there what would suit you.")


class OfferGone(Refused):
    words = _("This time is no longer kept for you. You are still on the waitlist, and we write when another one is free.")


class NotAllowed(Refused):
    words = _("You may not do this.")


class NotNow(Refused):
    words = _("This cannot be done with the visit as it is now. Look at the page again to see what has changed.")


class ReasonNeeded(Refused):
    words = _("Please write a reason.")


class OverrideNeeded(Refused):
    """For staff: what the patient answered closes the booking, so a word of thanks is not enough."""

    words = _(
        "These answers close the booking. Confirm it all the same with a reason, ask the patient, or ask them to come first."
    )


class NothingToAsk(Refused):
    words = _("Please choose at least one of the questions on the page.")


class AskedAlready(Refused):
    words = _("The patient is being asked already. Wait for the answer, or ask anew instead.")


class CallAsked(Refused):
    words = _("You have asked us to call you already. You can change there when it suits you.")


class CalledAlready(Refused):
    """For staff."""

    words = _("A colleague has called meanwhile. Look at the list again.")


class ConsentMissing(ReasonNeeded):
    words = _("No consent is signed by both for this treatment. Write why the visit is completed without one.")


class WouldTouch(Refused):
    """For staff. `visits`: those whose people, room or devices would be taken from them, as “name, 11:00”."""

    def __init__(self, visits: Sequence[str]) -> None:
        self.visits = tuple(visits)
        super().__init__(_("This would take time from: %(visits)s. Nothing was changed.") % {"visits": "; ".join(visits)})


class WrongHours(Refused):
    """`day`: the weekday's name."""

    def __init__(self, day: str) -> None:
        super().__init__(_("%(day)s: each span must end after it begins, and no two may overlap.") % {"day": day})


class WrongSpan(Refused):
    words = _("Please choose a time that ends after it begins, and that is not over.")


class AlreadyOpen(Refused):
    words = _("This record is open to you already.")


class KeyReused(Refused):
    words = _("This page was sent before with other answers. Please look at your visits before you book again.")


BY_CONSTRAINT: dict[str, type[Refused]] = {
    "one_claim": JustTaken,
    "appointment_one_hold_per_holder": JustTaken,
    "patient_once": PatientBusy,
    "waitlist_once": AlreadyWaiting,
    "one_emergency_at_a_time": AlreadyOpen,
    "answer_request_one_open_per_visit": AskedAlready,
    "call_back_one_open_per_patient": CallAsked,
}
DEADLOCK, LOCK_TIMEOUT = "40P01", "55P03"


class TryAgain(Exception):
    """Two transactions met, or what was read has changed: start over."""


@contextmanager
def refusing() -> Iterator[None]:
    """Let the database say its last word inside this block, and turn what it says into the polite refusal.

    Raises the Refused of the constraint's name, TryAgain for a deadlock or a lock that took too long; an unknown
    constraint is a defect and is raised as it is.
    """
    try:
        yield
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate")
    except IntegrityError as error:
        if constraint_of(error) == "idempotency_once":
            raise TryAgain from error  # the same request at this very moment: the second look finds its visit
        refusal = BY_CONSTRAINT.get(constraint_of(error))
        if refusal is None:
            raise
        raise refusal from error
    except OperationalError as error:
        if getattr(error.__cause__, "pgcode", None) not in {DEADLOCK, LOCK_TIMEOUT}:
            raise
        raise TryAgain from error


def constraint_of(error: Error) -> str:
    """The name of the constraint that was violated, or ""."""
    diag = getattr(error.__cause__, "diag", None)
    return getattr(diag, "constraint_name", None) or ""
