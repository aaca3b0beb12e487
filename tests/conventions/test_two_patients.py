"""Two patients with a marker in every field: neither ever sees a trace of the other, whatever address they ask for."""

from base64 import b64encode
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Booking, Choice
from patients.models import Consent, ConsentConfirmation, ConsentWithdrawal, Patient
from patients.operations import add_photo
from patients.pictures import files
from tests import build
from tests.build import Clinic
from tests.conventions.test_doors import address, found
from tests.patients import corpus
from tests.patients.world import answer_all, person, ticket, user_of
from treatments.acting import Actor
from treatments.models import ConsentVersion
from treatments.versions import content_hash

pytestmark = pytest.mark.django_db
MARKERS = ("ZEBRA", "zebra", "0777 000 777", "17 May 1977")


def marked(clinic: Clinic) -> tuple[Patient, Appointment]:
    """A patient whose every field carries a marker, with answers and a visit."""
    now = timezone.now()
    patient = person(given="ZEBRA", email="zebra@example.org", phone="0777 000 777")
    Patient.objects.filter(pk=patient.pk).update(family_name="ZEBRASON", birth_date="1977-05-17")
    answer_all(patient, ticket(on=(now + timedelta(days=3)).date()), now)
    day = timezone.localdate() + timedelta(days=7)
    start = clinic.at("10:00", day=day - timedelta(days=day.weekday()) + timedelta(days=7))
    booking = Booking(Choice(clinic.microneedling, clinic.place, start), patient, note="ZEBRA note")
    visit = operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=now)
    add_photo(actor=Actor(user=user_of(patient)), patient=patient, view="front", content=corpus.jpeg(), now=now)
    consented(patient, clinic)
    return patient, visit


def picture(patient: Patient) -> tuple[bytes, bytes]:
    """The patient's picture, as it is served and as it stands in pages."""
    photo = patient.photos.get()
    return files.jpeg(photo.file, photo.pk), b64encode(files.preview(photo.file, photo.pk))


def consented(patient: Patient, clinic: Clinic) -> None:
    """A consent that both have signed, and the patient has withdrawn."""
    build.consents(now=timezone.now() - timedelta(days=1))
    version = ConsentVersion.objects.get(treatment=clinic.microneedling)
    fact = {"at": timezone.now(), "recorded_by": clinic.practitioners[0].user}
    text = {"version": version, "text_hash": content_hash(version)}
    consent = Consent.objects.create(**fact, **text, patient=patient, name="ZEBRA signature", how="tablet")
    ConsentConfirmation.objects.create(**fact, consent=consent, name="Dr A")
    ConsentWithdrawal.objects.create(**fact, consent=consent, reason="ZEBRA reason")


@pytest.fixture
def zebra() -> tuple[Patient, Appointment]:
    return marked(Clinic(screening=True, now=timezone.now() - timedelta(days=1)))


def addresses(visit: Appointment, patient: Patient) -> list[str]:
    """Every address of the site, with the other patient's ids in its gaps."""
    photo = patient.photos.get()
    ids = {"<uuid:pk>": str(visit.pk), "<int:treatment>": str(visit.treatment_id), "<uuid:photo>": str(photo.pk)}
    made = []
    for route, pattern in found():
        if pattern.name == "mailbox":
            continue  # this machine's own letters, all of them
        path = f"/{route}"
        if route.startswith("record/consents/"):
            path = path.replace("<uuid:pk>", str(patient.consents.get().pk))
        for gap, value in ids.items():
            path = path.replace(gap, value)
        made.append(path if "<" not in path else address(route, pattern))
    query = f"?patient={patient.pk}&visit={visit.pk}&q=ZEBRA&next=/"
    return [path + more for path in made for more in ("", query)]


def test_another_patient_finds_no_trace(zebra: tuple[Patient, Appointment]) -> None:
    patient, visit = zebra
    client = Client()
    other, shown = person(given="Quiet"), picture(patient)
    client.force_login(other.user)
    for path in addresses(visit, patient):
        for method in ("get", "post"):
            if "sign-out" in path:
                continue
            content = getattr(client, method)(path).content
            text = content.decode(errors="replace")
            assert not any(bytes_of in content for bytes_of in shown), (method, path)
            typed = text.replace("q=ZEBRA", "")  # an address may be repeated in a link
            assert [marker for marker in MARKERS if marker in typed] == [], (method, path)
    visit.refresh_from_db()
    assert (visit.status, visit.patient) == (visit.status, patient)
    assert patient.photos.get().removals.count() == 0


def test_the_marked_patient_does_find_them(zebra: tuple[Patient, Appointment]) -> None:
    """The negative control: the markers are there to be found."""
    patient, visit = zebra
    client = Client()
    client.force_login(patient.user)
    texts = "".join(
        client.get(path).content.decode(errors="replace")
        for path in addresses(visit, patient)
        if "/record/" in path or "/visits/" in path
    )
    assert "ZEBRA" in texts
    assert "ZEBRA signature" in texts
    assert "0777 000 777" in texts
    whole, small = picture(patient)
    assert client.get(f"/photos/{patient.photos.get().pk}/").content == whole
    assert small in client.get("/record/photos/").content


def test_nothing_of_a_patient_is_readable_in_the_tables_that_hold_clinical_text(zebra: tuple[Patient, Appointment]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select table_name from information_schema.tables where table_schema = 'public'")
        tables = [
            name
            for (name,) in cursor.fetchall()
            if name not in {"patients_patient", "accounts_user", "account_emailaddress"}
        ]
        for table in tables:
            cursor.execute(f'select count(*) from "{table}" as t where t::text like %s', ["%ZEBRA%"])
            assert cursor.fetchone()[0] == 0, table
