"""What is known of a patient that meets what must come first."""

from collections.abc import Sequence
from datetime import date, datetime

from clinic.scheduling.models import Location
from clinic.scheduling.policies.intervals import Barred, Need, Past
from clinic.scheduling.policies.prerequisites import Confirmed, barred_for_want
from patients.models import Patient, Phototype
from patients.queries.answers import confirmed_phototype


def barred_by_needs(
    needs: Sequence[Need], patient: Patient, location: Location, visits: Sequence[Past], now: datetime
) -> list[Barred]:
    """The days on which the patient lacks something of `needs`. `visits`: on the location's calendar."""
    if not needs:
        return []
    found = confirmed_phototype(patient) if any(need.by_fact or need.phototypes for need in needs) else None
    confirmed = Confirmed(Phototype.Type(found.type).label, _local(found.at, location)) if found else None
    return barred_for_want(needs, visits, confirmed, _local(now, location))


def _local(moment: datetime, location: Location) -> date:
    return moment.astimezone(location.tz).date()
