"""What is stored: answers, skin types, scars, evaluations, and people's records."""

import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from patients.models import Answer, Evaluation, Patient, Phototype, ScarAssessment
from patients.operations import change_contacts, evaluate_in, judge, register, save_page
from patients.operations.save import NothingAsked
from patients.queries import intake
from tests import build
from tests.patients.world import VISIT, answer_all, answer_page, confirm_phototype, person, screening, ticket, user_of
from treatments.acting import Actor, acting_as
from treatments.models import RulesVersion, Treatment

pytestmark = pytest.mark.django_db
NOW = build.NOW
DETAILS = {"given_name": "Pat", "family_name": "Example", "birth_date": date(1990, 5, 17), "phone": "020 7946 0001"}


@pytest.fixture
def pat():
    screening()
    return person()


def treatment(code: str = "microneedling") -> Treatment:
    return Treatment.objects.get(code=code)


def verdict(patient, code="microneedling"):
    return judge(patient, treatment(code), VISIT, "GB-ENG", NOW)


# --- Saving a page ------------------------------------------------------------------------------------------------


def test_a_saved_page_adds_one_row_for_each_answer_with_who_said_so_and_when(pat):
    answer_page(pat, "about_you", ticket(), NOW, pregnant="prefer_not")
    rows = Answer.objects.order_by("question").values_list("question", "patient", "recorded_by", "at", "version__number")
    user = user_of(pat).pk
    assert list(rows) == [(code, pat.pk, user, NOW, 1) for code in ("breastfeeding", "pregnant")]


def test_a_changed_answer_is_a_new_row_and_the_old_one_stays(pat):
    answer_page(pat, "about_you", ticket(), NOW, pregnant="no")
    answer_page(pat, "about_you", ticket(), NOW + timedelta(minutes=1), pregnant="yes")
    said = Answer.objects.filter(question="pregnant").order_by("at")
    assert [row.value for row in said] == ["no", "yes"]


def test_values_that_are_empty_or_not_on_the_page_are_left_out(pat):
    page = intake.pages(pat, ticket(), NOW)[0]
    values = {"pregnant": "no", "breastfeeding": "", "smoker": "daily"}
    save_page(actor=Actor(user=user_of(pat)), patient=pat, page=page, values=values, now=NOW)
    assert list(Answer.objects.values_list("question", flat=True)) == ["pregnant"]


def test_nothing_can_be_saved_while_no_questions_are_published():
    pat = person()
    page = intake.Page("made", "Made", (), {})
    with pytest.raises(NothingAsked):
        save_page(actor=Actor(user=user_of(pat)), patient=pat, page=page, values={}, now=NOW)


def test_the_last_page_of_the_skin_type_form_makes_one_self_reported_type(pat):
    answer_page(
        pat, "skin-genetic", ticket(), NOW, **{f"phototype-{code}": "3" for code in ("eye", "hair", "skin", "freckles")}
    )
    answer_page(
        pat, "skin-reaction", ticket(), NOW, **{f"phototype-{code}": "2" for code in ("burn", "tan_freq", "tan_depth")}
    )
    assert not Phototype.objects.exists()
    answer_page(pat, "skin-habits", ticket(), NOW, **{"phototype-habit": "1"})
    made = Phototype.objects.get()
    assert (made.patient, made.provenance, made.type, made.variant, made.score) == (pat, "self_reported", 3, "ten_item", 19)
    assert json.loads(made.answers) == {
        "eye": 3, "hair": 3, "skin": 3, "freckles": 3, "burn": 2, "tan_freq": 2, "tan_depth": 2, "face": 0, "habit": 1,
        "last_exposure": 0,
    }  # fmt: skip


def test_a_changed_skin_answer_makes_a_second_type_and_keeps_the_first(pat):
    answer_all(pat, ticket(), NOW)
    answer_page(pat, "skin-genetic", ticket(), NOW + timedelta(minutes=1), **{"phototype-eye": "4", "phototype-hair": "4"})
    assert list(Phototype.objects.order_by("at").values_list("score", "type")) == [(0, 1), (8, 2)]


def test_the_scar_form_makes_an_assessment_with_a_finding_for_each_zone_and_the_own_words(pat):
    answer_page(pat, "scars-where", ticket(), NOW, **{"scar-zones": "nose,chin"})
    looks = {"scar-type-nose": "boxcar", "scar-type-chin": "unsure", "scar-words-chin": "from a bicycle"}
    answer_page(pat, "scars-look", ticket(), NOW, **looks, **{"scar-words-nose": "prefer_not"})
    assert not ScarAssessment.objects.exists()
    answer_page(pat, "scars-today", ticket(), NOW, **{"scar-visibility": "close_up", "scar-bother": "7"})
    made = ScarAssessment.objects.get()
    assert (made.patient, made.visibility, made.bother) == (pat, "close_up", 7)
    assert set(made.findings.values_list("zone", "type")) == {("nose", "boxcar"), ("chin", "unsure")}
    assert made.said == {"chin": "from a bicycle"}


def test_a_zone_that_is_added_later_is_asked_about_before_the_assessment_is_kept_anew(pat):
    answer_all(pat, ticket(), NOW, **{"scar-zones": "nose"})
    later = NOW + timedelta(minutes=5)
    answer_page(pat, "scars-where", ticket(), later, **{"scar-zones": "nose,back"})
    assert ScarAssessment.objects.count() == 1
    (page,) = [page for page in intake.pages(pat, ticket(), later) if not page.is_answered]
    assert [item.code for item in page.shown] == ["scar-type-back", "scar-words-back"]
    answer_page(pat, "scars-look", ticket(), later, **{"scar-type-back": "keloid"})
    newest = ScarAssessment.objects.latest("at")
    assert set(newest.findings.values_list("zone", "type")) == {("nose", "ice_pick"), ("back", "keloid")}


def test_own_words_cannot_be_read_in_the_table(pat):
    answer_all(pat, ticket(), NOW, **{"scar-words-forehead": "ZEBRA"})
    with connection.cursor() as cursor:
        cursor.execute("select words from patients_scarassessment")
        assert b"ZEBRA" not in bytes(cursor.fetchone()[0])
    assert ScarAssessment.objects.get().said == {"forehead": "ZEBRA"}


def test_the_next_session_adds_a_point_to_the_bother_curve_without_asking_for_the_zones_again(pat):
    answer_all(pat, ticket(), NOW, **{"scar-bother": "8"})
    later = NOW + timedelta(days=28)
    answer_all(pat, ticket(on=VISIT + timedelta(days=28)), later, **{"scar-bother": "5"})
    assert list(ScarAssessment.objects.order_by("at").values_list("bother", flat=True)) == [8, 5]


# --- Judging and evaluating ---------------------------------------------------------------------------------------


def test_harmless_answers_leave_the_booking_alone(pat):
    answer_all(pat, ticket(), NOW)
    assert verdict(pat).tier == ""


def test_each_answer_has_its_weight(pat):
    answer_all(pat, ticket(), NOW, isotretinoin="2027-01-10", anticoagulant="yes", smoker="daily")
    found = verdict(pat)
    assert (found.tier, found.earliest) == ("block_until", date(2027, 7, 10))
    assert [f.rule.code for f in found.fired] == ["isotretinoin_recent", "anticoagulant", "smoker"]


def test_somebody_who_was_asked_nothing_is_looked_at_by_a_clinician_first(pat):
    found = verdict(pat)
    assert found.tier == "flag"
    assert {f.answer for f in found.fired} == {""}


def test_questions_that_come_nearer_to_the_visit_do_not_count_as_unanswered_now(pat):
    answer_all(pat, ticket(), NOW)
    assert verdict(pat).fired == ()
    near = judge(pat, treatment(), NOW.date() + timedelta(days=2), "GB-ENG", NOW)
    assert {f.question for f in near.fired} == {"active_infection", "active_acne", "cold_sore", "sunburn"}


def test_answers_that_no_longer_count_are_unknown_unless_they_were_given_for_this_visit(pat):
    answer_all(pat, ticket(), NOW)
    later, moved_to = NOW + timedelta(days=1, minutes=1), VISIT + timedelta(days=14)
    asked = pat, treatment(), moved_to, "GB-ENG", later
    assert (judge(*asked).tier, judge(*asked, since=NOW).tier) == ("flag", "")


def test_laser_waits_for_a_confirmed_skin_type(pat):
    answer_all(pat, ticket("nafl"), NOW)
    assert [f.rule.code for f in verdict(pat, "nafl").fired] == ["phototype_unconfirmed"]
    confirm_phototype(pat, "V", NOW)
    found = verdict(pat, "nafl")
    assert [(f.rule.code, f.tier) for f in found.fired] == [("phototype_iv_vi", "flag")]


def test_judging_stores_nothing(pat):
    verdict(pat)
    assert not Evaluation.objects.exists()


def test_an_evaluation_keeps_what_fired_in_words(pat):
    answer_all(pat, ticket(), NOW, isotretinoin="2027-01-10", keloid_family="yes", pregnant="unsure")
    with acting_as(Actor(user=user_of(pat))):
        made = evaluate_in(pat, treatment(), VISIT, "GB-ENG", NOW)
    stored = Evaluation.objects.get()
    assert stored.pk == made.pk
    assert (stored.patient, stored.treatment.code, stored.on, stored.at) == (pat, "microneedling", VISIT, NOW)
    assert (stored.tier, stored.earliest, stored.rules) == ("block_until", date(2027, 7, 10), RulesVersion.objects.get())
    assert [(f["rule"], f["tier"], f["answer"]) for f in stored.fired] == [
        ("isotretinoin_recent", "block_until", "10 January 2027"),
        ("pregnant", "flag", "I'm not sure"),
        ("keloid_family", "flag", "Yes"),
    ]
    first = stored.fired[0]
    assert first["question"] == "On which day did you take your last isotretinoin capsule?"
    assert first["patient_text"].startswith("The earliest date we can offer is 10 July 2027, because")
    assert first["staff_text"].startswith("Isotretinoin within six months.")


def test_an_evaluation_goes_with_the_transaction_that_it_belongs_to(pat):
    with transaction.atomic():
        evaluate_in(pat, treatment(), VISIT, "GB-ENG", NOW)
        transaction.set_rollback(True)
    assert not Evaluation.objects.exists()


def test_without_published_rules_there_is_nothing_to_judge():
    found = judge(person(), Treatment(code="microneedling"), VISIT, "GB-ENG", NOW)
    assert found.tier == ""


# --- Records ------------------------------------------------------------------------------------------------------


def registered(user, **details: object) -> Patient:
    return register(actor=Actor(user=user), user=user, details=DETAILS | details, now=NOW)


def test_a_new_person_gets_a_record_under_the_verified_address():
    user = build.user(email="pat@example.org")
    made = registered(user)
    assert (made.user, made.email, made.possible_duplicate_of) == (user, "pat@example.org", None)
    assert (str(made), made.birth_date, made.phone) == ("Pat Example", date(1990, 5, 17), "020 7946 0001")


def test_a_second_click_finds_the_same_record():
    user = build.user()
    assert registered(user) == registered(user)
    assert Patient.objects.count() == 1


def test_a_record_that_staff_made_is_linked_when_address_and_birth_date_agree():
    made_by_staff = build.patient(given="Patricia", email="Pat@Example.org")
    linked = registered(build.user(email="pat@example.org"))
    assert linked.pk == made_by_staff.pk
    assert (linked.given_name, linked.phone, linked.possible_duplicate_of) == ("Pat", "020 7946 0001", None)
    assert Patient.objects.count() == 1


def test_the_address_alone_links_nothing_and_marks_a_possible_duplicate():
    partner = build.patient(given="Partner", email="pat@example.org")
    made = registered(build.user(email="pat@example.org"), birth_date=date(1988, 1, 1))
    assert (made.possible_duplicate_of, made.pk == partner.pk) == (partner, False)


def test_name_and_birth_date_alone_mark_a_possible_duplicate():
    telephone_patient = build.patient(given="PAT", family="example")
    made = registered(build.user())
    assert (made.possible_duplicate_of, Patient.objects.count()) == (telephone_patient, 2)


def test_a_name_alone_says_nothing():
    build.patient()
    assert registered(build.user(), birth_date=date(1991, 5, 17)).possible_duplicate_of is None


def test_a_record_that_belongs_to_somebody_is_never_linked_again():
    theirs = person(email="other@example.org")
    Patient.objects.filter(pk=theirs.pk).update(email="pat@example.org")
    made = registered(build.user(email="pat@example.org"))
    assert (made.pk == theirs.pk, made.possible_duplicate_of) == (False, theirs)


def test_twins_who_share_an_address_are_left_to_a_person():
    twins = [build.patient(given=name, email="pat@example.org") for name in ("Pat", "Sam")]
    made = registered(build.user(email="pat@example.org"))
    assert made.pk not in {twin.pk for twin in twins}
    assert made.possible_duplicate_of in twins


def test_people_change_their_own_name_and_telephone_and_nothing_else():
    pat = person()
    details = {"given_name": "New", "family_name": "Name", "phone": "030 123456", "birth_date": date(2000, 1, 1)}
    change_contacts(actor=Actor(user=user_of(pat)), patient=pat, details=details)
    pat.refresh_from_db()
    assert (str(pat), pat.phone, pat.birth_date) == ("New Name", "030 123456", date(1990, 5, 17))


def test_reception_may_change_contacts_and_others_may_not():
    pat = person()
    change_contacts(actor=Actor(user=build.user(roles=("receptionist",))), patient=pat, details=DETAILS)
    for stranger in (build.user(), build.user(roles=("practitioner",)), build.user(roles=("content_admin",))):
        with pytest.raises(PermissionDenied):
            change_contacts(actor=Actor(user=stranger), patient=pat, details=DETAILS | {"phone": "666666"})
    pat.refresh_from_db()
    assert pat.phone == DETAILS["phone"]
