"""The demo clinic: everything can be seen in it, on whatever day it is made, and a date makes it the same again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.demo.build import STAY_DRAFTS
from clinic.demo.people import SIGN_INS
from clinic.messaging.models import Envelope
from clinic.scheduling.models import Appointment, Claim, Hours, Location, Offer, Status
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import wanted
from patients.models import Consent, ConsentReading, Evaluation, Patient, PurposeConsent
from patients.queries.openings import openings
from tests.build import pointed_at
from treatments.models import (
    ConsentVersion,
    IntervalsVersion,
    QuestionnaireVersion,
    Rule,
    RulesVersion,
    ScarWeightsVersion,
    Treatment,
    TreatmentVersion,
)

MONDAY = date(2027, 3, 1)
CLOCKS_CHANGE = [date(2027, 3, 28), date(2026, 11, 1)]  # London forward, New York back
TWO_WEEKS = range(1, 15)


class Seen(NamedTuple):
    treatment: str
    place: str
    day: date  # of the place
    starts: datetime
    ends: datetime
    status: str
    patient: str
    practitioner: str


@contextmanager
def demo_of(template: str, today: date) -> Iterator[date]:
    """The demo of a date in a database of its own."""
    from tests.conftest import _as_owner  # pytest loads it before anything else

    name = f"{template}_{uuid4().hex[:8]}"
    _as_owner(f'create database "{name}" template "{template}"')
    try:
        with pointed_at(name):
            call_command("demo", today=today)
            yield today
    finally:
        _as_owner(f'drop database "{name}" with (force)')


@pytest.fixture(scope="module")
def demo(template: str, django_db_blocker) -> Iterator[date]:
    """The demo of an ordinary Monday; the tests only look at it."""
    with django_db_blocker.unblock(), demo_of(template, MONDAY) as today:
        yield today


def visits() -> list[Seen]:
    rows = Appointment.objects.select_related("treatment", "location", "patient", "practitioner")
    return sorted(
        Seen(
            row.treatment.code,
            row.location.slug,
            row.during.lower.astimezone(row.location.tz).date(),
            row.during.lower,
            row.during.upper,
            row.status,
            str(row.patient),
            row.practitioner.name,
        )
        for row in rows
    )


def times_left(place: Location, day: date, now: datetime) -> dict[str, int]:
    """How many starts each published and offered treatment still has on a day."""
    offered = Treatment.objects.filter(pk__in=Offer.objects.filter(location=place).values("treatment"))
    bookable = offered.filter(pk__in=TreatmentVersion.objects.live(now).values("treatment"))
    asked = {treatment.code: wanted(treatment, place, now) for treatment in bookable}
    return {code: len(free_starts(one.search(day, day, now), now)) for code, one in asked.items()}


def is_open(place: Location, day: date) -> bool:
    return Hours.objects.filter(location=place, weekday=day.isoweekday(), resource__kind="practitioner").exists()


def full_days(today: date) -> list[tuple[str, date]]:
    places, days = Location.objects.all(), [today + timedelta(days=n) for n in TWO_WEEKS]
    now = datetime.combine(today, datetime.min.time(), tzinfo=places[0].tz)
    open_days = [(place, day) for place in places for day in days if is_open(place, day)]
    return [(place.slug, day) for place, day in open_days if not any(times_left(place, day, now).values())]


def empty_days(today: date) -> list[date]:
    busy = {visit.day for visit in visits()}
    return [day for n in TWO_WEEKS if (day := today + timedelta(days=n)) not in busy]


def everything_is_seen(today: date) -> None:
    assert {visit.status for visit in visits()} == set(Status.values)
    assert set(Evaluation.objects.values_list("tier", flat=True)) >= set(Rule.Tier.values)
    assert {role for user in User.objects.all() for role in user.roles} == set(Role.values)
    assert full_days(today)
    assert empty_days(today)
    in_london = {visit.status for visit in visits() if (visit.place, visit.day) == ("london", today)}
    assert in_london >= {"fulfilled", "checked-in", "arrived", "booked", "noshow", "cancelled"}


def claims_outside_hours() -> list[Claim]:
    """Claims of people, rooms and devices at times at which they are not there, by the wall clock of the place."""
    hours = {}
    for row in Hours.objects.all():
        hours.setdefault((row.resource_id, row.location_id, row.weekday), []).append((row.opens, row.closes))
    return [claim for claim in Claim.objects.select_related("appointment__location") if not _covered(claim, hours)]


def _covered(claim: Claim, hours: dict[tuple[int, int, int], list[tuple]]) -> bool:
    place = claim.appointment.location
    since, until = (moment.astimezone(place.tz) for moment in (claim.during.lower, claim.during.upper))
    spans = hours.get((claim.resource_id, place.pk, since.isoweekday()), [])
    return any(opens <= since.time() and until.time() <= closes for opens, closes in spans)


def test_every_status_tier_and_role_a_full_day_and_an_empty_day_are_there(demo: date) -> None:
    everything_is_seen(demo)


def test_two_locations_lie_in_different_zones(demo: date) -> None:
    assert dict(Location.objects.values_list("zone", "jurisdiction")) == {
        "Europe/London": "GB-ENG",
        "America/New_York": "US-NY",
    }


def test_it_reaches_six_weeks_back_and_four_ahead(demo: date) -> None:
    days = [visit.day for visit in visits()]
    assert demo - timedelta(days=42) <= min(days) <= demo - timedelta(days=40)
    assert demo + timedelta(days=26) <= max(days) <= demo + timedelta(days=28)
    open_before_today = [
        visit for visit in visits() if visit.day < demo and visit.status in ("booked", "pending", "arrived")
    ]
    assert open_before_today == []


def test_people_are_many_and_plainly_invented(demo: date) -> None:
    patients = list(Patient.objects.all())
    assert len(patients) >= 40
    assert len({str(patient) for patient in patients}) == len(patients)
    assert any(patient.email == "" for patient in patients)
    addresses = [patient.email for patient in patients if patient.email] + [user.email for user in User.objects.all()]
    assert all(address.endswith("@demo.example") for address in addresses)
    assert min(patient.age_on(demo) for patient in patients) >= 18


def test_nobody_works_outside_their_hours_or_in_two_towns_on_a_day(demo: date) -> None:
    assert claims_outside_hours() == []
    towns = {(visit.practitioner, visit.day, visit.place) for visit in visits()}
    assert len({(who, day) for who, day, _ in towns}) == len(towns)
    assert len({place for who, _, place in towns if who == "Dr Ben Demo"}) == 2


def test_what_is_published_was_approved_and_some_drafts_are_left(demo: date) -> None:
    live = TreatmentVersion.objects.filter(published_at__isnull=False)
    assert {version.treatment.code for version in live} == {"microneedling", "nafl", "afl", "consultation", "test_patch"}
    drafts = TreatmentVersion.objects.drafts()
    assert sorted(version.treatment.code for version in drafts) == sorted(STAY_DRAFTS)
    for model in (IntervalsVersion, QuestionnaireVersion, RulesVersion):
        assert model.objects.get().is_approved
        assert model.objects.get().published_at.date() < demo - timedelta(days=42)


def test_somebodys_skin_has_been_looked_at_and_the_weights_of_scars_wait_for_a_clinician(demo: date) -> None:
    rowan = Patient.objects.get(email=SIGN_INS["patient"])
    assert set(rowan.phototypes.values_list("provenance", flat=True)) == {"self_reported", "clinician_confirmed"}
    assert list(rowan.scar_grades.filter(zone="").order_by("at").values_list("grade", flat=True)) == [4, 3]
    assert rowan.scar_assessments.exists()
    assert ScarWeightsVersion.objects.get().is_draft


def test_whoever_was_treated_had_signed_with_the_practitioner(demo: date) -> None:
    begun = Appointment.objects.filter(status__in=["checked-in", "fulfilled"], treatment__kind="procedure")
    signed = Consent.objects.filter(confirmations__isnull=False).values_list("patient", "version__treatment")
    assert {(visit.patient_id, visit.treatment_id) for visit in begun} <= set(signed)
    assert ConsentReading.objects.exists()
    assert PurposeConsent.objects.exists()
    drafts = ConsentVersion.objects.drafts().values_list("treatment__code", flat=True)
    assert set(drafts) == set(STAY_DRAFTS) - {"follow_up"}


def test_one_can_sign_in_as_every_role_and_as_a_patient_with_a_visit_to_come(demo: date) -> None:
    assert set(SIGN_INS) == {"patient", *Role.values}
    for role in Role.values:
        assert role in User.objects.get(email=SIGN_INS[role]).roles
    rowan = User.objects.get(email=SIGN_INS["patient"]).patient
    states = [visit.status for visit in visits() if visit.patient == str(rowan)]
    assert states == ["fulfilled", "fulfilled", "booked"]


def test_a_record_was_opened_in_an_emergency_and_the_patient_can_read_of_it(demo: date) -> None:
    rowan = Patient.objects.get(user__email=SIGN_INS["patient"])
    (opening,) = openings(rowan)
    assert "(owner) opened your record in an emergency" in opening.words
    assert opening.at.date() == demo - timedelta(days=33)


def test_letters_of_the_past_are_not_sent_again(demo: date) -> None:
    assert Envelope.objects.filter(state="sent").exists()
    assert not Envelope.objects.filter(
        state="waiting", due_at__lte=datetime.combine(demo, datetime.max.time()).astimezone()
    ).exists()


def test_a_database_in_use_is_left_alone(demo: date, capsys: pytest.CaptureFixture[str]) -> None:
    before = visits()
    with pytest.raises(CommandError, match="This database is not empty"):
        call_command("demo", today=demo)
    call_command("demo", today=demo, if_empty=True)
    assert visits() == before
    assert capsys.readouterr().out == ""


def test_the_same_date_makes_the_same_visits(demo: date, template: str) -> None:
    before = visits()
    with demo_of(template, demo):
        assert visits() == before


@pytest.mark.parametrize("today", CLOCKS_CHANGE)
def test_the_days_on_which_clocks_change_are_days_like_others(today: date, template: str, django_db_blocker) -> None:
    with django_db_blocker.unblock(), demo_of(template, today):
        everything_is_seen(today)
        assert claims_outside_hours() == []
