"""What has been settled on the telephone so far, as the address of the booking page says it."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from clinic.accounts.models import User
from clinic.scheduling.models import Location, Resource
from clinic.scheduling.queries.offers import bookable, open_places, places_offering, practitioners_for
from clinic.scheduling.queries.times import wanted
from clinic.scheduling.words import price_words
from clinic.workspace.forms import WishForm, read_day
from clinic.workspace.queries.people import patient_for, visits_to_come
from clinic.workspace.queries.seen import SeenVisit
from clinic.workspace.queries.telephone import FreeTimes
from patients.models import Patient
from treatments.models import TreatmentVersion


@dataclass(frozen=True)
class Call:
    """Without a treatment there are no free times to look at."""

    patient: Patient
    has: tuple[SeenVisit, ...]
    versions: list[TreatmentVersion]
    places: list[Location]
    people: list[Resource]
    version: TreatmentVersion | None
    place: Location | None
    who: int | None
    day: date
    free: FreeTimes | None

    @property
    def settled(self) -> dict[str, Any]:
        """The parts of the address."""
        return {
            "patient": self.patient.pk,
            "treatment": self.version.treatment_id if self.version else "",
            "place": self.place.slug if self.place else "",
            "who": self.who or "",
            "day": self.day.isoformat(),
        }

    @property
    def with_whom(self) -> Resource | None:
        return next((person for person in self.people if person.pk == self.who), None)

    @property
    def price(self) -> str:
        return price_words(self.free.asked.offer.price_minor, self.free.asked.offer.currency) if self.free else ""

    @property
    def form(self) -> WishForm:
        return WishForm(self.versions, self.places, self.people, initial=self.settled | {"day": self.day})

    def address(self, **other: Any) -> str:
        """This step again, with some of its parts changed."""
        return f"{reverse('workspace:book')}?{urlencode(self.settled | other)}"


def call_of(user: User, data: QueryDict) -> Call | None:
    """Read what the address says, kindly: what is unknown there falls back. None without a patient."""
    now, patient = timezone.now(), patient_for(user, _uuid(data.get("patient", "")))
    if patient is None:
        return None
    has, versions = tuple(visits_to_come(patient, now)), bookable(now)
    version = next((v for v in versions if str(v.treatment_id) == data.get("treatment")), None)
    places = places_offering(version.treatment, now) if version else open_places()
    place = next((p for p in places if p.slug == data.get("place")), places[0] if places else None)
    shown = version or next(iter(versions), None)  # what the page shows as chosen before anything is
    people = practitioners_for(shown.treatment, place) if shown and place else []
    who = next((p.pk for p in people if str(p.pk) == data.get("who")), None)
    day = read_day(data.get("day", ""), now.astimezone(place.tz).date() if place else now.date())
    asked = wanted(version.treatment, place, now, patient=patient) if version and place else None
    free = FreeTimes(asked, who, has, now) if asked else None
    return Call(patient, has, versions, places, people, version, place, who, day, free)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
