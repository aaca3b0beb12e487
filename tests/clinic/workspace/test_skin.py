"""The pages of a clinician who looks at the skin: for the care team only, each opening in the trail, nothing lost."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from django.utils.html import escape

from clinic.scheduling.models import Appointment
from clinic.workspace.queries.skin import Outlook, lacking, outlooks
from patients.models import CareTeam, Patient, Phototype, ScarGrade, SunExposure, TrailEntry
from tests import build
from tests.build import MONDAY, NOW, Clinic
from tests.clinic.workspace.conftest import booked, browser
from tests.patients.world import VISIT, answer_all, confirm_phototype, person, screening, ticket
from tests.scheduling.laser import Laser
from treatments.models import ScarWeightsVersion

ODD = "‮ZEBRA <script>alert(1)</script>"


@pytest.fixture
def visit(clinic: Clinic, clock: time_machine.Traveller) -> Appointment:
    """Of somebody who looks after their own record, with Dr A, who is the doctor."""
    own = build.user(email="robin@example.org")
    return booked(clinic, who=build.patient(given="Robin", user=own, email=own.email))


@pytest.fixture
def skin(visit: Appointment) -> str:
    return f"/workspace/patients/{visit.patient_id}/skin/"


@pytest.fixture
def scars(visit: Appointment) -> str:
    return f"/workspace/patients/{visit.patient_id}/scars/"


# --- Who opens them -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", ["skin/", "scars/"])
def test_each_opening_is_one_line_that_the_patient_can_read(visit: Appointment, doctor: Client, page: str) -> None:
    assert doctor.get(f"/workspace/patients/{visit.patient_id}/{page}").status_code == 200
    line = TrailEntry.objects.get()
    assert (line.user, line.patient) == (visit.practitioner.user, visit.patient)
    shown = browser(visit.patient.user).get("/record/").content.decode()
    words = {
        "skin/": "opened your skin type and last sun,",
        "scars/": "opened your scars and clinician&#x27;s notes on the scars,",
    }
    assert words[page] in shown


@pytest.mark.parametrize("page", ["skin/", "scars/", "skin/sun/"])
def test_for_colleagues_who_are_not_on_the_care_team_there_is_no_such_page(
    visit: Appointment, colleague: Client, page: str
) -> None:
    address = f"/workspace/patients/{visit.patient_id}/{page}"
    sent = {"type": "IV", "sun-last": "never", "grade_nose": "2"}
    assert colleague.post(address, sent).status_code == 404
    assert colleague.post(address, {}).status_code == 404
    if page != "skin/sun/":
        assert colleague.get(address).status_code == 404
    assert not any(model.objects.exists() for model in (TrailEntry, Phototype, SunExposure, ScarGrade))


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("content_admin",), ("owner",)])
def test_only_practitioners_open_them(visit: Appointment, skin: str, scars: str, roles: tuple[str, ...]) -> None:
    client = browser(build.user(roles=roles))
    CareTeam.objects.create(patient=visit.patient, user=build.user(), since=NOW, why=CareTeam.Why.VISIT)
    for address in (skin, scars, f"{skin}sun/"):
        assert (client.get(address).status_code, client.post(address, {}).status_code) == (403, 403)


def test_the_patient_opens_neither(visit: Appointment, skin: str, scars: str) -> None:
    own = browser(visit.patient.user)
    assert [own.get(page).status_code for page in (skin, scars)] == [403, 403]


def test_a_practitioner_who_is_a_patient_too_does_not_assess_the_own_skin(clinic: Clinic, doctor: Client) -> None:
    own = build.patient(user=clinic.practitioners[0].user)
    assert doctor.get(f"/workspace/patients/{own.pk}/skin/").status_code == 404


def test_the_visit_leads_there_those_who_may(visit: Appointment, doctor: Client, colleague: Client, desk: Client) -> None:
    page = f"/workspace/visits/{visit.pk}/"
    linked = [f"{visit.patient_id}/skin/" in client.get(page).content.decode() for client in (doctor, colleague, desk)]
    assert linked == [True, False, False]


@pytest.mark.parametrize("page", ["record", "photos", "skin", "scars"])
def test_each_page_about_a_patient_leads_to_the_others(visit: Appointment, doctor: Client, page: str) -> None:
    html = doctor.get(f"/workspace/patients/{visit.patient_id}/{page}/").content.decode()
    for other in ("record", "photos", "skin", "scars"):
        assert f'href="/workspace/patients/{visit.patient_id}/{other}/"' in html


# --- The type -----------------------------------------------------------------------------------------------------


def test_a_confirmed_type_stands_beside_the_own_one_and_a_difference_is_said(
    visit: Appointment, skin: str, doctor: Client, clock: time_machine.Traveller
) -> None:
    own = {"provenance": "self_reported", "variant": "ten_item", "score": 16, "answers": '{"eye": 4}'}
    Phototype.objects.create(patient=visit.patient, type=3, at=NOW, recorded_by=visit.patient.user, **own)
    assert doctor.post(skin, {"type": "IV"}).status_code == 302
    html = doctor.get(skin).content.decode()
    for words in ("Type III", "16 of 40 points", "ten_item", "Brown so dark", "Type IV", "by Dr A", "confirmed is type IV"):
        assert words in html
    clock.shift(timedelta(minutes=5))
    doctor.post(skin, {"type": "III"})
    assert "confirmed is type" not in doctor.get(skin).content.decode()
    assert Phototype.objects.filter(provenance="clinician_confirmed").count() == 2
    shown = browser(visit.patient.user).get("/record/").content.decode()
    assert "Skin that burns at times and tans slowly" in shown
    assert "By Dr A, 1 March 2027" in shown
    assert "Type III" not in shown


@pytest.mark.parametrize("kind", ["", "VII", "7", "iv", "\x00", "IV " * 5000])
def test_something_else_than_a_type_is_refused_beside_the_field_and_in_the_summary(
    skin: str, doctor: Client, kind: str
) -> None:
    answer = doctor.post(skin, {"type": kind})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert html.count("Choose the type that you see." if not kind else "Choose one of the six types.") == 2
    assert not Phototype.objects.exists()


def test_nothing_is_filled_in_for_the_clinician(visit: Appointment, skin: str, doctor: Client) -> None:
    confirm_phototype(visit.patient, "IV", NOW)
    assert "checked" not in doctor.get(skin).content.decode()


# --- The sun ------------------------------------------------------------------------------------------------------


def sun(day: str = "", month: str = "", year: str = "", word: str = "") -> dict[str, str]:
    return {"sun-last": word, "sun-last_day": day, "sun-last_month": month, "sun-last_year": year}


def test_the_last_sun_is_kept_with_who_was_told(skin: str, doctor: Client) -> None:
    assert doctor.post(f"{skin}sun/", sun("20", "2", "2027")).status_code == 302
    assert doctor.post(f"{skin}sun/", sun(word="never")).status_code == 302
    assert set(SunExposure.objects.values_list("last", flat=True)) == {timezone.localdate() - timedelta(days=9), None}
    html = doctor.get(skin).content.decode()
    assert "20 February 2027" in html
    assert "Told to Dr A, 1 March 2027" in html


@pytest.mark.parametrize(
    ("sent", "words"),
    [
        (sun("2", "3", "2027"), "still to come"),
        (sun("31", "2", "2027"), "no such day"),
        (sun("1", "1", "1899"), "after 1900"),
        (sun("x", "\x00", "2027"), "in numbers"),
        (sun("1" * 10_000, "1", "2027"), "in numbers"),
        (sun(), "Enter a day, or choose"),
        (sun(word="tomorrow"), "choose one of the answers"),
        (sun("1", "1", "2027", "never"), "empty the three boxes"),
    ],
)
def test_a_day_that_cannot_be_is_refused_and_comes_back(skin: str, doctor: Client, sent: dict[str, str], words: str) -> None:
    answer = doctor.post(f"{skin}sun/", sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count(words) == 2
    assert f'value="{sent["sun-last_year"]}"' in html or not sent["sun-last_year"]
    assert not SunExposure.objects.exists()


def laser_row(patient: Patient) -> Outlook:
    return next(row for row in outlooks(patient, NOW) if row.name == "Non-ablative fractional laser")


def test_the_earliest_days_follow_type_test_patch_and_sun(db: None) -> None:
    clinic = Laser()
    patient = build.patient()
    clinic.book(patient, clinic.consultation)  # on Monday, three days from now; it will confirm the type
    assert [need.what for need in laser_row(patient).missing] == []
    clinic.confirmed(patient, "IV")
    assert [need.what for need in laser_row(patient).missing] == ["a test patch"]
    assert laser_row(patient).earliest is None
    clinic.book(patient, clinic.test_patch, day=MONDAY + timedelta(days=1))
    assert (laser_row(patient).missing, laser_row(patient).earliest) == ((), MONDAY + timedelta(days=1 + 28))
    assert laser_row(patient).ask_sun is False  # no rules are published in this clinic


def test_a_laser_session_that_lacks_its_test_patch_once_the_type_is_confirmed_is_named(db: None) -> None:
    clinic = Laser()
    patient = build.patient()
    clinic.confirmed(patient, "III")
    clinic.book(patient, clinic.consultation)
    session = clinic.book(patient, clinic.nafl, day=MONDAY + timedelta(days=14))
    assert lacking(patient, NOW) == []
    clinic.confirmed(patient, "IV", at=NOW + timedelta(hours=1))
    (one,) = lacking(patient, NOW + timedelta(hours=2))
    assert (one.visit, [need.what for need in one.needs], one.sun) == (session, ["a test patch"], None)
    with time_machine.travel(NOW + timedelta(hours=2), tick=False):
        html = browser(session.practitioner.user).get(f"/workspace/patients/{patient.pk}/skin/").content.decode()
    assert "Visits to look at again" in html
    assert "comes first: A test patch, at least 28 days earlier" in html


def test_a_laser_session_too_soon_after_the_sun_that_was_told_is_named(db: None) -> None:
    clinic = Laser(screening=True)
    patient = build.patient()
    clinic.confirmed(patient, "III")
    clinic.book(patient, clinic.consultation)
    session = clinic.book(patient, clinic.nafl, day=MONDAY + timedelta(days=14), override="seen")
    SunExposure.objects.create(
        patient=patient, last=NOW.date(), asked_on=NOW.date(), at=NOW, recorded_by=session.practitioner.user
    )
    (one,) = lacking(patient, NOW)
    assert (one.visit, one.needs, one.sun) == (session, (), NOW.date() + timedelta(days=28))


def test_a_test_patch_on_record_is_shown(db: None) -> None:
    clinic = Laser()
    patient = build.patient()
    with time_machine.travel(NOW, tick=False):
        patch = clinic.book(patient, clinic.test_patch)
        client = browser(patch.practitioner.user)
        page = f"/workspace/patients/{patient.pk}/skin/"
        html = client.get(page).content.decode()
    assert "Monday 1 March 2027, 10:00, High Street" in html
    assert "None on record" not in html


# --- The scars ----------------------------------------------------------------------------------------------------


def test_grades_are_kept_zone_by_zone_with_a_trend_and_no_patient_sees_them(
    visit: Appointment, scars: str, doctor: Client, clock: time_machine.Traveller
) -> None:
    assert "Nobody has graded" in doctor.get(scars).content.decode()
    doctor.post(scars, {"grade_nose": "4", "grade_cheek_left": "2", "note": "raking ZEBRA light"})
    clock.shift(timedelta(days=1))
    client = browser(visit.practitioner.user)
    client.post(scars, {"grade_nose": "3"})
    html = client.get(scars).content.decode()
    for words in ("<strong>4</strong> Severe", "<strong>3</strong> Moderate", "Left cheek: 2", "raking ZEBRA light", "Dr A"):
        assert words in html
    assert 'points="24,10 344,50"' in html
    assert "Overall grade: 4 on 1 March 2027, 3 on 2 March 2027." in html
    own = browser(visit.patient.user)
    shown = own.get("/record/").content.decode()
    assert [word for word in ("Severe", "Moderate", "grade", "ZEBRA", "Goodman") if word in shown] == []


def test_what_is_counted_comes_to_a_total_with_its_formula_and_version(scars: str, doctor: Client) -> None:
    weights = ScarWeightsVersion.objects.get()
    counts = {"count_macular": "12", "count_broad_deep": "3", "count_linear": "", "count_keloid": "0"}
    assert doctor.post(scars, {"grade_nose": "2", "weights": weights.pk, **counts}).status_code == 302
    whole = ScarGrade.objects.get(zone="")
    assert (whole.total, whole.weights, whole.counted) == (5, weights, {"macular": 12, "broad_deep": 3})
    html = doctor.get(scars).content.decode()
    for words in ("5 of 84", "Flat, red or darker, 12: 1 × 2 = 2", "Broad deep dented area, 3: 3 × 1 = 3", "weights 1"):
        assert words in html


def test_a_total_is_never_reckoned_with_other_weights_than_were_seen(scars: str, doctor: Client) -> None:
    sent = {"grade_nose": "2", "weights": "999", "count_macular": "12", "note": "typed ZEBRA"}
    answer = doctor.post(scars, sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "Other weights are in force by now" in html
    assert "typed ZEBRA" in html
    again = answer.context["form"]["weights"].value()
    assert doctor.post(scars, sent | {"weights": again}).status_code == 302


def asked_patient() -> tuple[Patient, str, Client]:
    """A patient where questions are published and weights are not, the page about the scars, and a clinician's browser."""
    screening()
    doctor, patient = build.user(roles=("practitioner",)), person()
    CareTeam.objects.create(patient=patient, user=doctor, since=NOW, why=CareTeam.Why.VISIT)
    return patient, f"/workspace/patients/{patient.pk}/scars/", browser(doctor)


@time_machine.travel(NOW + timedelta(hours=1), tick=False)
def test_without_published_weights_nothing_can_be_counted(db: None) -> None:
    page, client = asked_patient()[1:]
    html = client.get(page).content.decode()
    assert "no clinician has approved the weights" in html
    assert "count_macular" not in html
    client.post(page, {"grade_nose": "2", "count_macular": "12"})
    assert ScarGrade.objects.get(zone="").counts == ""


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("grade_nose", "5", "Choose one of the four grades."),
        ("grade_nose", "0", "Choose one of the four grades."),
        ("grade_nose", "\x00", "Choose one of the four grades."),
        ("count_macular", "-1", "Enter a whole number from 0 to 999."),
        ("count_macular", "1000", "Enter a whole number from 0 to 999."),
        ("count_macular", "2.5", "Enter a whole number from 0 to 999."),
        ("count_macular", "９9" * 5000, "Enter a whole number from 0 to 999."),
        ("count_macular", "many", "Enter a whole number from 0 to 999."),
        ("note", "x" * 10_000, "Shorten this to 2000 characters."),
        ("note", "bell\x07", "Some characters cannot be kept."),
        ("note", "nul\x00", "Some characters cannot be kept."),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field_and_in_the_summary_and_nothing_is_lost(
    scars: str, doctor: Client, field: str, typed: str, words: str
) -> None:
    sent = {"grade_chin": "3", "count_linear": "7", "note": ODD, field: typed}
    answer = doctor.post(scars, sent)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert html.count(words) == 2
    assert '<option value="3" selected>3 Moderate</option>' in html
    assert 'value="7"' in html
    assert (escape(ODD) in html) or field == "note"
    assert "<script>alert" not in html
    assert not ScarGrade.objects.exists()


def test_a_note_alone_is_no_grade(scars: str, doctor: Client) -> None:
    answer = doctor.post(scars, {"note": ODD})
    assert answer.status_code == 422
    assert answer.content.decode().count("Grade at least one zone.") == 2
    assert escape(ODD) in answer.content.decode()


@time_machine.travel(NOW + timedelta(hours=30), tick=False)
def test_the_patients_own_words_stand_by_zone_and_bother_over_time(db: None) -> None:
    patient, page, client = asked_patient()
    said = {"scar-zones": "nose,back", "scar-type-nose": "boxcar", "scar-words-back": ODD}
    answer_all(patient, ticket(), NOW, **said, **{"scar-bother": "8"})
    later = NOW + timedelta(hours=25)
    answer_all(patient, ticket(on=VISIT + timedelta(days=20)), later, **{"scar-bother": "5"})
    html = client.get(page).content.decode()
    for words in ("Boxcar", "Nose", escape(ODD), "Bother: 5 of 10.", "Marked: Nose, Back"):
        assert words in html, words
    assert "8 on 26 February 2027, 5 on 27 February 2027" in html


@pytest.mark.parametrize("page", ["skin/", "scars/"])
def test_a_page_costs_the_same_after_many_notes(
    visit: Appointment, doctor: Client, page: str, django_assert_max_num_queries
) -> None:
    address = f"/workspace/patients/{visit.patient_id}/{page}"
    weights = ScarWeightsVersion.objects.get()
    for grade in (1, 2, 3, 4):
        shared = {"patient": visit.patient, "recorded_by": visit.practitioner.user, "at": NOW + timedelta(days=grade)}
        scale = {"scale": "goodman-baron-qualitative", "scale_version": "2006", "note": ""}
        ScarGrade.objects.create(grade=grade, counts='{"macular": 1}', weights=weights, total=1, **shared, **scale)
        confirm_phototype(visit.patient, "IV", NOW + timedelta(days=grade))
    doctor.get(address)
    with django_assert_max_num_queries(40):
        doctor.get(address)
