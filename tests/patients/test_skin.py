"""The patient's own skin type and one that a clinician confirmed are two facts, and stay so; the last sun is a third."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from patients.models import CareTeam, Patient, Phototype, ScarGrade, SunExposure
from patients.operations import Grading, confirm_phototype, grade_scars, judge, note_sun
from patients.operations.assess import NothingGraded, NotOnTheCareTeam, StillToCome, WeightsChanged
from patients.queries import record, skin
from patients.queries.known import known_of
from patients.queries.scars import gradings, own_view
from tests import build
from tests.patients.world import VISIT, answer_all, answer_page, person, screening, ticket, user_of
from tests.patients.world import confirm_phototype as seen_as
from treatments.acting import Actor
from treatments.models import Treatment

pytestmark = pytest.mark.django_db
NOW = build.NOW
TYPES = ["I", "II", "III", "IV", "V", "VI"]
LASERS = ["nafl", "afl", "pdl"]


@pytest.fixture
def pat() -> Patient:
    screening()
    return person()


def clinician(patient: Patient) -> Actor:
    """One who is on the care team."""
    user = build.user(roles=("practitioner",), name="Dr Seen")
    CareTeam.objects.create(patient=patient, user=user, since=NOW, why=CareTeam.Why.VISIT)
    return Actor(user=user)


def fired(patient: Patient, code: str, on: date = VISIT) -> dict[str, str]:
    found = judge(patient, Treatment.objects.get(code=code), on, "GB-ENG", NOW)
    return {one.rule.code: one.tier for one in found.fired}


# --- Never merged -------------------------------------------------------------------------------------------------

told = some.tuples(some.booleans(), some.integers(1, 6))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(told, max_size=8))
def test_whatever_comes_in_which_order_own_and_confirmed_are_never_merged(db: None, story: list[tuple[bool, int]]) -> None:
    patient = person()
    for minutes, (by_clinician, kind) in enumerate(story):
        own = {"provenance": "self_reported", "variant": "ten_item", "score": 7, "answers": "{}"}
        said = {"provenance": "clinician_confirmed", "answers": ""} if by_clinician else own
        at = NOW + timedelta(minutes=minutes)
        Phototype.objects.create(patient=patient, type=kind, at=at, recorded_by=user_of(patient), **said)
    seen = [TYPES[kind - 1] for by_clinician, kind in story if by_clinician]
    answered = [TYPES[kind - 1] for by_clinician, kind in story if not by_clinician]
    own_now, confirmed_now = skin.self_reported(patient), skin.confirmed(patient)
    assert [one.type for one in confirmed_now] == seen[::-1]
    assert (own_now.type if own_now else None) == (answered[-1] if answered else None)
    assert known_of(patient, NOW).phototype == (seen[-1] if seen else None)
    assert (record.own_skin_type(patient) is None, record.confirmed_skin_type(patient) is None) == (not answered, not seen)


def test_the_own_score_is_told_with_its_variant_and_answers(pat: Patient) -> None:
    answer_all(pat, ticket(), NOW, **{"phototype-eye": "4"})
    own = skin.self_reported(pat)
    assert own is not None
    assert (own.type, own.score, own.most, own.variant) == ("I", 4, 40, "ten_item")
    assert ("What colour are your eyes by nature?", "Brown so dark that it looks black") in own.answers
    assert len(own.answers) == 10


def test_confirming_is_a_new_row_with_who_and_when_and_leaves_the_own_one(pat: Patient) -> None:
    answer_all(pat, ticket(), NOW)
    doctor = clinician(pat)
    confirm_phototype(actor=doctor, patient=pat.pk, kind="IV", now=NOW)
    confirm_phototype(actor=doctor, patient=pat.pk, kind="V", now=NOW + timedelta(days=1))
    assert [(one.type, one.who, one.at) for one in skin.confirmed(pat)] == [
        ("V", "Dr Seen", NOW + timedelta(days=1)),
        ("IV", "Dr Seen", NOW),
    ]
    own = skin.self_reported(pat)
    assert own is not None
    assert own.type == "I"


# --- What lasers need ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", LASERS)
def test_an_own_type_of_any_number_does_not_open_laser(pat: Patient, code: str) -> None:
    answer_all(pat, ticket(code), NOW, **{f"phototype-{item}": "4" for item in ("eye", "hair", "skin", "burn", "face")})
    assert fired(pat, code) == {"phototype_unconfirmed": "block"}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("code", LASERS)
def test_from_type_four_on_a_test_patch_comes_before_laser(pat: Patient, code: str, kind: str) -> None:
    answer_all(pat, ticket(code), NOW)
    seen_as(pat, kind, NOW)
    assert fired(pat, code) == ({"phototype_iv_vi": "flag"} if kind in ("IV", "V", "VI") else {})


@pytest.mark.parametrize("kind", TYPES)
def test_no_type_is_needed_for_microneedling(pat: Patient, kind: str) -> None:
    answer_all(pat, ticket(), NOW)
    seen_as(pat, kind, NOW)
    assert fired(pat, "microneedling") == {}


# --- The last sun -------------------------------------------------------------------------------------------------


def sun(pat: Patient, answered: str, asked_at_the_visit: date | None, doctor: Actor) -> dict[str, str]:
    seen_as(pat, "II", NOW)
    answer_all(pat, ticket("nafl"), NOW, sun_recent=answered)
    note_sun(actor=doctor, patient=pat.pk, last=asked_at_the_visit, now=NOW)
    return fired(pat, "nafl")


@pytest.mark.parametrize(
    ("answered", "asked", "tier"),
    [
        ("never", VISIT - timedelta(days=28), ""),
        ("never", VISIT - timedelta(days=27), "block_until"),
        ("2027-02-10", None, "block_until"),
        ("2027-01-01", date(2027, 1, 20), ""),
        ("unsure", None, "flag"),
        ("unsure", VISIT - timedelta(days=5), "block_until"),
    ],
)
def test_of_the_two_tellings_the_worse_counts(pat: Patient, answered: str, asked: date | None, tier: str) -> None:
    assert sun(pat, answered, asked, clinician(pat)) == ({"sun_recent": tier} if tier else {})


def test_the_earliest_day_follows_the_later_sun(pat: Patient) -> None:
    sun(pat, "2027-02-10", date(2027, 2, 20), clinician(pat))
    known = skin.sun_known(pat, NOW)
    assert skin.sun_outcome(known, "nafl", VISIT, "GB-ENG").earliest == date(2027, 3, 20)
    assert skin.sun_outcome(known, "microneedling", VISIT, "GB-ENG").earliest is None


def test_a_day_that_is_still_to_come_is_refused(pat: Patient) -> None:
    with pytest.raises(StillToCome, match="still to come"):
        note_sun(actor=clinician(pat), patient=pat.pk, last=NOW.date() + timedelta(days=1), now=NOW)
    assert not SunExposure.objects.exists()


# --- Who may ------------------------------------------------------------------------------------------------------


def attempts(actor: Actor, pat: Patient) -> None:
    for attempt in (
        lambda: confirm_phototype(actor=actor, patient=pat.pk, kind="IV", now=NOW),
        lambda: note_sun(actor=actor, patient=pat.pk, last=None, now=NOW),
        lambda: grade_scars(actor=actor, patient=pat.pk, grading=Grading({"nose": 2}), now=NOW),
    ):
        with pytest.raises(NotOnTheCareTeam):
            attempt()
    assert not Phototype.objects.exists()
    assert not SunExposure.objects.exists()
    assert not ScarGrade.objects.exists()


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("practitioner",), ("content_admin",), ("owner",)])
def test_nobody_outside_of_the_care_team_notes_anything(pat: Patient, roles: tuple[str, ...]) -> None:
    attempts(Actor(user=build.user(roles=roles)), pat)


def test_nobody_confirms_the_own_type_a_practitioner_neither(pat: Patient) -> None:
    own = build.user(roles=("practitioner",))
    attempts(Actor(user=own), build.patient(user=own, email=own.email))


def test_a_receptionist_on_a_care_team_still_assesses_nobody(pat: Patient) -> None:
    desk = build.user(roles=("receptionist",))
    CareTeam.objects.create(patient=pat, user=desk, since=NOW, why=CareTeam.Why.VISIT)
    attempts(Actor(user=desk), pat)


def test_an_unknown_patient_is_nobodys(pat: Patient) -> None:
    with pytest.raises(NotOnTheCareTeam):
        confirm_phototype(actor=clinician(pat), patient=uuid4(), kind="IV", now=NOW)


# --- Grades -------------------------------------------------------------------------------------------------------


def test_each_zone_keeps_its_grade_and_the_whole_takes_the_worst(pat: Patient) -> None:
    grading = Grading({"nose": 2, "cheek_left": 3}, note="ZEBRA")
    grade_scars(actor=clinician(pat), patient=pat.pk, grading=grading, now=NOW)
    (one,) = gradings(pat)
    assert (one.grade, one.label, one.who, one.scale_version) == (3, "Moderate", "Dr Seen", "2006")
    assert (one.zones, one.note, one.count) == ([("Nose", 2), ("Left cheek", 3)], "ZEBRA", None)
    assert set(ScarGrade.objects.values_list("scale", flat=True)) == {"goodman-baron-qualitative"}


def test_something_has_to_be_graded(pat: Patient) -> None:
    with pytest.raises(NothingGraded):
        grade_scars(actor=clinician(pat), patient=pat.pk, grading=Grading({}, "only a note"), now=NOW)


def test_nothing_is_counted_while_no_weights_are_published(pat: Patient) -> None:
    grading = Grading({"nose": 2}, weights=1, counts={"macular": 3})
    with pytest.raises(WeightsChanged):
        grade_scars(actor=clinician(pat), patient=pat.pk, grading=grading, now=NOW)
    assert not ScarGrade.objects.exists()


def test_a_zone_that_was_answered_shows_as_the_own_view(pat: Patient) -> None:
    assert own_view(pat) is None
    answer_page(pat, "scars-where", ticket(), NOW, **{"scar-zones": "nose"})
    answer_page(pat, "scars-look", ticket(), NOW, **{"scar-type-nose": "unsure", "scar-words-nose": "like a moon"})
    answer_page(pat, "scars-today", ticket(), NOW, **{"scar-visibility": "unsure", "scar-bother": "4"})
    own = own_view(pat)
    assert own is not None
    assert [(zone.name, zone.looks, zone.words) for zone in own.zones] == [("Nose", ["I'm not sure"], "like a moon")]
    assert (own.visibility, own.bother) == ("I'm not sure.", 4)
