"""Facts and the trail are written once, whoever holds the pen."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connections, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from clinic.accounts.models import User
from patients.models import (
    Answer,
    Consent,
    ConsentConfirmation,
    ConsentReading,
    ConsentWithdrawal,
    EmergencyAccess,
    Evaluation,
    Patient,
    Photo,
    PhotoRemoval,
    Phototype,
    PurposeConsent,
    ScarAssessment,
    ScarFinding,
    ScarGrade,
    SunExposure,
    TrailEntry,
)
from tests import build
from treatments.models import ConsentVersion, QuestionnaireVersion, Treatment

TABLES = [
    "patients_answer",
    "patients_phototype",
    "patients_scarassessment",
    "patients_scarfinding",
    "patients_scargrade",
    "patients_sunexposure",
    "patients_evaluation",
    "patients_photo",
    "patients_photoremoval",
    "patients_trailentry",
    "patients_emergencyaccess",
    "patients_consentreading",
    "patients_consent",
    "patients_consentconfirmation",
    "patients_consentwithdrawal",
    "patients_purposeconsent",
]
CHANGES = ["update {} set id = id", "delete from {}", "truncate {} cascade"]


def one_of_each(alias: str) -> None:
    """A row in every table that only grows."""
    user = User.objects.db_manager(alias).create(email=f"{alias}@clinic.example")
    patient = Patient.objects.using(alias).create(given_name="Pat", family_name="Example", birth_date="1990-05-17")
    treatment = Treatment.objects.using(alias).create(code="t", slug="t", kind="procedure", family="needling")
    version = QuestionnaireVersion.objects.using(alias).create()
    said = {"patient": patient, "recorded_by": user, "at": build.NOW}
    Answer.objects.using(alias).create(version=version, question="q", value="no", **said)
    Phototype.objects.using(alias).create(provenance="clinician_confirmed", type=2, answers="", **said)
    scars = ScarAssessment.objects.using(alias).create(visibility="close_up", bother=3, **said)
    ScarFinding.objects.using(alias).create(assessment=scars, zone="nose", type="boxcar")
    scale = {"scale": "goodman-baron-qualitative", "scale_version": "2006"}
    ScarGrade.objects.using(alias).create(grade=2, note="", counts="", **scale, **said)
    SunExposure.objects.using(alias).create(last=None, asked_on=build.MONDAY, **said)
    picture = Photo.objects.using(alias).create(view="front", width=3, height=4, file="0" * 32, **said)
    PhotoRemoval.objects.using(alias).create(photo=picture, kind="asked", recorded_by=user, at=build.NOW)
    Evaluation.objects.using(alias).create(
        patient=patient, treatment=treatment, at=build.NOW, on=build.MONDAY, document="{}"
    )
    hour = DateTimeTZRange(build.NOW, build.NOW + timedelta(hours=1))
    EmergencyAccess.objects.using(alias).create(patient=patient, user=user, during=hour, reason="fainted")
    TrailEntry.objects.using(alias).create(
        at=build.NOW, user=user, roles=[], patient=patient, verb="opened", fields=[], why=""
    )
    consents(alias, treatment, said)


def consents(alias: str, treatment: Treatment, said: dict[str, object]) -> None:
    fact = {name: said[name] for name in ("recorded_by", "at")}
    text = {"version": ConsentVersion.objects.using(alias).create(treatment=treatment), "text_hash": "0" * 64}
    ConsentReading.objects.using(alias).create(**said, **text)
    consent = Consent.objects.using(alias).create(**said, **text, name="Pat Example", how="tablet")
    ConsentConfirmation.objects.using(alias).create(**fact, consent=consent, name="Dr A")
    ConsentWithdrawal.objects.using(alias).create(**fact, consent=consent)
    PurposeConsent.objects.using(alias).create(**said, purpose="teaching", given=True)


def attempt(alias: str, statement: str) -> None:
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db
def test_the_application_may_only_add():
    one_of_each("default")
    for table in TABLES:
        for change in CHANGES:
            with pytest.raises(ProgrammingError, match="permission denied"):
                attempt("default", change.format(table))


@pytest.mark.django_db(databases=["default", "owner"])
def test_even_the_owner_of_the_tables_is_stopped_by_a_trigger():
    one_of_each("owner")
    attempt("owner", "set constraints all immediate")  # else TRUNCATE is refused for waiting foreign keys
    for table in TABLES:
        for change in CHANGES:
            with pytest.raises(IntegrityError, match="only grows"):
                attempt("owner", change.format(table))
