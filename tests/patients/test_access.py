"""The two doors to patient rows. Each refusal is asked with a row that could have leaked."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser

from patients.access import clinical_visible_to, contacts_visible_to
from patients.models import CareTeam, Patient
from tests import build
from tests.patients.world import person, user_of

pytestmark = pytest.mark.django_db
NOW = build.NOW


@pytest.fixture
def pat():
    return person()


@pytest.fixture
def sam():
    return person(given="Sam")


def on_the_team(patient: Patient, user, *, since: int = -1, until: int | None = None, why: str = "visit") -> None:
    """`since` and `until` in hours from now."""
    end = None if until is None else NOW + timedelta(hours=until)
    CareTeam.objects.create(patient=patient, user=user, since=NOW + timedelta(hours=since), until=end, why=why)


def test_nobody_sees_anything(pat):
    assert list(contacts_visible_to(AnonymousUser())) == []
    assert list(clinical_visible_to(AnonymousUser(), NOW)) == []


def test_patients_see_themselves(pat, sam):
    assert list(contacts_visible_to(user_of(pat))) == [pat]
    assert list(clinical_visible_to(user_of(pat), NOW)) == [pat]


@pytest.mark.parametrize("role", ["receptionist", "owner"])
def test_the_desk_sees_all_contacts_and_no_clinical_fact(pat, sam, role):
    user = build.user(roles=(role,))
    assert set(contacts_visible_to(user)) == {pat, sam}
    assert list(clinical_visible_to(user, NOW)) == []


@pytest.mark.parametrize("role", ["practitioner", "content_admin"])
def test_a_role_alone_shows_no_patient(pat, role):
    user = build.user(roles=(role,))
    assert list(contacts_visible_to(user)) == []
    assert list(clinical_visible_to(user, NOW)) == []


def test_the_care_team_sees_its_patient_and_no_other(pat, sam):
    doctor = build.user(roles=("practitioner",))
    on_the_team(pat, doctor)
    assert list(clinical_visible_to(doctor, NOW)) == [pat]


def test_two_reasons_to_be_on_the_team_show_the_patient_once(pat):
    doctor = build.user(roles=("practitioner",))
    on_the_team(pat, doctor)
    on_the_team(pat, doctor, why="review")
    assert list(clinical_visible_to(doctor, NOW)) == [pat]


@pytest.mark.parametrize(
    ("since", "until", "sees"), [(0, None, True), (1, None, False), (-2, 1, True), (-2, 0, False), (-2, -1, False)]
)
def test_the_team_sees_from_since_until_until(pat, since, until, sees):
    doctor = build.user(roles=("practitioner",))
    on_the_team(pat, doctor, since=since, until=until)
    assert clinical_visible_to(doctor, NOW).exists() is sees


def test_a_closed_account_sees_no_contacts(pat):
    user = build.user(roles=("receptionist",))
    user.is_active = False
    assert list(contacts_visible_to(user)) == []
