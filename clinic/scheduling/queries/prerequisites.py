"""What is published of what must come first, and what is known of a patient that meets it."""

from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _

from clinic.scheduling.models import Location
from clinic.scheduling.policies.intervals import Barred, Need, Past
from clinic.scheduling.policies.prerequisites import Confirmed, barred_for_want
from patients.models import Patient, Phototype
from patients.queries.answers import confirmed_phototype
from treatments.models import IntervalsVersion, Prerequisite, Treatment, TreatmentVersion


def needs_of(treatment: Treatment, now: datetime) -> list[Need]:
    """What must come before `treatment`, in the published order. One query, and one more for a confirmed skin type."""
    live = TreatmentVersion.objects.live(now).filter(treatment=OuterRef("first"))
    rows = Prerequisite.objects.filter(version__in=IntervalsVersion.objects.live(now).values("pk"), treatment=treatment)
    rows = rows.select_related("first").annotate(name=Subquery(live.values("name")[:1]))
    return [_need(row) for row in rows]


def barred_by_needs(
    needs: Sequence[Need], patient: Patient, location: Location, visits: Sequence[Past], now: datetime
) -> list[Barred]:
    """The days on which the patient lacks something of `needs`. `visits`: on the location's calendar."""
    if not needs:
        return []
    found = confirmed_phototype(patient) if any(need.by_fact or need.phototypes for need in needs) else None
    confirmed = Confirmed(Phototype.Type(found.type).label, _local(found.at, location)) if found else None
    return barred_for_want(needs, visits, confirmed, _local(now, location))


def _need(row: Prerequisite) -> Need:
    """A skin type is confirmed at a consultation; a clinic without one confirms it otherwise, and nothing is booked."""
    by_fact = row.kind == Prerequisite.Kind.CONFIRMED_PHOTOTYPE
    first = _consultation() if by_fact else row.first
    return Need(
        first=first.pk if first else 0,
        what=_what(first, getattr(row, "name", None)) if first else _("a confirmed skin type"),
        by_fact=by_fact,
        phototypes=tuple(row.phototypes),
        lead_days=row.lead_days,
        valid_days=row.valid_days,
        reason=row.reason,
        code=first.code if first else "",
    )


def _consultation() -> Treatment | None:
    return Treatment.objects.filter(kind=Treatment.Kind.CONSULTATION, retired_at=None).order_by("position").first()


def _what(treatment: Treatment, name: str | None) -> str:
    """“a consultation”, “a test patch”, else “a visit for …”."""
    usual = {Treatment.Kind.CONSULTATION: _("a consultation"), Treatment.Kind.TEST_PATCH: _("a test patch")}
    return usual.get(Treatment.Kind(treatment.kind)) or _("a visit for %(name)s") % {"name": name or treatment.code}


def _local(moment: datetime, location: Location) -> date:
    return moment.astimezone(location.tz).date()
