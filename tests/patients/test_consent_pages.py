"""One's own consents: signed ones to read, print and withdraw; permissions given and taken back with one button each."""

import re
from uuid import UUID

import pytest
from django.test import Client

from patients.models import Consent, ConsentConfirmation, ConsentWithdrawal, Patient, PurposeConsent, TrailEntry
from patients.queries.consents import allows
from tests import build
from tests.build import NOW
from tests.patients.world import person
from treatments.models import ConsentVersion
from treatments.versions import content_hash

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.patients.urls")]
PAGE = "/record/consents/"
each_purpose = pytest.mark.parametrize("purpose", PurposeConsent.Purpose.values)


@pytest.fixture
def pat(client: Client) -> Patient:
    made = person()
    client.force_login(made.user)
    return made


@pytest.fixture
def signed(pat: Patient) -> Consent:
    build.knowledge()
    build.consents()
    doctor, version = build.user(name="Dr A", roles=("practitioner",)), ConsentVersion.objects.get(treatment__code="nafl")
    fact = {"at": NOW, "recorded_by": doctor}
    consent = Consent.objects.create(
        **fact, patient=pat, version=version, text_hash=content_hash(version), name="P. Example", how="tablet"
    )
    ConsentConfirmation.objects.create(**fact, consent=consent, name="Dr A")
    return consent


def press(client: Client, purpose: str, given: str) -> str:
    answer = client.post(PAGE, {"purpose": purpose, "given": given}, follow=True)
    return str(answer.content.decode())


def test_nothing_is_ticked_and_every_permission_stands_alone(client: Client, pat: Patient) -> None:
    html = client.get(PAGE).content.decode()
    assert "checkbox" not in html
    assert "checked" not in html
    assert html.count("Not allowed so far.") == len(PurposeConsent.Purpose)
    forms = [form for form in re.findall(r"<form.*?</form>", html, re.S) if 'name="purpose"' in form]
    assert [re.findall(r'name="purpose" value="(\w+)"', form) for form in forms] == [[p] for p in PurposeConsent.Purpose]


@each_purpose
def test_each_is_given_and_taken_back_with_one_press(client: Client, pat: Patient, purpose: str) -> None:
    assert "You agreed on" in press(client, purpose, "yes")
    assert [other for other in PurposeConsent.Purpose if allows(pat, other)] == [purpose]
    assert "you took it back on" in press(client, purpose, "no")
    assert not allows(pat, purpose)


@pytest.mark.parametrize("sent", [{}, {"purpose": "anything", "given": "yes"}, {"purpose": "teaching", "given": "maybe"}])
def test_what_no_button_sends_changes_nothing(client: Client, pat: Patient, sent: dict[str, str]) -> None:
    assert "Please use the buttons" in client.post(PAGE, sent, follow=True).content.decode()
    assert not PurposeConsent.objects.exists()


def test_a_signed_consent_is_shown_as_it_was_signed_and_can_be_printed(client: Client, signed: Consent) -> None:
    assert "signed on 26 February 2027, with Dr A" in client.get(PAGE).content.decode()
    html = client.get(f"{PAGE}{signed.pk}/").content.decode()
    said = ("P. Example, 26 February 2027, 09:00", "Dr A, 26 February 2027, 09:00", signed.text_hash, "Version 1")
    assert all(words in html for words in said)
    assert all(heading in html for heading, _text in signed.version.passages)


def test_looking_is_in_the_trail(client: Client, signed: Consent) -> None:
    client.get(PAGE)
    client.get(f"{PAGE}{signed.pk}/")
    assert [entry.fields for entry in TrailEntry.objects.all()] == [["consents"], ["consents"]]


def test_withdrawing_is_one_step_and_needs_no_reason(client: Client, signed: Consent) -> None:
    answer = client.post(f"{PAGE}{signed.pk}/", {"reason": ""}, follow=True)
    assert "Your consent is withdrawn" in answer.content.decode()
    assert ConsentWithdrawal.objects.get().reason == ""
    html = client.get(f"{PAGE}{signed.pk}/").content.decode()
    assert "It no longer counts." in html
    assert "Withdraw this consent" not in html
    assert client.post(f"{PAGE}{signed.pk}/", {"reason": "again"}).status_code == 422
    assert ConsentWithdrawal.objects.count() == 1


@pytest.mark.parametrize("reason", ["x" * 10_000, "a\x07b"])
def test_a_reason_that_cannot_be_kept_is_said_so(client: Client, signed: Consent, reason: str) -> None:
    answer = client.post(f"{PAGE}{signed.pk}/", {"reason": reason})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert answer.context["form"]["reason"].value() == reason
    assert not ConsentWithdrawal.objects.exists()


def test_another_persons_consent_is_not_found(client: Client, signed: Consent) -> None:
    client.force_login(person().user)
    for method in ("get", "post"):
        assert getattr(client, method)(f"{PAGE}{signed.pk}/", {"reason": "x"}).status_code == 404
    assert not ConsentWithdrawal.objects.exists()


def test_who_has_no_record_yet_has_no_consents(client: Client) -> None:
    client.force_login(build.user())
    assert "There is nothing here yet" in client.get(PAGE).content.decode()
    assert client.post(PAGE, {"purpose": "teaching", "given": "yes"}).status_code == 200
    assert client.get(f"{PAGE}{UUID(int=7)}/").status_code == 404
    assert not PurposeConsent.objects.exists()
