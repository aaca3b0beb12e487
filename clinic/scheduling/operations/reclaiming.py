"""What a change of status does to claims: delete them, write the planned ones again, or cut them to now."""

from datetime import datetime
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


def cut_to_now(locked: Locked, visit: Appointment, now: datetime) -> None:
    """End the visit now when it is done early. Done late, nothing changes: what happened meanwhile on the resources was
    other people's time.
    """
    if now < visit.during.upper:
        end_at(locked, visit, now)


def end_at(locked: Locked, visit: Appointment, until: datetime) -> None:
    """The patient leaves at `until`, earlier or later than planned: what is in use then is in use until then, and the
    clean-down begins, its minutes kept. The constraint `one_claim` has the last word.
    """
    leaves, spans = visit.during.upper, []
    for claim in visit.claims.select_related("resource"):
        spans += [(claim.resource, *span) for span in moved_end(claim.during.lower, claim.during.upper, leaves, until)]
    delete_claims(locked, visit)
    visit.during = DateTimeTZRange(visit.during.lower, until)
    visit.occupied = DateTimeTZRange(visit.occupied.lower, visit.occupied.upper + (until - leaves))
    visit.save()
    Claim.objects.bulk_create(
        Claim(appointment=visit, resource=resource, during=DateTimeTZRange(first, last)) for resource, first, last in spans
    )


def moved_end(first: datetime, last: datetime, leaves: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """What becomes of a claim from `first` to `last` when the patient leaves at `until` and not at `leaves`.

    Its part with the patient ends then (also later, when it would have lasted to the end), its part of the clean-down
    follows; the two are one when they touch.
    """
    spans = []
    if first < leaves:
        end = until if last >= leaves else min(last, until)
        spans += [(first, end)] if first < end else []
    if last > leaves:  # needed for cleaning up
        spans.append((max(first, leaves) - leaves + until, last - leaves + until))
    if len(spans) == 2 and spans[0][1] == spans[1][0]:
        return [(spans[0][0], spans[1][1])]
    return spans


def _role(resource: Resource) -> str:
    return f"device:{resource.device_kind}" if resource.kind == Resource.Kind.DEVICE else resource.kind
