"""The consent at the visit: the tablet shows one page and nothing else, and the practitioner signs too."""

import re
import time
from datetime import timedelta

import pytest
import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import Client

from clinic.accounts.handover import HandedOver, HandOver
from clinic.accounts.models import User
from clinic.scheduling.models import Appointment
from patients.models import Consent, ConsentConfirmation, Patient, TrailEntry
from tests import build
from tests.build import Clinic
from tests.clinic.workspace.conftest import booked, browser, moved, someone, status_of
from tests.conventions.test_doors import address, found
from tests.factors import set_up
from tests.patients.world import person
from treatments.models import ConsentVersion
from treatments.versions import content_hash

PIN = "4711"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def pat(clinic: Clinic) -> Patient:
    build.consents()
    return person(email="pat@example.org")


@pytest.fixture
def visit(clinic: Clinic, pat: Patient, desk: Client) -> Appointment:
    """Arrived."""
    made = booked(clinic, who=pat)
    moved(desk, made, "arrive")
    return made


def page(visit: Appointment, end: str = "") -> str:
    return f"/workspace/visits/{visit.pk}/consent/{end}"


def hand_over(doctor: Client, visit: Appointment) -> None:
    answer = doctor.post(page(visit), {"pin": PIN})
    assert (answer.status_code, answer["Location"]) == (302, page(visit, "tablet/"))


def sign(client: Client, path: str, name: str = "Pat Example", **more: str):
    seen = client.get(path).context["form"]["seen"].value()
    return client.post(path, {"seen": seen, "name": name, **more})


def take_back(doctor: Client, visit: Appointment, pin: str = PIN):
    return doctor.post(page(visit, "back/"), {"pin": pin})


def sign_in_again(user: User) -> Client:
    """What the sign-in page leaves in a session."""
    client = browser(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def confirm(client: Client, visit: Appointment):
    return client.post(page(visit, f"{Consent.objects.get().pk}/"), follow=True)


# --- the tablet


def test_while_the_tablet_is_handed_over_every_other_address_leads_to_its_page(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    answers = {page(visit, "tablet/"), page(visit, "back/")}
    elsewhere = [path for path in (address(*each) for each in found()) if path not in answers]
    assert len(elsewhere) > 80
    for path in [*elsewhere, page(visit), "/nowhere/", f"/workspace/visits/{visit.pk}/", "/?x=1"]:
        for method in ("get", "post"):
            answer = getattr(doctor, method)(path)
            assert (answer.status_code, answer["Location"]) == (302, page(visit, "tablet/")), (method, path)
    assert [doctor.get(path).status_code for path in sorted(answers)] == [200, 200]


def test_a_poll_of_another_page_is_sent_there_whole(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    answer = doctor.get("/workspace/", headers={"HX-Request": "true"})
    assert (answer["HX-Redirect"], answer.content) == (page(visit, "tablet/"), b"")


def test_the_tablets_pages_lead_nowhere_else(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    for end in ("tablet/", "back/"):
        links = re.findall(r'(?:href|action)="(/[^"]*)"', doctor.get(page(visit, end)).content.decode())
        assert {link for link in links if not link.startswith("/static/")} <= {page(visit, "tablet/"), page(visit, "back/")}


def test_what_was_said_to_the_colleague_is_not_said_to_the_patient(
    clinic: Clinic, doctor: Client, visit: Appointment
) -> None:
    another = booked(clinic, "14:00", who=build.patient(given="Zebra"))
    moved(doctor, another, "arrive")  # the answer to it is still to be shown
    hand_over(doctor, visit)
    assert "Zebra" not in doctor.get(page(visit, "tablet/")).content.decode()
    take_back(doctor, visit)
    assert "Zebra Example, 14:00: arrived" in doctor.get(page(visit)).content.decode()


def test_handing_over_changes_the_cookie(doctor: Client, visit: Appointment) -> None:
    before = doctor.session.session_key
    hand_over(doctor, visit)
    assert doctor.session.session_key != before
    assert PIN not in str(dict(doctor.session))


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "١٢٣٤", "1" * 10_000, "12\x0034"])
def test_a_pin_has_four_to_six_digits(doctor: Client, visit: Appointment, pin: str) -> None:
    answer = doctor.post(page(visit), {"pin": pin})
    assert answer.status_code == 422
    assert "error-summary" in answer.content.decode()
    assert doctor.get("/workspace/").status_code == 200


def test_the_pin_takes_the_tablet_back(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    answer = take_back(doctor, visit)
    assert (answer.status_code, answer["Location"]) == (302, page(visit))
    assert doctor.get("/workspace/").status_code == 200
    assert doctor.get(page(visit, "tablet/"))["Location"] == page(visit)


def test_a_wrong_pin_says_how_many_tries_are_left(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    answer = take_back(doctor, visit, "0000")
    assert answer.status_code == 422
    assert "Tries left: 4" in answer.content.decode()
    assert doctor.get("/workspace/").status_code == 302
    take_back(doctor, visit)
    assert doctor.get("/workspace/").status_code == 200


def test_five_wrong_pins_sign_the_tablet_out(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    for _ in range(4):
        assert take_back(doctor, visit, "0000").status_code == 422
    assert take_back(doctor, visit, "0000")["Location"].startswith("/account/sign-in/?next=")
    assert doctor.get("/workspace/")["Location"] == "/account/sign-in/?next=/workspace/"
    assert "_auth_user_id" not in doctor.session


def test_the_right_pin_after_five_wrong_ones_helps_no_more(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    for _ in range(5):
        take_back(doctor, visit, "0000")
    assert take_back(doctor, visit)["Location"].startswith("/account/sign-in/?next=")


def test_a_right_pin_that_is_sent_while_the_fifth_wrong_one_is_answered_comes_too_late(
    doctor: Client, visit: Appointment
) -> None:
    hand_over(doctor, visit)
    session = doctor.session
    session["handed_over"] |= {"wrong": 5}
    session.save()
    assert take_back(doctor, visit)["Location"].startswith("/account/sign-in/?next=")
    assert doctor.get("/workspace/")["Location"].startswith("/account/sign-in/")


@pytest.mark.parametrize("end", ["back/", "tablet/", ""], ids=["a guess", "the text", "another address"])
def test_wrong_pins_stay_counted_when_an_older_request_is_answered_after_them(
    doctor: Client, visit: Appointment, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """The older one has read the session before, and saves it after them: it was not seen for a minute."""
    hand_over(doctor, visit)
    clock.shift(2 * MINUTE)
    answer = HandOver.__dict__["_answer"]

    def slowly(self: HandOver, request: HttpRequest, held: HandedOver) -> HttpResponse:
        monkeypatch.setattr(HandOver, "_answer", answer)
        made = answer(self, request, held)
        for _ in range(3):
            take_back(doctor, visit, "0000")
        return made

    monkeypatch.setattr(HandOver, "_answer", slowly)
    doctor.post(page(visit, end), {"pin": "0000"})
    assert doctor.session["handed_over"]["wrong"] == (4 if end == "back/" else 3)


def test_the_patient_signs_on_the_tablet(doctor: Client, visit: Appointment, pat: Patient, clinic: Clinic) -> None:
    hand_over(doctor, visit)
    version = ConsentVersion.objects.get(treatment=clinic.microneedling)
    html = doctor.get(page(visit, "tablet/")).content.decode()
    assert all(heading in html for heading, _ in version.passages)
    assert html.index('id="end-of-text"') < html.index('name="name"')
    assert 'data-after="end-of-text"' in html
    sign(doctor, page(visit, "tablet/"))
    assert "Please give the tablet back" in doctor.get(page(visit, "tablet/")).content.decode()
    consent = Consent.objects.get()
    assert (consent.name, consent.patient, consent.how) == ("Pat Example", pat, "tablet")
    assert (consent.version, consent.text_hash) == (version, content_hash(version))


@pytest.mark.parametrize("name", ["", "   ", "x" * 10_000, "Pat\x07Example", "Pat\x00"])
def test_a_name_that_cannot_be_kept_is_said_so_and_is_not_lost(doctor: Client, visit: Appointment, name: str) -> None:
    hand_over(doctor, visit)
    answer = sign(doctor, page(visit, "tablet/"), name)
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "error-summary" in html
    assert 'class="invalid-feedback"' in html or "is-invalid" in html
    assert answer.context["form"]["name"].value() == name
    assert not Consent.objects.exists()


def test_a_text_that_changed_meanwhile_is_read_again_with_the_name_kept(doctor: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    answer = sign(doctor, page(visit, "tablet/"), seen="0" * 64)
    assert answer.status_code == 422
    assert "Please read it again" in answer.content.decode()
    assert answer.context["form"]["name"].value() == "Pat Example"
    again = answer.context["form"]["seen"].value()
    assert doctor.post(page(visit, "tablet/"), {"seen": again, "name": "Pat Example"}).status_code == 302
    assert Consent.objects.count() == 1


def test_a_visit_that_is_over_meanwhile_has_nothing_to_sign(doctor: Client, desk: Client, visit: Appointment) -> None:
    hand_over(doctor, visit)
    moved(desk, visit, "undo-arrive")
    answer = doctor.post(page(visit, "tablet/"), {"name": "Pat Example", "seen": ""})
    assert "There is nothing to sign any more" in answer.content.decode()
    assert not Consent.objects.exists()


# --- the practitioner


def test_the_practitioner_signs_after_showing_who_they_are(
    clinic: Clinic, doctor: Client, visit: Appointment, clock: time_machine.Traveller
) -> None:
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    assert "It is me" in doctor.get(page(visit)).content.decode()
    confirm(doctor, visit)
    assert not ConsentConfirmation.objects.exists()
    assert doctor.post(page(visit, "again/"))["Location"].startswith("/account/sign-in/?next=")
    assert doctor.get("/workspace/").status_code == 302
    clock.shift(MINUTE)
    doctor = sign_in_again(clinic.practitioners[0].user)
    assert "Sign as the practitioner" in doctor.get(page(visit)).content.decode()
    html = confirm(doctor, visit).content.decode()
    kept = ConsentConfirmation.objects.get()
    assert (kept.name, kept.recorded_by) == ("Dr A", clinic.practitioners[0].user)
    for words in ("Pat Example, 1 March 2027, 09:50", "Dr A, 1 March 2027, 09:51", kept.consent.text_hash, "London time"):
        assert words in html


def test_who_showed_it_before_the_patient_signed_shows_it_again(
    clinic: Clinic, visit: Appointment, clock: time_machine.Traveller
) -> None:
    doctor = sign_in_again(clinic.practitioners[0].user)
    clock.shift(MINUTE)
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    assert "Please show once more" in confirm(doctor, visit).content.decode()
    assert not ConsentConfirmation.objects.exists()


def test_with_a_second_factor_only_that_counts(clinic: Clinic, visit: Appointment, clock: time_machine.Traveller) -> None:
    set_up(clinic.practitioners[0].user)
    doctor = browser(clinic.practitioners[0].user)
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    clock.shift(MINUTE)
    doctor = sign_in_again(clinic.practitioners[0].user)  # by an emailed code alone
    assert "It is me" in doctor.get(page(visit)).content.decode()
    where = doctor.post(page(visit, "again/"))["Location"]
    assert where == f"/account/second-factor/ask-again/?next={page(visit).replace('/', '%2F')}"
    confirm(doctor, visit)
    assert not ConsentConfirmation.objects.exists()
    session = doctor.session
    session["account_authentication_methods"] += [{"method": "mfa", "at": time.time(), "reauthenticated": True}]
    session.save()
    confirm(doctor, visit)
    assert ConsentConfirmation.objects.count() == 1


def test_only_who_treats_and_looks_after_the_patient_has_these_pages(
    doctor: Client, colleague: Client, desk: Client, visit: Appointment
) -> None:
    for client, status in ((colleague, 404), (desk, 403), (someone("owner"), 403)):
        assert client.get(page(visit)).status_code == status
    assert colleague.post(page(visit), {"pin": PIN}).status_code == 404
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    assert colleague.post(page(visit, f"{Consent.objects.get().pk}/")).status_code == 404


def test_opening_the_signed_consent_is_in_the_trail_and_the_patient_sees_it(
    doctor: Client, visit: Appointment, pat: Patient
) -> None:
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    doctor.get(page(visit))
    entry = TrailEntry.objects.get()
    assert (entry.fields, entry.why) == (["consents"], "a visit")
    assert "opened your consents, because of your visit on" in browser(pat.user).get("/record/").content.decode()


def test_reception_reads_the_state_and_not_a_word_more(doctor: Client, desk: Client, visit: Appointment) -> None:
    path = f"/workspace/visits/{visit.pk}/"
    assert "not signed yet, not read beforehand" in desk.get(path).content.decode()
    assert "not signed yet" in desk.get("/workspace/").content.decode()
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"), name="Signature Secret")
    assert "signed by the patient, not yet by the practitioner" in desk.get(path).content.decode()
    ConsentConfirmation.objects.create(
        consent=Consent.objects.get(), name="Dr A", at=build.NOW, recorded_by=visit.practitioner.user
    )
    html = desk.get(path).content.decode()
    assert "signed" in html
    assert "not signed yet" not in html
    assert "Signature Secret" not in html
    assert page(visit) not in html


def test_a_withdrawn_consent_is_said_so_at_the_visit_and_can_be_signed_anew(
    doctor: Client, visit: Appointment, pat: Patient
) -> None:
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    fact = {"consent": Consent.objects.get(), "at": build.NOW, "recorded_by": pat.user}
    ConsentConfirmation.objects.create(**fact, name="Dr A")
    browser(pat.user).post(f"/record/consents/{fact['consent'].pk}/", {"reason": ""})
    html = doctor.get(page(visit)).content.decode()
    assert "This consent was withdrawn on" in html
    assert "Let the patient sign again" in html
    assert "not signed yet" in doctor.get("/workspace/").content.decode()
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    assert "Your signature is missing" in doctor.get(page(visit)).content.decode()


def test_a_withdrawal_on_the_telephone_is_written_down(
    doctor: Client, colleague: Client, visit: Appointment, pat: Patient
) -> None:
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    take_back(doctor, visit)
    consent = Consent.objects.get()
    fact = {"consent": consent, "at": build.NOW, "recorded_by": visit.practitioner.user}
    ConsentConfirmation.objects.create(**fact, name="Dr A")
    path = page(visit, f"{consent.pk}/withdraw/")
    assert f'action="{path}"' in doctor.get(page(visit)).content.decode()
    assert colleague.post(path, {"reason": ""}).status_code == 404
    wrong = doctor.post(path, {"reason": "x" * 501})
    assert (wrong.status_code, "error-summary" in wrong.content.decode()) == (422, True)
    assert not consent.withdrawals.exists()
    assert "It no longer counts" in doctor.post(path, {"reason": "called us"}, follow=True).content.decode()
    kept = consent.withdrawals.get()
    assert (kept.recorded_by, kept.reason) == (visit.practitioner.user, "called us")
    assert "Told to Dr A." in browser(pat.user).get(f"/record/consents/{consent.pk}/").content.decode()


def test_the_day_says_what_is_missing_when_it_is_due(doctor: Client, desk: Client, visit: Appointment, pat: Patient) -> None:
    assert "not signed yet" in doctor.get("/workspace/").content.decode()
    moved(desk, visit, "undo-arrive")
    assert "not read beforehand yet" in doctor.get("/workspace/").content.decode()
    own, path = browser(pat.user), f"/visits/{visit.pk}/consent/"
    own.post(path, {"seen": own.get(path).context["form"]["seen"].value()})
    assert "Consent:" not in doctor.get("/workspace/").content.decode()


# --- completing


def test_completing_without_a_consent_asks_why(doctor: Client, visit: Appointment, clock: time_machine.Traveller) -> None:
    clock.shift(20 * MINUTE)
    moved(doctor, visit, "start")
    answer = moved(doctor, visit, "complete")
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "Write why the visit is completed without one" in html
    assert page(visit) in html
    empty = moved(doctor, visit, "complete", reason=" ")
    assert empty.status_code == 422
    assert "error-summary" in empty.content.decode()
    assert status_of(visit) == "checked-in"
    assert moved(doctor, visit, "complete", reason="signed on paper").status_code == 302
    assert status_of(visit) == "fulfilled"
    assert "Reason: signed on paper" in doctor.get(f"/workspace/visits/{visit.pk}/").content.decode()


# --- the patient's own pages


@pytest.fixture
def own(visit: Appointment, pat: Patient) -> Client:
    return browser(pat.user)


def test_the_patient_reads_beforehand_and_is_told_that_it_is_no_consent(
    own: Client, desk: Client, visit: Appointment
) -> None:
    moved(desk, visit, "undo-arrive")
    path = f"/visits/{visit.pk}/consent/"
    assert all(path in own.get(f"/visits/{visit.pk}/{end}").content.decode() for end in ("", "done/"))
    html = own.get(path).content.decode()
    assert "It is not your consent" in html
    assert html.index('id="end-of-text"') < html.index("I have read this")
    seen = own.get(path).context["form"]["seen"].value()
    assert own.post(path, {"seen": "0" * 64}).status_code == 422
    assert own.post(path, {"seen": seen})["Location"] == f"/visits/{visit.pk}/"
    assert path not in own.get(f"/visits/{visit.pk}/").content.decode()
    assert not Consent.objects.exists()
    assert "read beforehand, to be signed at the visit" in desk.get(f"/workspace/visits/{visit.pk}/").content.decode()


def test_the_patient_signs_on_the_own_phone(own: Client, doctor: Client, visit: Appointment) -> None:
    path = f"/visits/{visit.pk}/consent/"
    assert "Read and sign" in own.get(f"/visits/{visit.pk}/").content.decode()
    assert sign(own, path, name="").status_code == 422
    assert sign(own, path)["Location"] == f"/visits/{visit.pk}/"
    assert Consent.objects.get().how == "phone"
    html = own.get(f"/visits/{visit.pk}/").content.decode()
    assert "Your practitioner signs too" in html
    assert "Read and sign" not in html
    assert "The patient has signed" in doctor.get(page(visit)).content.decode()


def test_another_patients_consent_is_not_found(visit: Appointment, doctor: Client) -> None:
    other = browser(person().user)
    for method in ("get", "post"):
        assert getattr(other, method)(f"/visits/{visit.pk}/consent/").status_code == 404
    hand_over(doctor, visit)
    sign(doctor, page(visit, "tablet/"))
    for method in ("get", "post"):
        assert getattr(other, method)(f"/record/consents/{Consent.objects.get().pk}/").status_code == 404
