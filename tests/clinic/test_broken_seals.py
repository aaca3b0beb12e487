"""What was altered or moved is shown to nobody: a calm page, a line in the log, and not a word of the record."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client, override_settings

from patients.encryption import seal
from patients.models import Answer, Patient, TrailEntry
from tests.build import NOW, Clinic
from tests.clinic.workspace.conftest import booked, browser
from tests.patients.sealed import new_key
from tests.patients.world import person
from treatments.models import QuestionnaireVersion

pytestmark = pytest.mark.django_db
MARK = "13 July 2019"


@pytest.fixture
def clinic() -> Iterator[Clinic]:
    made = Clinic(screening=True)
    with time_machine.travel(made.at("09:50"), tick=False):
        yield made


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    """Has answered two questions; Dr A looks after them."""
    patient = person()
    booked(clinic, who=patient)
    answer(patient, "isotretinoin", "2019-07-13")
    answer(patient, "pregnant", "no")
    return patient


def answer(patient: Patient, question: str, value: str | bytes, *, at: datetime = NOW) -> Answer:
    version = QuestionnaireVersion.objects.get()
    return Answer.objects.create(
        patient=patient, version=version, question=question, value=value, at=at, recorded_by=patient.user
    )


def pages(clinic: Clinic, pat: Patient) -> list[tuple[Client, str]]:
    doctor = browser(clinic.practitioners[0].user)
    return [(browser(pat.user), "/record/"), (doctor, f"/workspace/patients/{pat.pk}/record/")]


def test_whole_seals_open(clinic: Clinic, pat: Patient) -> None:
    assert all(MARK in client.get(path).content.decode() for client, path in pages(clinic, pat))


@pytest.mark.parametrize("where", ["another row", "another byte"])
def test_a_moved_or_altered_value_gives_a_calm_page_without_a_word_of_the_record(
    clinic: Clinic, pat: Patient, where: str, caplog: pytest.LogCaptureFixture
) -> None:
    moved = seal("2018-03-04", "patients_answer.value.another row")
    stored = moved if where == "another row" else moved[:-1] + bytes([moved[-1] ^ 1])
    broken = answer(pat, "isotretinoin", stored, at=NOW + timedelta(minutes=1))
    for client, path in pages(clinic, pat):
        caplog.clear()
        with caplog.at_level(logging.ERROR):
            told = client.get(path)
        assert told.status_code == 500
        html = told.content.decode()
        assert "We cannot read this" in html
        assert [word for word in (MARK, "Pat", "isotretinoin", "retinoin", "2018") if word in html] == []
        assert f"patients_answer.value.{broken.pk} does not open" in caplog.text
        assert "2018" not in caplog.text
    assert not TrailEntry.objects.exists()  # what was not shown was not opened


def test_under_a_wrong_key_nothing_is_shown(clinic: Clinic, pat: Patient) -> None:
    for client, path in pages(clinic, pat):
        with override_settings(KEYRING={"current": "k1", "keys": {"k1": new_key()}}):
            told = client.get(path)
        assert told.status_code == 500
        assert MARK not in told.content.decode()
