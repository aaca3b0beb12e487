"""The question “when could this visit start?”, put together the same way for the page, the hold and the booking."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.scheduling.models import Appointment, Location, Offer
from clinic.scheduling.policies.intervals import Barred, Past, as_spans
from clinic.scheduling.queries.availability import Search
from clinic.scheduling.queries.offered import offer_at
from clinic.scheduling.queries.policy import Policy, policy_of
from clinic.scheduling.queries.visits import barred_for
from clinic.scheduling.refusals import NotBookable
from clinic.scheduling.stretches import Plan, plan
from patients.models import Patient
from treatments.models import Treatment, TreatmentVersion
from treatments.queries import published

EVER = timedelta(days=730)  # how far ahead staff may book


@dataclass(frozen=True)
class Wanted:
    """What is to be booked where, with what follows from it: version, plan, price, the patient's rest days, the limits."""

    treatment: Treatment
    location: Location
    version: TreatmentVersion
    plan: Plan
    offer: Offer
    policy: Policy
    barred: tuple[Barred, ...] = ()
    patient: Patient | None = None

    def search(
        self,
        first: date,
        last: date,
        now: datetime,
        *,
        practitioner: int | None = None,
        ignoring: tuple[UUID, ...] = (),
        by_staff: bool = False,
        grid: int | None = None,
    ) -> Search:
        """A search over local days `first` to `last`. Notice, horizon and grid bind patients, not staff."""
        return Search(
            location=self.location,
            treatment_id=self.treatment.pk,
            stretches=self.plan.stretches,
            first=first,
            last=last,
            window=self._window(now, by_staff=by_staff),
            practitioners=None if practitioner is None else (practitioner,),
            ignoring=ignoring,
            barred=as_spans(self.barred, self.location.tz),
            grid=grid or (5 if by_staff else self.policy.grid_minutes),
        )

    def _window(self, now: datetime, *, by_staff: bool) -> tuple[datetime, datetime]:
        if by_staff:
            return now - timedelta(hours=12), now + EVER
        notice = timedelta(hours=self.policy.notice_to_book_hours)
        return now + notice, now + timedelta(days=self.policy.horizon_days)

    def of(
        self,
        patient: Patient,
        now: datetime,
        *,
        ignoring: tuple[UUID, ...] = (),
        also: tuple[Past, ...] = (),
        relaxed: bool = False,
    ) -> "Wanted":
        """The same for `patient`, with the days on which the skin needs rest; none when somebody may relax them.

        `also`: visits that are only being planned.
        """
        if relaxed:
            return replace(self, patient=patient, barred=())
        barred = barred_for(patient, self.treatment, self.location, now, ignoring=ignoring, also=also)
        return replace(self, patient=patient, barred=tuple(barred))

    def relaxed(self) -> "Wanted":
        """The same without rest days: somebody who may override has given a reason."""
        return replace(self, barred=())


def wanted(
    treatment: Treatment,
    location: Location,
    now: datetime,
    *,
    patient: Patient | None = None,
    ignoring: tuple[UUID, ...] = (),
) -> Wanted:
    """Raises NotBookable when the treatment is retired, not published, or not offered at the location."""
    offer = offer_at(location, treatment, now)
    retired = treatment.retired_at is not None and treatment.retired_at <= now
    if offer is None or retired or not location.active:
        raise NotBookable
    return wanted_as(offer, now, patient=patient, ignoring=ignoring)


def wanted_as(offer: Offer, now: datetime, *, patient: Patient | None = None, ignoring: tuple[UUID, ...] = ()) -> Wanted:
    """What `offer` (as `queries.offered` reads it) offers. Raises NotBookable when no version with steps is published."""
    version = published(TreatmentVersion, offer.version_in_force) if offer.version_in_force else None
    steps = list(version.steps.all()) if version else []
    if version is None or not steps:
        raise NotBookable
    asked = Wanted(offer.treatment, offer.location, version, plan(steps), offer, policy_of(offer.limits))
    return asked.of(patient, now, ignoring=ignoring) if patient else asked


def wanted_again(visit: Appointment, location: Location, now: datetime) -> Wanted:
    """What `visit` needs at another time, at `location`: the version and its steps stay as they were booked.

    Raises NotBookable where the treatment is not offered.
    """
    offer = offer_at(location, visit.treatment, now)
    if offer is None or not (location.active or location == visit.location):
        raise NotBookable
    policy = policy_of(offer.limits)
    return Wanted(visit.treatment, location, visit.version, plan(visit.version.steps.all()), offer, policy)
