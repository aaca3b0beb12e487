"""Closed time, and the visits that lie in it."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.scheduling.models import Appointment, Claim, Closure, Location
from clinic.scheduling.queries.visits import TO_COME


def visits_in(closure: Closure, now: datetime) -> QuerySet[Appointment]:
    """The visits still to come that the closure takes something away from, earliest first."""
    if closure.location_id:
        inside = Q(location=closure.location_id, occupied__overlap=closure.during)
    else:
        claims = Claim.objects.filter(appointment=OuterRef("pk"), resource=closure.resource_id)
        inside = Q(Exists(claims.filter(during__overlap=closure.during)))
    visits = Appointment.objects.filter(inside, status__in=TO_COME, during__startswith__gt=now)
    visits = visits.prefetch_related("proposals__practitioner", "proposals__location").order_by("during")
    return visits.select_related("patient", "location", "practitioner", "version", "treatment")


def closures_at(location: Location, now: datetime, *, past: bool = False) -> list[Closure]:
    """Of the location, and of the people, rooms and devices that are there."""
    there = Q(location=location) | Q(resource__location=location) | Q(resource__hours__location=location)
    over = Q(during__endswith__lte=now)
    rows = Closure.objects.filter(there, over if past else ~over).select_related("location", "resource").distinct()
    return list(rows.order_by("-during" if past else "during"))


def visits_in_closed_time(location: Location, now: datetime) -> int:
    """How many visits to come at the location lie in closed time, or lie there without somebody who is needed."""
    closed = Closure.objects.filter(during__endswith__gt=now)
    whole = closed.filter(location=OuterRef("location"), during__overlap=OuterRef("occupied"))
    claims = Claim.objects.filter(appointment=OuterRef("pk"))
    parts = claims.filter(Exists(closed.filter(resource=OuterRef("resource"), during__overlap=OuterRef("during"))))
    visits = Appointment.objects.filter(location=location, status__in=TO_COME, during__startswith__gt=now)
    return visits.filter(Exists(whole) | Exists(parts)).count()


def proposal_for(visit: Appointment, now: datetime) -> Appointment | None:
    """The time that is kept for a visit that has to move, or None."""
    holds = visit.proposals.all()  # with its practitioner, where `visits_in` has fetched them
    return next((hold for hold in holds if hold.expires_at and hold.expires_at > now < hold.during.lower), None)
