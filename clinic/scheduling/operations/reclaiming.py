"""What a change of status does to claims: delete them, write the planned ones again, or cut them to now."""

from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment, Claim, Resource
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.choosing import choose
from clinic.scheduling.queries.availability import MOMENT, Search, who_fits
from clinic.scheduling.refusals import JustTaken
from clinic.scheduling.stretches import Plan, plan
from treatments.models import Step


class Planned(NamedTuple):
    """A visit as its version planned it, from its start on, and the search for whoever could still do it."""

    plan: Plan
    search: Search

    @classmethod
    def of(cls, visit: Appointment) -> Self:
        steps, start = plan(Step.objects.filter(version=visit.version_id)), visit.during.lower
        day = start.astimezone(visit.location.tz).date()
        search = Search(
            location=visit.location,
            treatment_id=visit.treatment_id,
            stretches=steps.stretches,
            first=day,
            last=day,
            window=(start, start + MOMENT),
            practitioners=(visit.practitioner_id,),
            ignoring=(visit.pk,),
            ignoring_hours=True,  # the visit stood there before
        )
        return cls(steps, search)


def delete_claims(locked: Locked, visit: Appointment) -> None:
    visit.claims.all().delete()


def write_again(locked: Locked, visit: Appointment, planned: Planned, now: datetime) -> None:
    """The planned claims, on the same resources where they are still known. Raises JustTaken when somebody has them."""
    start = visit.during.lower
    kept = {_role(claim.resource): claim.resource_id for claim in visit.claims.select_related("resource")}
    delete_claims(locked, visit)
    visit.during = inner.during_of(planned.plan, start)
    visit.occupied = inner.occupied_of(planned.plan, start)
    visit.save()
    inner.drop_lapsed(locked, visit.occupied, now)
    fits = who_fits(planned.search, start, now)
    chosen = choose(
        planned.plan, [f for f in fits if kept.get(f.role, f.resource) == f.resource], start, visit.location, None
    )
    if chosen is None:
        raise JustTaken
    inner.write_claims(locked, visit, planned.plan, chosen)


def cut_to_now(locked: Locked, visit: Appointment, planned: Planned, now: datetime) -> None:
    """End the visit now when it is done early: claims in the patient's time end, the clean-down begins, minutes kept.

    Done late, nothing changes: what happened meanwhile on the resources was other people's time.
    """
    if now >= visit.during.upper:
        return
    earlier = now - visit.during.upper
    claims = [piece for claim in visit.claims.select_related("resource") for piece in _cut(claim, planned.plan, visit, now)]
    delete_claims(locked, visit)
    visit.during = DateTimeTZRange(visit.during.lower, now)
    visit.occupied = DateTimeTZRange(visit.occupied.lower, visit.occupied.upper + earlier)
    visit.save()
    Claim.objects.bulk_create(claims)


def _cut(claim: Claim, planned: Plan, visit: Appointment, now: datetime) -> list[Claim]:
    """What is left of one claim: its part before now, joined to its part of the clean-down when they touch."""
    until = min(claim.during.upper, now)
    spans = [(claim.during.lower, until)] if claim.during.lower < until else []
    leaves = visit.during.lower + timedelta(minutes=planned.present)
    if claim.during.upper > leaves:  # this resource is needed for cleaning up
        begins = max(claim.during.lower, leaves) - leaves + now
        spans.append((begins, claim.during.upper - leaves + now))
    if len(spans) == 2 and spans[0][1] == spans[1][0]:
        spans = [(spans[0][0], spans[1][1])]
    return [Claim(appointment=visit, resource=claim.resource, during=DateTimeTZRange(*span)) for span in spans]


def _role(resource: Resource) -> str:
    return f"device:{resource.device_kind}" if resource.kind == Resource.Kind.DEVICE else resource.kind
