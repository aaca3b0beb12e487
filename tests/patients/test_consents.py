"""Separate permissions, each given and taken back on its own; and withdrawing what was signed."""

import pytest
from django.core.exceptions import PermissionDenied

from patients.models import Consent, ConsentConfirmation, ConsentWithdrawal, Patient, PurposeConsent
from patients.operations import allow, withdraw
from patients.operations.consents import WithdrawnAlready
from patients.queries.consents import EXPLAINED, allows, purposes, signed_consents
from tests import build
from tests.build import NOW
from tests.patients.world import person, user_of
from treatments.acting import Actor
from treatments.models import ConsentVersion

pytestmark = pytest.mark.django_db
PURPOSES = list(PurposeConsent.Purpose)
each_purpose = pytest.mark.parametrize("purpose", PURPOSES, ids=str)


@pytest.fixture
def pat() -> Patient:
    return person()


@pytest.fixture
def signed(pat: Patient) -> Consent:
    build.knowledge()
    doctor, version = build.user(name="Dr A", roles=("practitioner",)), ConsentVersion.objects.first()
    fact = {"at": NOW, "recorded_by": doctor}
    consent = Consent.objects.create(
        **fact, patient=pat, version=version, text_hash="0" * 64, name="Pat Example", how="tablet"
    )
    ConsentConfirmation.objects.create(**fact, consent=consent, name="Dr A")
    return consent


def say(pat: Patient, purpose: str, given: bool) -> None:
    allow(actor=Actor(user=user_of(pat)), patient=pat, purpose=purpose, given=given, now=NOW)


def take_back(pat: Patient, consent: Consent, reason: str = "") -> ConsentWithdrawal:
    return withdraw(actor=Actor(user=user_of(pat)), patient=pat, consent=consent.pk, reason=reason, now=NOW)


def test_nothing_is_allowed_until_somebody_says_so_and_each_is_explained(pat: Patient) -> None:
    assert [(one.purpose, one.given, one.at) for one in purposes(pat)] == [(code, False, None) for code in PURPOSES]
    assert set(EXPLAINED) == set(PURPOSES)
    assert len({one.explained for one in purposes(pat)}) == len(PURPOSES)


@each_purpose
def test_a_permission_is_one_of_its_own(pat: Patient, purpose: str) -> None:
    say(pat, purpose, given=True)
    assert [code for code in PURPOSES if allows(pat, code)] == [purpose]


@each_purpose
def test_a_permission_is_taken_back_at_once_and_both_are_kept(pat: Patient, purpose: str) -> None:
    say(pat, purpose, given=True)
    say(pat, purpose, given=False)  # within the same moment
    assert not allows(pat, purpose)
    assert list(PurposeConsent.objects.order_by("at").values_list("given", flat=True)) == [True, False]
    say(pat, purpose, given=True)
    assert allows(pat, purpose)


def test_saying_the_same_twice_is_kept_once(pat: Patient) -> None:
    say(pat, "teaching", given=False)
    assert not PurposeConsent.objects.exists()
    say(pat, "teaching", given=True)
    say(pat, "teaching", given=True)
    assert PurposeConsent.objects.count() == 1


def test_nobody_allows_anything_for_somebody_else(pat: Patient) -> None:
    for other in (user_of(person()), build.user(roles=("owner", "practitioner"))):
        with pytest.raises(PermissionDenied):
            allow(actor=Actor(user=other), patient=pat, purpose="marketing", given=True, now=NOW)
    assert not allows(pat, "marketing")


def test_a_withdrawal_keeps_who_when_and_the_reason_if_one_was_given(pat: Patient, signed: Consent) -> None:
    take_back(pat, signed, "changed my mind")
    kept = ConsentWithdrawal.objects.get()
    assert (kept.consent, kept.at, kept.recorded_by, kept.reason) == (signed, NOW, pat.user, "changed my mind")
    assert [(one.counts, one.withdrawal) for one in signed_consents(pat)] == [(False, kept)]


def test_what_is_withdrawn_is_not_withdrawn_again(pat: Patient, signed: Consent) -> None:
    take_back(pat, signed)
    with pytest.raises(WithdrawnAlready):
        take_back(pat, signed)


def test_nobody_withdraws_for_somebody_else(pat: Patient, signed: Consent) -> None:
    other = person()
    with pytest.raises(PermissionDenied):
        take_back(other, signed)
    with pytest.raises(PermissionDenied):
        withdraw(actor=Actor(user=user_of(other)), patient=pat, consent=signed.pk, reason="", now=NOW)
    assert not ConsentWithdrawal.objects.exists()
