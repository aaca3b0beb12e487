"""The consent of a visit: read beforehand, signed at the visit by both, under exactly the text that was shown."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clinic.scheduling import operations
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations import Proof, Signature, Wish
from clinic.scheduling.queries.consents import Standing, standing, standings
from clinic.scheduling.refusals import ConsentMissing, NotAllowed, NotNow
from patients.models import Consent, ConsentConfirmation, ConsentReading, Patient, TrailEntry
from patients.operations.consents import NothingSigned, NotProved, SignedLongAgo, TextChanged, withdraw
from patients.queries.consents import Signed, signed_consents
from tests import build
from tests.build import NOW, Clinic
from tests.patients.world import person
from treatments import operations as texts
from treatments.acting import Actor
from treatments.models import ConsentVersion, Treatment
from treatments.versions import content_hash

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def clinic(db: None) -> Clinic:
    made = Clinic(practitioners=2, rooms=2, pens=2)
    build.consents()
    return made


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    return person(email="pat@example.org")


@pytest.fixture
def visit(clinic: Clinic, pat: Patient) -> Appointment:
    """Booked for Monday at ten."""
    return booked(clinic, pat, clinic.microneedling)


def booked(clinic: Clinic, who: Patient, treatment: Treatment) -> Appointment:
    choice = operations.Choice(treatment, clinic.place, clinic.at("10:00"), clinic.practitioners[0].pk)
    booking = operations.Booking(choice, who)
    return operations.book(actor=Actor(user=clinic.reception), booking=booking, key=uuid4(), now=NOW)


def moved(clinic: Clinic, visit: Appointment, *verbs: str, now: datetime, reason: str = "") -> Appointment:
    for verb in verbs:
        wish = Wish(visit.pk, verb, reason)
        visit = operations.transition(actor=doctor(clinic), wish=wish, now=now)
    return visit


def doctor(clinic: Clinic, nth: int = 0) -> Actor:
    return Actor(user=clinic.practitioners[nth].user)


def text() -> ConsentVersion:
    return ConsentVersion.objects.live(NOW + 30 * MINUTE).get(treatment__code="microneedling")


def read(visit: Appointment, *, now: datetime = NOW, seen: str = "") -> ConsentReading:
    actor = Actor(user=visit.patient.user)
    return operations.read_consent(actor=actor, visit=visit.pk, seen=seen or content_hash(text()), now=now)


def sign(
    actor: Actor, visit: Appointment, now: datetime, *, name: str = "Pat Example", how: str = "tablet", seen: str = ""
) -> Consent:
    signature = Signature(visit.pk, seen or content_hash(text()), name, Consent.How(how))
    return operations.sign_consent(actor=actor, signature=signature, now=now)


def confirm(actor: Actor, visit: Appointment, consent: UUID, now: datetime, *, ago: timedelta = MINUTE) -> Signed:
    return operations.confirm_consent(actor=actor, proof=Proof(visit.pk, consent, now - ago), now=now)


def signed_by_both(clinic: Clinic, visit: Appointment) -> Signed:
    now = clinic.at("10:05")
    consent = sign(doctor(clinic), visit, now)
    return confirm(doctor(clinic), visit, consent.pk, now + 2 * MINUTE)


def anew(clinic: Clinic, now: datetime) -> ConsentVersion:
    """Another text in force."""
    approver, live = doctor(clinic), text()
    draft = texts.save_draft(
        actor=approver, of=live, seen=content_hash(live), values={"limits": "Less."}, children={}, now=now
    )  # fmt: skip
    texts.approve(actor=approver, draft=draft, now=now)
    draft.refresh_from_db()
    return texts.publish(actor=approver, draft=draft, why="clearer", now=now)


# --- beforehand


def test_reading_keeps_the_version_the_hash_and_the_time(visit: Appointment) -> None:
    read(visit)
    kept = ConsentReading.objects.get()
    assert (kept.patient, kept.version, kept.text_hash, kept.at) == (visit.patient, text(), content_hash(text()), NOW)
    assert standing(visit, NOW) == Standing(read=True, signed=False)


def test_reading_twice_is_kept_once(visit: Appointment) -> None:
    read(visit)
    read(visit, now=NOW + MINUTE)
    assert ConsentReading.objects.get().at == NOW


def test_a_text_that_changed_under_the_readers_eyes_is_not_taken_for_read(visit: Appointment) -> None:
    with pytest.raises(TextChanged):
        read(visit, seen="0" * 64)
    assert not ConsentReading.objects.exists()


def test_only_the_patient_reads_beforehand(clinic: Clinic, visit: Appointment) -> None:
    with pytest.raises(PermissionDenied):
        operations.read_consent(actor=doctor(clinic), visit=visit.pk, seen=content_hash(text()), now=NOW)


def test_a_new_text_is_to_be_read_anew(clinic: Clinic, visit: Appointment) -> None:
    read(visit)
    anew(clinic, NOW + MINUTE)
    assert standing(visit, NOW + 2 * MINUTE) == Standing(read=False, signed=False)


def test_no_consent_is_due_where_no_text_is_in_force(clinic: Clinic, pat: Patient) -> None:
    visit = booked(clinic, pat, clinic.consultation)
    assert standing(visit, NOW) is None
    with pytest.raises(NotNow):
        read(visit)


# --- at the visit


def test_both_names_both_times_and_the_hash_are_kept(clinic: Clinic, visit: Appointment) -> None:
    now = clinic.at("10:05")
    moved(clinic, visit, "arrive", now=now)
    signed = signed_by_both(clinic, visit)
    consent, confirmation = Consent.objects.get(), ConsentConfirmation.objects.get()
    assert (consent.name, consent.at, consent.how) == ("Pat Example", now, "tablet")
    assert (consent.version, consent.text_hash) == (text(), content_hash(text()))
    assert (confirmation.recorded_by, confirmation.at) == (doctor(clinic).user, now + 2 * MINUTE)
    assert confirmation.name == doctor(clinic).user.email  # who has no name here goes by the address
    assert signed.counts
    assert standing(visit, now + 3 * MINUTE).signed


def test_a_later_text_changes_nothing_about_what_was_signed(clinic: Clinic, visit: Appointment) -> None:
    moved(clinic, visit, "arrive", now=clinic.at("10:00"))
    signed = signed_by_both(clinic, visit).consent
    before = signed.version.limits
    anew(clinic, clinic.at("10:30"))
    kept = Consent.objects.get()
    assert (kept.version.limits, kept.text_hash) == (before, content_hash(kept.version))
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ConsentVersion.objects.filter(pk=signed.version_id).update(limits="None at all.")
    assert not standing(visit, clinic.at("10:31")).signed  # another text asks for another consent


def test_nobody_signs_before_the_visit_or_after_it(clinic: Clinic, visit: Appointment) -> None:
    with pytest.raises(NotNow):
        sign(doctor(clinic), visit, NOW)
    moved(clinic, visit, "arrive", "start", now=clinic.at("10:00"))
    moved(clinic, visit, "complete", now=clinic.at("11:00"), reason="signed on paper")
    with pytest.raises(NotNow):
        sign(doctor(clinic), visit, clinic.at("11:01"))


def test_on_the_phone_only_the_patient_signs_and_on_the_tablet_only_the_care_team_holds_it(
    clinic: Clinic, visit: Appointment
) -> None:
    now = clinic.at("10:00")
    moved(clinic, visit, "arrive", now=now)
    for actor, how in ((doctor(clinic), "phone"), (doctor(clinic, 1), "tablet"), (Actor(user=person().user), "phone")):
        with pytest.raises(PermissionDenied):
            sign(actor, visit, now, how=how)
    for user in (visit.patient.user, clinic.reception):
        with pytest.raises(NotAllowed):
            sign(Actor(user=user), visit, now, how="tablet")
    assert sign(Actor(user=visit.patient.user), visit, now, how="phone").how == "phone"


def test_a_double_click_is_one_signature_and_a_corrected_name_is_another(clinic: Clinic, visit: Appointment) -> None:
    now = clinic.at("10:00")
    moved(clinic, visit, "arrive", now=now)
    first = sign(doctor(clinic), visit, now, name="Pat Exmple")
    assert sign(doctor(clinic), visit, now, name="Pat Exmple") == first
    second = sign(doctor(clinic), visit, now)
    with pytest.raises(NothingSigned):
        confirm(doctor(clinic), visit, first.pk, now + 2 * MINUTE)
    assert confirm(doctor(clinic), visit, second.pk, now + 2 * MINUTE).consent.name == "Pat Example"
    assert sign(doctor(clinic), visit, now + 3 * MINUTE, name="Another Name") == second  # both have signed: it stands


@pytest.mark.parametrize("ago", [timedelta(minutes=3), timedelta(minutes=6)], ids=["before the signature", "too long ago"])
def test_the_practitioner_proves_who_they_are_after_the_signature_and_lately(
    clinic: Clinic, visit: Appointment, ago: timedelta
) -> None:
    now = clinic.at("10:00")
    moved(clinic, visit, "arrive", now=now)
    consent = sign(doctor(clinic), visit, now)
    later = now + (2 * MINUTE if ago < timedelta(minutes=5) else 10 * MINUTE)
    with pytest.raises(NotProved):
        confirm(doctor(clinic), visit, consent.pk, later, ago=ago)
    with pytest.raises(NotProved):
        operations.confirm_consent(actor=doctor(clinic), proof=Proof(visit.pk, consent.pk, None), now=later)
    assert not standing(visit, later).signed


def test_a_signature_of_another_day_is_given_anew(clinic: Clinic, visit: Appointment) -> None:
    now = clinic.at("10:00")
    moved(clinic, visit, "arrive", now=now)
    old = sign(doctor(clinic), visit, now)
    later = now + timedelta(hours=13)
    with pytest.raises(SignedLongAgo):
        confirm(doctor(clinic), visit, old.pk, later)
    new = sign(doctor(clinic), visit, later)
    assert new != old
    assert confirm(doctor(clinic), visit, new.pk, later + 2 * MINUTE).counts


def test_only_the_care_team_confirms(clinic: Clinic, visit: Appointment) -> None:
    now = clinic.at("10:00")
    moved(clinic, visit, "arrive", now=now)
    consent = sign(doctor(clinic), visit, now)
    with pytest.raises(PermissionDenied):
        confirm(doctor(clinic, 1), visit, consent.pk, now + 2 * MINUTE)
    with pytest.raises(NotAllowed):
        confirm(Actor(user=clinic.reception), visit, consent.pk, now + 2 * MINUTE)


def test_confirming_twice_is_confirming_once(clinic: Clinic, visit: Appointment) -> None:
    moved(clinic, visit, "arrive", now=clinic.at("10:00"))
    signed = signed_by_both(clinic, visit)
    assert confirm(doctor(clinic), visit, signed.consent.pk, clinic.at("10:09")).counts
    assert ConsentConfirmation.objects.count() == 1


def test_a_withdrawn_consent_counts_no_longer_and_can_be_given_anew(clinic: Clinic, visit: Appointment) -> None:
    moved(clinic, visit, "arrive", now=clinic.at("10:00"))
    signed, pat = signed_by_both(clinic, visit), visit.patient
    withdraw(actor=Actor(user=pat.user), patient=pat, consent=signed.consent.pk, reason="", now=clinic.at("10:10"))
    assert not standing(visit, clinic.at("10:11")).signed
    again = sign(doctor(clinic), visit, clinic.at("10:12"))
    assert again != signed.consent
    confirm(doctor(clinic), visit, again.pk, clinic.at("10:14"))
    assert standing(visit, clinic.at("10:15")).signed
    assert [one.counts for one in signed_consents(pat)] == [True, False]


# --- who may look, and what the trail says


def test_opening_a_signed_consent_is_in_the_trail(clinic: Clinic, visit: Appointment) -> None:
    moved(clinic, visit, "arrive", now=clinic.at("10:00"))
    actor = doctor(clinic)
    assert operations.open_consent(actor=actor, visit=visit.pk, now=clinic.at("10:01")) is None
    assert not TrailEntry.objects.exists()
    signed_by_both(clinic, visit)
    assert operations.open_consent(actor=actor, visit=visit.pk, now=clinic.at("10:09")).counts
    entry = TrailEntry.objects.get()
    assert (entry.user, entry.patient, entry.fields) == (actor.user, visit.patient, ["consents"])


def test_reception_and_colleagues_open_no_consent(clinic: Clinic, visit: Appointment) -> None:
    for actor in (Actor(user=clinic.reception), doctor(clinic, 1)):
        with pytest.raises(NotAllowed):
            operations.open_consent(actor=actor, visit=visit.pk, now=NOW)


def test_how_many_visits_stand_is_one_question(clinic: Clinic, visit: Appointment, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        assert standings([visit.pk], NOW) == {visit.pk: Standing(read=False, signed=False)}
    with django_assert_num_queries(0):
        assert standings([], NOW) == {}


# --- completing


def test_completing_without_a_consent_asks_why_and_keeps_the_answer(clinic: Clinic, visit: Appointment) -> None:
    moved(clinic, visit, "arrive", "start", now=clinic.at("10:00"))
    with pytest.raises(ConsentMissing):
        moved(clinic, visit, "complete", now=clinic.at("11:00"), reason="  ")
    done = moved(clinic, visit, "complete", now=clinic.at("11:00"), reason="signed on paper")
    assert done.events.last().reason == "signed on paper"


def test_completing_with_a_consent_asks_nothing(clinic: Clinic, visit: Appointment) -> None:
    moved(clinic, visit, "arrive", "start", now=clinic.at("10:00"))
    signed_by_both(clinic, visit)
    assert moved(clinic, visit, "complete", now=clinic.at("11:00")).status == "fulfilled"
