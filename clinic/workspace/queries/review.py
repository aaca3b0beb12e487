"""The visits that wait for a clinician: whose, since when, and what the patient is being asked meanwhile."""

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clinic.accounts.models import User
from clinic.scheduling.models import AnswerRequest, Appointment, AppointmentEvent, Closure, Cover, Hours, Resource, Status
from clinic.workspace.queries.seen import Seen, SeenVisit, seen_visits

HERE, MINE, COVERED = "here", "mine", "covered"


class Waits(Seen):
    waits_since: datetime  # when it became pending
    asked_at: datetime | None  # the last question to the patient that was not withdrawn
    answered_at: datetime | None  # and its answer


if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    WaitingVisit = WithAnnotations[Appointment, Waits]
else:
    WaitingVisit = Appointment


def queue(user: User, which: str, now: datetime) -> list[WaitingVisit]:
    """Of all that wait those at the user's locations, those of the user, or those of the colleagues whom the user covers.

    First what is late or has just been answered, then what waits longest, last what waits for the patient. Of two that wait
    equally long the visit that comes sooner is first.
    """
    found = _waiting().filter(_of(user, which, now)).order_by("during", "pk")
    return sorted(found, key=lambda visit: (_rank(visit, now), visit.waits_since))


def number_waiting(user: User, now: datetime) -> int:
    """How many are in the queue of the user's locations."""
    return _waiting().filter(_of(user, HERE, now)).count()


def waits_for_patient(visit: WaitingVisit) -> bool:
    return visit.asked_at is not None and visit.answered_at is None


def is_late(visit: Appointment, now: datetime) -> bool:
    """It starts soon, and nobody has decided."""
    return bool(visit.during.lower <= now + settings.REVIEW_BEFORE)


def near(now: datetime) -> list[SeenVisit]:
    """Those that start soon and wait still, wherever they are: for everybody's day. Of the evaluation only the tier."""
    soon = Q(during__startswith__lte=now + settings.REVIEW_BEFORE, during__endswith__gt=now)
    return list(seen_visits("evaluation__tier").filter(soon, status=Status.PENDING).order_by("during", "pk"))


def colleagues(user: User) -> list[Resource]:
    """Whom the user could stand in for."""
    people = Resource.objects.filter(kind=Resource.Kind.PRACTITIONER, active=True, user__isnull=False)
    return list(people.exclude(user=user))


def away(now: datetime) -> dict[int, datetime]:
    """{practitioner: until when}, of those who have time off now."""
    off = Closure.objects.filter(resource__kind=Resource.Kind.PRACTITIONER, during__contains=now)
    return {resource: during.upper for resource, during in off.values_list("resource", "during")}


def zone_of(person: Resource) -> ZoneInfo:
    """Where a practitioner works, or UTC: a day ends at their place."""
    row = Hours.objects.filter(resource=person).select_related("location").order_by("location__name").first()
    return row.location.tz if row else ZoneInfo("UTC")


def covers_of(user: User, now: datetime) -> list[tuple[Resource, date]]:
    """Whom the user stands in for, and the last day of it where that practitioner works."""
    found = Cover.objects.filter(user=user, until__gt=now).select_related("practitioner").order_by("until")
    return [(cover.practitioner, last_day(cover.until, zone_of(cover.practitioner))) for cover in found]


def last_day(until: datetime, zone: ZoneInfo) -> date:
    """A cover ends with a day, so its end is the midnight after it."""
    return (until - timedelta(microseconds=1)).astimezone(zone).date()


def _waiting() -> QuerySet[WaitingVisit, WaitingVisit]:
    """Of the evaluation only the tier."""
    events = AppointmentEvent.objects.filter(appointment=OuterRef("pk"), to_status=Status.PENDING)
    began = events.exclude(from_status=Status.PENDING).order_by("-number").values("at")[:1]
    asked = AnswerRequest.objects.filter(appointment=OuterRef("pk"), withdrawn_at=None).order_by("-asked_at")
    return (
        seen_visits("evaluation__tier")
        .filter(status=Status.PENDING)
        .annotate(
            waits_since=Coalesce(Subquery(began), "created_at"),
            asked_at=Subquery(asked.values("asked_at")[:1]),
            answered_at=Subquery(asked.values("answered_at")[:1]),
        )
    )


def _of(user: User, which: str, now: datetime) -> Q:
    if which == MINE:
        return Q(practitioner__user=user)
    if which == COVERED:
        return Q(practitioner__in=Cover.objects.filter(user=user, until__gt=now).values("practitioner"))
    here = set(Hours.objects.filter(resource__user=user).values_list("location", flat=True))
    return Q(location__in=here) if here else Q()


def _rank(visit: WaitingVisit, now: datetime) -> int:
    if is_late(visit, now) or visit.answered_at:
        return 0
    return 2 if waits_for_patient(visit) else 1
