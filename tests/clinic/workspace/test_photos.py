"""A patient's pictures, to the care team and to nobody else."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from patients.models import CareTeam, Patient, Photo, PhotoRemoval, TrailEntry
from patients.operations import add_photo, allow, take_back_photo
from patients.pictures import files
from tests import build
from tests.build import Clinic
from tests.clinic.workspace.conftest import booked, someone
from tests.patients import corpus
from tests.patients.world import person, user_of
from treatments.acting import Actor


@pytest.fixture
def pat(clinic: Clinic, clock: object) -> Patient:
    """Has a visit with Dr A, who is the doctor of these tests."""
    patient = person()
    booked(clinic, who=patient)
    return patient


def add(patient: Patient, *, view: str = "front", ago: timedelta = timedelta(0), by: object = None) -> Photo:
    actor, now = Actor(user=by or user_of(patient)), timezone.now() - ago
    return add_photo(actor=actor, patient=patient, view=view, content=corpus.jpeg(), now=now)


def page(client: Client, patient: Patient):
    return client.get(address(patient))


def address(patient: Patient) -> str:
    return f"/workspace/patients/{patient.pk}/photos/"


def said(answer) -> str:
    """What the page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def test_the_care_team_sees_the_pictures_by_day_and_view(pat: Patient, doctor: Client, clinic: Clinic) -> None:
    ada = clinic.practitioners[0].user
    add(pat, view="right", ago=timedelta(days=2))
    add(pat, view="left")
    add(pat, view="front", by=ada)
    shown = [(day.on.isoformat(), [(p.view, p.by) for p in day.photos]) for day in page(doctor, pat).context["days"]]
    assert shown == [("2027-03-01", [("front", "Dr A"), ("left", "")]), ("2027-02-27", [("right", "")])]
    words = said(page(doctor, pat))
    for part in ("Pictures of Pat Example", "Monday 1 March 2027", "From the front, by Dr A", "Left side, by the patient"):
        assert part in words


def test_the_page_is_one_line_of_the_trail_however_many_it_shows(pat: Patient, doctor: Client, clinic: Clinic) -> None:
    for view in ("front", "left", "right"):
        add(pat, view=view)
    page(doctor, pat)
    lines = TrailEntry.objects.filter(patient=pat, fields=["photos"])
    assert [(line.user, line.why) for line in lines] == [(clinic.practitioners[0].user, "a visit")]


@pytest.mark.parametrize("role", ["practitioner", "receptionist", "content_admin", "owner"])
def test_for_everybody_else_there_is_no_such_page(pat: Patient, clock: object, role: str) -> None:
    photo, client = add(pat), someone(role)
    expected = 404 if role == "practitioner" else 403
    for path in (address(pat), f"{address(pat)}{photo.pk}/erase/"):
        assert [client.get(path).status_code, client.post(path).status_code] == [expected] * 2
    assert client.get(f"/photos/{photo.pk}/").status_code == 404
    assert not TrailEntry.objects.filter(fields__contains=["photos"]).exists()


def test_a_visits_page_leads_there_for_the_care_team_alone(
    clinic: Clinic, doctor: Client, colleague: Client, desk: Client, pat: Patient
) -> None:
    visit = pat.appointments.get()
    leads = [
        address(pat) in client.get(f"/workspace/visits/{visit.pk}/").content.decode() for client in (doctor, colleague, desk)
    ]
    assert leads == [True, False, False]


def test_a_clinician_adds_one(pat: Patient, doctor: Client, clinic: Clinic) -> None:
    sent = {"view": "left", "picture": SimpleUploadedFile("a.jpg", corpus.with_everything())}
    answer = doctor.post(address(pat), sent, follow=True)
    assert "The picture is kept." in said(answer)
    photo = Photo.objects.get()
    assert (photo.patient, photo.recorded_by, photo.view) == (pat, clinic.practitioners[0].user, "left")


@pytest.mark.parametrize(
    ("content", "words"),
    [(corpus.heic(), "saved this picture as HEIC"), (b"", "This file is empty."), (corpus.SVG, "a drawing")],
)
def test_a_refusal_comes_back_on_the_page_with_the_view_that_was_chosen(pat, doctor, content, words) -> None:
    sent = {"view": "right_oblique", "picture": SimpleUploadedFile("a.jpg", content)}
    answer = doctor.post(address(pat), sent)
    assert answer.status_code == 422
    assert said(answer).count(words) == 2
    assert '<option value="right_oblique" selected>' in answer.content.decode()
    assert not Photo.objects.exists()


def test_what_the_patient_wants_removed_is_told_and_can_be_granted(pat: Patient, doctor: Client) -> None:
    photo = add(pat)
    assert "asks for its removal" not in said(page(doctor, pat))
    take_back_photo(actor=Actor(user=user_of(pat)), photo=photo.pk, now=timezone.now())
    assert "The patient asks for its removal." in said(page(doctor, pat))
    erase = f"{address(pat)}{photo.pk}/erase/"
    assert "nobody can bring the picture back" in said(doctor.get(erase))
    assert "The picture is removed." in said(doctor.post(erase, follow=True))
    assert sorted(PhotoRemoval.objects.values_list("kind", flat=True)) == ["asked", "erased"]
    assert files.key_of(photo.file) is None
    assert doctor.post(erase).status_code == doctor.get(f"/photos/{photo.pk}/").status_code == 404


def test_what_nobody_wants_removed_is_not(pat: Patient, doctor: Client, clinic: Clinic) -> None:
    photo = add(pat)
    assert doctor.post(f"{address(pat)}{photo.pk}/erase/").status_code == 404
    assert files.key_of(photo.file)


def test_an_address_that_names_another_patient_removes_nothing(pat: Patient, doctor: Client, clinic: Clinic) -> None:
    photo, other = add(pat), build.patient(given="Other")
    CareTeam.objects.create(patient=other, user=clinic.practitioners[0].user, since=timezone.now(), why="visit")
    page(doctor, pat)
    take_back_photo(actor=Actor(user=user_of(pat)), photo=photo.pk, now=timezone.now())
    assert doctor.post(f"{address(other)}{photo.pk}/erase/").status_code == 404
    assert files.key_of(photo.file)


def test_without_pictures_the_page_says_what_to_do(pat: Patient, doctor: Client) -> None:
    assert "No pictures yet." in said(page(doctor, pat))


def test_what_the_patient_allows_stands_above_the_pictures_and_follows_the_last_word(pat: Patient, doctor: Client) -> None:
    assert "The patient has not allowed pictures for the record so far." in said(page(doctor, pat))
    for given, words in ((True, "The patient allows pictures for the record."), (False, "has not allowed pictures")):
        allow(actor=Actor(user=user_of(pat)), patient=pat, purpose="clinical_photos", given=given, now=timezone.now())
        assert words in said(page(doctor, pat))
