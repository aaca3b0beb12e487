"""A day at a location, and how many visits wait for a clinician."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.db.models import QuerySet

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment, Location, Resource, Status
from clinic.scheduling.queries.consents import DURING, OPEN, Standing, standings
from clinic.workspace.queries.moves import Offered, offered
from clinic.workspace.queries.seen import SeenVisit, seen_visits


class Card(NamedTuple):
    visit: SeenVisit
    moves: Offered
    consent: Standing | None  # where one is due, until the visit is over

    @property
    def lacks_consent(self) -> bool:
        """The text is to be read before the visit, and signed at it."""
        if self.consent is None or self.consent.signed:
            return False
        return self.visit.status in DURING or not self.consent.read


class Column(NamedTuple):
    """One practitioner's day, in the order of the starts."""

    practitioner: Resource
    cards: list[Card]


def columns_of(user: User, place: Location, day: date, now: datetime) -> list[Column]:
    """The day's visits with the moves of `user`: the own column first, then by name. Two queries."""
    by_practitioner: dict[Resource, list[Card]] = defaultdict(list)
    visits = list(_starting_on(place, day))
    consents = standings([visit.pk for visit in visits if visit.status in OPEN], now)
    for visit in visits:
        by_practitioner[visit.practitioner].append(Card(visit, offered(user, visit, now), consents.get(visit.pk)))
    own_first = sorted(by_practitioner, key=lambda who: (who.user_id != user.pk, who.name, who.pk))
    return [Column(who, by_practitioner[who]) for who in own_first]


def next_day_with_visits(place: Location, after: date) -> date | None:
    """The first local day after `after` on which somebody is booked."""
    later = Appointment.objects.filter(location=place, patient__isnull=False, occupies=True)
    first = later.filter(during__startswith__gte=_midnight(place, after + timedelta(days=1))).order_by("during").first()
    return first.during.lower.astimezone(place.tz).date() if first else None


def waiting_count() -> int:
    return Appointment.objects.filter(status=Status.PENDING).count()


def _starting_on(place: Location, day: date) -> QuerySet[SeenVisit, SeenVisit]:
    begins, ends = _midnight(place, day), _midnight(place, day + timedelta(days=1))
    visits = seen_visits().filter(location=place, during__startswith__gte=begins, during__startswith__lt=ends)
    return visits.order_by("during", "pk")


def _midnight(place: Location, day: date) -> datetime:
    return datetime.combine(day, time(), place.tz)
