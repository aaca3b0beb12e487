"""The question pages and the own record, as a browser meets them."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import unquote

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clinic.accounts.models import User
from patients import trail
from patients.models import Answer, CareTeam, Patient, Phototype, TrailEntry
from patients.queries import intake
from patients.tickets import Ticket
from tests import build
from tests.patients import urls
from tests.patients.world import (
    AWAY,
    VISIT,
    answer_all,
    answer_page,
    harmless,
    is_checked,
    person,
    screening,
    ticket,
    user_of,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.patients.urls")]
NOW = build.NOW
LONG = "9" * 10_000


@pytest.fixture(autouse=True)
def clock() -> Iterator[Any]:
    screening()
    urls.saved.clear()
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


@pytest.fixture
def pat() -> Patient:
    return person()


@pytest.fixture
def browser(pat) -> Client:
    return signed_in(pat)


def signed_in(patient: Patient) -> Client:
    client = Client()
    client.force_login(user_of(patient))
    return client


def url(page: str = "", **which: object) -> str:
    return ticket(**which).url(page)


def page_of(code: str) -> tuple[str, Ticket | None]:
    return reverse("patients:question_page", args=[code]), ticket()


def where(answer: HttpResponse) -> tuple[str, Ticket | None]:
    """The page that an answer leads to, and the ticket that it hands on: sealed anew each time."""
    path, _, query = answer["Location"].partition("?ticket=")
    return path, Ticket.read(unquote(query))


def typed(page: str, whose: Patient | None = None, **said: str) -> dict[str, str]:
    """A page filled in harmlessly, as a browser sends it; `whose` where the page depends on answers."""
    found = next(p for p in intake.pages(whose or Patient(), ticket(), NOW) if p.code == page)
    return {item.code: said.get(item.code, harmless(item)) for item in found.items} | said


# --- The way through ----------------------------------------------------------------------------------------------


def test_the_way_in_leads_to_the_first_page(browser):
    assert where(browser.get(url())) == page_of("about_you")


def test_a_saved_page_leads_to_the_next_one_and_tells_the_site_above(browser, pat):
    answer = browser.post(url("about_you"), typed("about_you"))
    assert where(answer) == page_of("your_health")
    assert [row.value for row in Answer.objects.filter(patient=pat)] == ["no", "no"]
    assert urls.saved == [pat]


def test_the_last_page_leads_back_to_the_booking(browser, pat):
    answer_all(pat, ticket(), NOW)
    assert browser.post(url("scars-today"), typed("scars-today"))["Location"] == AWAY
    assert browser.get(url())["Location"] == AWAY


def test_every_page_can_be_answered_with_the_keyboard_of_a_phone_from_first_to_last(browser, pat):
    visited, where = [], browser.get(url())["Location"]
    while where != AWAY:
        code = where.split("/")[2]
        visited.append(code)
        where = browser.post(where, typed(code, pat))["Location"]
    assert visited == [page.code for page in intake.pages(pat, ticket(), NOW)]
    assert Phototype.objects.get().provenance == "self_reported"
    assert pat.scar_assessments.count() == 1


def test_after_page_three_another_device_leads_to_page_four_with_the_answers_there(pat):
    phone, laptop = signed_in(pat), signed_in(pat)
    for page in ("about_you", "your_health", "medicines"):
        phone.post(url(page), typed(page, diabetes="controlled") if page == "your_health" else typed(page))
    phone.logout()
    assert phone.get(url("numbing")).status_code == 302  # to signing in
    assert where(laptop.get(url())) == page_of("numbing")
    assert is_checked(laptop.get(url("your_health")).text, "diabetes", "controlled")


def test_half_of_the_skin_type_form_survives_as_well(pat):
    answer_page(pat, "skin-genetic", ticket(), NOW, **{"phototype-eye": "3"})
    assert is_checked(signed_in(pat).get(url("skin-genetic")).text, "phototype-eye", "3")


def test_going_back_keeps_what_is_there_and_asks_for_nothing(browser, pat):
    answer = browser.post(url("your_health"), {"diabetes": "controlled", "back": "1"})
    assert where(answer) == page_of("about_you")
    assert [(row.question, row.value) for row in Answer.objects.all()] == [("diabetes", "controlled")]


def test_a_changed_answer_counts_from_then_on(browser, pat, clock):
    answer_all(pat, ticket(), NOW)
    clock.shift(timedelta(minutes=5))
    assert browser.post(url("about_you"), typed("about_you", pregnant="prefer_not"))["Location"] == AWAY
    assert intake.latest_answers(pat)["pregnant"].value == "prefer_not"


def test_an_older_copy_of_a_page_can_be_sent_again(browser, pat, clock):
    """Only three of the four questions were open on it; the fourth keeps its answer."""
    answer_page(pat, "medicines", ticket(), NOW)
    sent = {code: value for code, value in typed("medicines").items() if code != "bleeding_disorder"}
    clock.shift(timedelta(minutes=5))
    assert browser.post(url("medicines"), sent).status_code == 302
    assert Answer.objects.filter(question="bleeding_disorder").count() == 1


@pytest.mark.parametrize("sent", ["?ticket=", "?ticket=forged:ticket", "?ticket=%00", ""])
@pytest.mark.parametrize("path", ["/questions/", "/questions/about_you/", "/questions/review/"])
def test_without_a_ticket_there_is_a_friendly_page_that_leads_to_booking(browser, path, sent):
    for answer in (browser.get(path + sent), browser.get(path)):
        assert answer.status_code == 200
        assert "Choose a time first" in answer.text
        assert 'href="/scheduling/choose/"' in answer.text


def test_a_page_that_this_visit_does_not_have_leads_to_one_that_it_has(browser):
    assert where(browser.get(url("light"))) == page_of("about_you")
    assert where(browser.post(url("light"), {"pdt_drug": "yes"})) == page_of("about_you")
    assert not Answer.objects.exists()


def test_somebody_without_a_record_goes_on_to_where_it_is_made():
    stranger = Client()
    stranger.force_login(build.user())
    assert stranger.get(url())["Location"] == AWAY


def test_a_page_says_how_far_one_is_and_never_what_the_answers_come_to(browser, pat):
    answer_all(pat, ticket(), NOW, pregnant="yes", isotretinoin="now", **{"phototype-eye": "4"})
    for page in intake.pages(pat, ticket(), NOW):
        html = re.sub(r"<[^>]*>", " ", browser.get(url(page.code)).text).lower()
        assert "of 14" in html
        for word in ("block", "flag", "score", "grade", "tier", "fitzpatrick", "unsuitable"):
            assert word not in html, (page.code, word)


# --- Changing answers ---------------------------------------------------------------------------------------------


def test_the_answers_for_a_visit_are_listed_with_a_way_to_change_each_page(browser, pat):
    answer_all(pat, ticket(), NOW, pregnant="yes", isotretinoin="2026-01-05")
    html = unescape(browser.get(ticket().url_of_answers()).text)
    assert "Are you pregnant, or might you be?</th><td>Yes</td>" in html
    assert "<td>5 January 2026</td>" in html
    links = re.findall(r'href="(/questions/[^"?]+)\?ticket=([^"]+)">Change<', html)
    assert [path for path, _ in links] == [page_of(page.code)[0] for page in intake.pages(pat, ticket(), NOW)]
    assert {Ticket.read(unquote(sealed)) for _, sealed in links} == {ticket()}
    assert f'href="{AWAY}">Go on<' in html


def test_a_wrong_answer_can_be_put_right_from_the_list(browser, pat, clock):
    answer_all(pat, ticket(), NOW, pregnant="yes")
    clock.shift(timedelta(minutes=5))
    change = re.search(r'href="(/questions/about_you/[^"]+)">Change<', browser.get(ticket().url_of_answers()).text)[1]
    assert is_checked(browser.get(change).text, "pregnant", "yes")
    assert browser.post(change, typed("about_you"))["Location"] == AWAY
    assert intake.latest_answers(pat)["pregnant"].value == "no"


def test_a_page_that_is_changed_before_all_is_answered_leads_to_the_next_open_one(browser, pat):
    answer_page(pat, "about_you", ticket(), NOW)
    html = browser.get(ticket().url_of_answers()).text
    assert (html.count(">Change<"), html.count(">Answer<")) == (1, 12)
    assert where(browser.post(url("about_you"), typed("about_you"))) == page_of("your_health")


def test_the_list_of_answers_leaves_one_line_in_the_trail(browser, pat):
    answer_all(pat, ticket(), NOW)
    browser.get(ticket().url_of_answers())
    assert [(line.user, line.patient, line.fields) for line in TrailEntry.objects.all()] == [
        (user_of(pat), pat, ["answers"])
    ]


def test_the_list_of_answers_is_no_dead_end_without_a_record():
    stranger = Client()
    stranger.force_login(build.user())
    assert stranger.get(ticket().url_of_answers())["Location"] == AWAY


# --- Errors -------------------------------------------------------------------------------------------------------


def test_what_is_missing_is_said_in_the_summary_and_beside_the_field_and_nothing_is_lost(browser):
    answer = browser.post(url("medicines"), {"isotretinoin_day": "5", "isotretinoin_month": "2", "anticoagulant": "yes"})
    assert answer.status_code == 422
    assert 'href="#id_isotretinoin_0"' in answer.text
    assert answer.text.count("Enter day, month and year in numbers") == 2
    assert answer.text.count("Please choose an answer.") == 4  # two fields, each beside itself and in the summary
    assert is_checked(answer.text, "anticoagulant", "yes")
    assert 'name="isotretinoin_day" value="5"' in answer.text
    assert not Answer.objects.exists()


def test_every_link_of_the_summary_leads_to_a_field(browser):
    for page in intake.pages(Patient(), ticket(), NOW):
        html = browser.post(url(page.code), {}).text
        for item in page.items:
            assert f'href="#id_{item.code}_0"' in html
            assert f'id="id_{item.code}_0"' in html, item.code


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (("29", "2", "2027"), "There is no such day"),
        (("26", "2", "2027"), None),
        (("27", "2", "2027"), "This day is still to come"),
        (("1", "1", "9999"), "This day is still to come"),
        (("1", "1", "1899"), "Enter a year after 1900"),
        (("1", "1", "27"), "Enter day, month and year in numbers"),
        (("\x00", "1", "2026"), "Enter day, month and year in numbers"),
        ((LONG, "1", "2026"), "Enter day, month and year in numbers"),
        (("-1", "1", "2026"), "Enter day, month and year in numbers"),
        (("0", "0", "0000"), "There is no such day"),
        (("٣", "1", "2026"), None),  # a digit is a digit in every script
        (("", "2", "2027"), None),
        (("", "", "2027"), None),
        (("", "3", "2027"), "This day is still to come"),
        (("", "", "2028"), "This day is still to come"),
        (("", "", "1899"), "Enter a year after 1900"),
        (("", "13", "2026"), "There is no such day"),
        (("", "", "0000"), "There is no such day"),
        (("", "", "26"), "Enter day, month and year in numbers"),
        (("", "1", ""), "Enter day, month and year in numbers"),
        (("5", "", "2026"), "Enter day, month and year in numbers"),
    ],
    ids=repr,
)
def test_days_are_checked_in_words(browser, day, words):
    parts = dict(zip(("isotretinoin_day", "isotretinoin_month", "isotretinoin_year"), day, strict=True))
    sent = typed("medicines") | {"isotretinoin": ""} | parts
    answer = browser.post(url("medicines"), sent)
    assert answer.status_code == (422 if words else 302)
    assert words is None or words in answer.text


@pytest.mark.parametrize(
    ("month", "year", "day"),
    [
        ("2", "2024", "2024-02-29"),
        ("12", "2026", "2026-12-31"),
        ("1", "2027", "2027-01-31"),
        ("2", "2027", "2027-02-26"),  # this month: today
        ("", "2026", "2026-12-31"),
        ("", "2027", "2027-02-26"),
    ],
)
def test_a_rough_date_counts_as_the_last_day_that_may_be_meant(browser, month, year, day):
    assert "give month and year, or the year alone" in browser.get(url("medicines")).text
    rough = {"isotretinoin": "date", "isotretinoin_day": "", "isotretinoin_month": month, "isotretinoin_year": year}
    assert browser.post(url("medicines"), typed("medicines") | rough).status_code == 302
    assert Answer.objects.get(question="isotretinoin").value == day


def test_nobodys_today_is_a_day_to_come(browser, clock):
    clock.shift(timedelta(hours=1))  # 10:00 in London, and tomorrow already on Kiritimati
    today = {"isotretinoin": "date", "isotretinoin_day": "27", "isotretinoin_month": "2", "isotretinoin_year": "2027"}
    assert browser.post(url("medicines"), typed("medicines") | today).status_code == 302


def test_a_day_and_a_word_at_once_must_be_sorted_out_by_the_patient(browser):
    answer = browser.post(url("medicines"), typed("medicines", isotretinoin="never", isotretinoin_year="2026"))
    assert "Choose “On this day”, or empty the three boxes." in answer.text
    assert is_checked(answer.text, "isotretinoin", "never")


def test_now_is_an_answer_only_where_it_is_offered(browser):
    assert browser.post(url("medicines"), typed("medicines", isotretinoin="now")).status_code == 302
    answer = browser.post(url("earlier_treatments"), typed("earlier_treatments", peel_recent="now"))
    assert (answer.status_code, "Please choose one of the answers." in answer.text) == (422, True)


@pytest.mark.parametrize("value", ["maybe", "\x00", LONG, "<script>alert(1)</script>", "yes\x07"])
def test_an_answer_that_is_not_offered_is_refused_and_not_echoed(browser, value):
    answer = browser.post(url("your_health"), typed("your_health", cold_sore_history=value))
    assert (answer.status_code, "Please choose one of the answers." in answer.text) == (422, True)
    assert value not in answer.text
    assert not Answer.objects.exists()


anything = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["yes", "no", "unsure", "never", "now", "date", "1", "2026", "\x00", LONG]
)
FIELDS = [
    *(f"isotretinoin{part}" for part in ("", "_day", "_month", "_year")),
    *("retinoid_topical", "anticoagulant", "bleeding_disorder", "back", "unheard_of"),
]


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(FIELDS), anything))
@example({"isotretinoin_day": LONG, "isotretinoin_month": "\x00", "isotretinoin_year": '"><script>'})
def test_whatever_is_sent_the_page_answers_and_gives_back_what_was_typed(browser, sent):
    answer = browser.post(url("medicines"), sent)
    assert answer.status_code in (302, 422)
    if answer.status_code == 422:
        page = unescape(answer.text)
        for part in ("_day", "_month", "_year"):
            assert (
                f'name="isotretinoin{part}" value="{sent[f"isotretinoin{part}"]}"' in page
                if sent.get(f"isotretinoin{part}")
                else True
            )
        if sent.get("anticoagulant") in ("yes", "no", "unsure"):
            assert is_checked(answer.text, "anticoagulant", sent["anticoagulant"])


# --- The own record -----------------------------------------------------------------------------------------------


def test_the_record_shows_the_own_answers_in_the_words_of_the_questions(browser, pat):
    answer_all(pat, ticket(), NOW, isotretinoin="2026-01-05", pregnant="prefer_not", **{"scar-zones": "nose,chin"})
    html = browser.get("/record/").text
    for words in ("Medicines and bleeding", "5 January 2026", "I&#x27;d rather not say", "Nose, Chin", "Ice-pick"):
        assert words in html
    assert "Skin that always burns and never tans" in html


def test_the_record_shows_no_number_of_the_skin_type(browser, pat):
    answer_all(pat, ticket(), NOW)
    html = browser.get("/record/").text
    assert not any(words in html for words in ("Fitzpatrick", "phototype", "type I", "score", "Score"))


def test_bother_is_shown_over_time_one_line_a_day(browser, pat):
    for days, level in ((0, "8"), (0, "7"), (28, "4")):
        answer_page(pat, "scars-where", ticket(), NOW + timedelta(days=days))
        answer_page(pat, "scars-look", ticket(), NOW + timedelta(days=days))
        answer_page(pat, "scars-today", ticket(), NOW + timedelta(days=days, minutes=int(level)), **{"scar-bother": level})
    table = browser.get("/record/").text.split("<h2>How much the marks bother you")[1].split("</table>")[0]
    assert [day in table for day in ("26 February 2027", "26 March 2027")] == [True, True]
    assert table.count('scope="row"') == 2


def test_an_empty_record_says_what_comes_next(browser):
    assert "No answers yet" in browser.get("/record/").text
    stranger = Client()
    stranger.force_login(build.user())
    assert "Your record begins with your first visit" in stranger.get("/record/").text


def test_people_see_who_opened_their_record_in_plain_words(browser, pat):
    doctor = build.user(roles=("practitioner",), name="Dr Lane")
    TrailEntry.objects.create(
        at=NOW - timedelta(days=1),
        user=doctor,
        roles=doctor.roles,
        patient=pat,
        verb="opened",
        fields=["answers"],
        why=trail.VISIT,
        visit_on=VISIT,
    )
    text = " ".join(unescape(browser.get("/record/").text).split())
    opened = "Dr Lane (practitioner) opened your answers, because of your visit on Monday 1 March 2027."
    assert f"Thursday 25 February 2027, 09:00</time></dt><dd>{opened}</dd>" in text
    own = "You opened your answers, skin type and scars."
    assert f'<time datetime="2027-02-26">Friday 26 February 2027</time></dt><dd>{own}</dd>' in text
    assert "Times are in UTC." in text


def opened(patient: Patient, user: User, days: int, *fields: str) -> TrailEntry:
    """An opening that lies `days` back, not yet stored."""
    at = NOW - timedelta(days=days)
    return TrailEntry(at=at, user=user, roles=user.roles, patient=patient, verb="opened", fields=list(fields), why="review")


def test_a_clinicians_opening_is_not_pushed_out_by_the_own_ones(browser, pat):
    doctor = build.user(roles=("practitioner",), name="Dr Lane")
    own = [opened(pat, user_of(pat), days, "answers") for days in (1, 2) for _ in range(150)]
    TrailEntry.objects.bulk_create([opened(pat, doctor, 3, "answers"), *own, opened(pat, user_of(pat), 2, "phototypes")])
    listed = unescape(browser.get("/record/").text).split("<h2>Who opened your record")[1]
    assert re.findall(r"<dd>([^<]+)</dd>", listed) == [
        "Dr Lane (practitioner) opened your answers, because of: review.",
        "You opened your answers, skin type and scars.",
        "You opened your answers.",
        "You opened your answers and skin type.",
    ]


@pytest.mark.parametrize(
    ("verb", "why", "visit_on", "said"),
    [
        ("opened", trail.VISIT, None, "opened your answers and skin type, because of a visit of yours."),
        ("opened", trail.REVIEW, VISIT, "opened your answers and skin type, to look at them before your visit on "),
        ("opened", trail.AGAIN, None, "opened your answers and skin type, to look at them again before a visit."),
        ("opened", trail.EMERGENCY, None, "opened your answers and skin type, in an emergency."),
        ("opened", trail.WATCH, None, "opened your answers and skin type, to see whether it was one."),
        ("opened", "", None, "opened your answers and skin type."),
        ("exported", "", None, "took a copy of your answers and skin type."),
        (
            "emergency",
            trail.EMERGENCY,
            None,
            "opened your record in an emergency, for a short time. Ask us, and we tell you",
        ),
    ],
)
def test_each_reason_is_said_in_a_sentence(browser, pat, verb, why, visit_on, said):
    doctor = build.user(roles=("practitioner",), name="Dr Lane")
    line = {"at": NOW, "user": doctor, "roles": doctor.roles, "patient": pat, "fields": ["answers", "phototypes"]}
    TrailEntry.objects.create(**line, verb=verb, why=why, visit_on=visit_on)
    assert f"<dd>Dr Lane (practitioner) {said}" in unescape(browser.get("/record/").text)


def test_nobody_else_having_looked_is_said(browser):
    assert "Nobody else has opened your record so far." in browser.get("/record/").text


def test_every_look_at_clinical_facts_leaves_one_line_in_the_trail(browser, pat):
    answer_page(pat, "about_you", ticket(), NOW)
    browser.get(url("about_you"))  # shows answers
    browser.get(url("your_health"))  # shows none
    browser.get("/record/")
    browser.get("/record/contacts/")  # administrative
    lines = TrailEntry.objects.order_by("id").values_list("user", "roles", "patient", "verb", "fields")
    shared = (user_of(pat).pk, [], pat.pk, "opened")
    assert list(lines) == [(*shared, ["answers"]), (*shared, ["answers", "phototypes", "scar_assessments"])]


def test_contact_details_can_be_changed(browser, pat):
    sent = {"given_name": "Patricia", "family_name": "New", "phone": "+44 20 7946 0999"}
    assert browser.post("/record/contacts/", sent)["Location"] == "/record/"
    pat.refresh_from_db()
    assert (str(pat), pat.phone) == ("Patricia New", "+44 20 7946 0999")
    assert "Patricia New" in browser.get("/record/").text


@pytest.mark.parametrize("value", ["", "\x00", "x" * 10_000, "Pat\x07", " "])
def test_a_name_that_cannot_be_kept_is_refused_beside_the_field(browser, pat, value):
    answer = browser.post("/record/contacts/", {"given_name": value, "family_name": "Kept", "phone": "020 7946 0000"})
    assert (answer.status_code, 'id="id_given_name_error"' in answer.text) == (422, True)
    assert 'value="Kept"' in answer.text
    assert not any(words in answer.text for words in ("This field is required", "Ensure this value", "Null characters"))
    pat.refresh_from_db()
    assert str(pat) == "Pat Example"


# --- Doors --------------------------------------------------------------------------------------------------------

PAGES = ["/questions/", "/questions/about_you/", "/record/", "/questions/review/", "/record/contacts/"]


@pytest.mark.parametrize("path", PAGES)
def test_nobody_gets_in_without_signing_in(path):
    answer = Client().get(path)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/above/account_request_login_code/")


@pytest.mark.parametrize("path", PAGES[:4])
def test_pages_that_change_nothing_refuse_to_be_posted_to(browser, path):
    expected = 200 if path == PAGES[1] else 405  # the question page without a ticket
    assert browser.post(path).status_code == expected


def test_nobody_sees_anything_of_another_patient_not_even_their_own_clinician_here(pat):
    """B's record is full of markers; A looks at every page, being on B's care team as well."""
    other = person(given="MARKER", family="MARKER", phone="MARKER")
    answer_all(other, ticket(), NOW, isotretinoin="2026-07-07")
    Answer.objects.create(
        patient=other, version=Answer.objects.first().version, question="smoker", value="MARKER",
        at=NOW + timedelta(hours=1), recorded_by=user_of(other),
    )  # fmt: skip
    CareTeam.objects.create(patient=other, user=user_of(pat), since=NOW - timedelta(days=1), why="visit")
    browser = signed_in(pat)
    paths = [
        "/record/",
        "/record/contacts/",
        url(),
        ticket().url_of_answers(),
        *(url(page.code) for page in intake.pages(other, ticket(), NOW)),
    ]
    for path in paths:
        answer = browser.get(path)
        assert "MARKER" not in answer.text
        assert "2026" not in answer.text
        assert " checked" not in answer.text
    assert "MARKER" in signed_in(other).get("/record/").text  # so the markers can be seen
    assert not TrailEntry.objects.filter(patient=other, user=user_of(pat)).exists()


# --- Cost ---------------------------------------------------------------------------------------------------------


def test_a_question_page_costs_the_same_with_no_answer_and_with_all(browser, pat, django_assert_num_queries):
    browser.get(url())  # the first request of a session also notes when it began
    with django_assert_num_queries(8):
        browser.get(url("about_you"))
    answer_all(pat, ticket(), NOW)
    with django_assert_num_queries(9):  # and the line in the trail
        browser.get(url("about_you"))


def test_the_record_costs_the_same_with_one_opening_and_with_three(browser, pat, django_assert_num_queries):
    answer_all(pat, ticket(), NOW)
    browser.get("/record/")
    with django_assert_num_queries(15):
        browser.get("/record/")
    browser.get("/record/")
    with django_assert_num_queries(15):
        browser.get("/record/")
