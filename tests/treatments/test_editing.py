"""The content admins' journey: edit, look, publish with a reason, and what was published before stays."""

import re
from datetime import UTC, datetime
from html import escape, unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.http import HttpResponse
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.accounts.models import User
from tests import build
from treatments import operations
from treatments.acting import Actor, acting_as
from treatments.editing.kinds import Sheet
from treatments.models import ConcernVersion, Treatment, TreatmentVersion

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]
PUBLISHED = datetime(2026, 1, 5, 9, tzinfo=UTC)  # before the machine's own clock, which the pages read
NEEDLING = "/editing/treatments/microneedling/"
SCARS = "/editing/concerns/acne-scars/"
PAGES = ["/editing/", NEEDLING, SCARS, *(f"{NEEDLING}{page}/" for page in ("preview", "publish", "history", "history/1"))]
ORDERS = [f"{NEEDLING}{order}/" for order in ("publish", "discard", "history/1/back")]
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@pytest.fixture
def admin(client: Client) -> Client:
    build.knowledge(now=PUBLISHED)
    client.force_login(build.user(roles=("content_admin",), name="Ada Content"))
    return client


def filled(response: HttpResponse) -> dict[str, Any]:
    """What a browser would send if the form on the page were sent as it is."""
    sheet: Sheet = response.context["sheet"]
    pieces = [sheet.form]
    for rows in sheet.rows.values():
        pieces += [rows.management_form, *rows.forms]
    fields = [field for form in pieces for field in form]
    data = {field.html_name: "" if field.value() is None else field.value() for field in fields}
    for field in fields:
        if isinstance(field.field, forms.BooleanField):
            data[field.html_name] = "on" if field.value() else ""
    seen = re.search(r'name="seen" value="(\w+)"', response.content.decode())
    assert seen
    missing = [name for name in data if f'name="{name}"' not in response.content.decode()]
    assert missing == []
    return {name: value for name, value in data.items() if value != ""} | {"seen": seen[1]}


def send(client: Client, address: str, data: dict[str, Any]) -> HttpResponse:
    return client.post(address, urlencode(data), content_type="application/x-www-form-urlencoded")


def change(client: Client, address: str = NEEDLING, **changes: str) -> HttpResponse:
    return send(client, address, filled(client.get(address)) | changes)


def publish(client: Client, address: str = NEEDLING, why: str = "clearer") -> HttpResponse:
    page = client.get(f"{address}publish/")
    return client.post(f"{address}publish/", {"why": why, "seen": page.context["seen"]})


def draft() -> TreatmentVersion:
    return TreatmentVersion.objects.get(treatment__code="microneedling", published_at=None)


def errors(response: HttpResponse) -> str:
    assert response.status_code == 200
    return unescape(re.search(r'class="error-summary".*?</div>', response.content.decode(), re.DOTALL)[0])


def text_of(response: HttpResponse) -> str:
    assert response.status_code == 200
    return unescape(response.content.decode())


def test_the_list_says_what_is_public_and_what_is_a_draft(admin: Client) -> None:
    build.consents(now=PUBLISHED)
    change(admin, cost="Ask us.")
    page = text_of(admin.get("/editing/"))
    assert "Version 1, since 5 January 2026" in page
    assert page.count("of Microneedling, compare and publish") == 1
    assert page.count('class="status status-pending"') == 1


def test_an_edit_is_a_draft_until_it_is_published_and_the_old_version_stays(admin: Client) -> None:
    assert change(admin, cost="Ask us about prices.").url == NEEDLING
    public = "/treatments/microneedling/"
    assert "Ask us about prices." not in text_of(admin.get(public))
    shown = text_of(admin.get(f"{NEEDLING}preview/"))
    assert "Preview of the draft" in shown
    assert "Ask us about prices." in shown
    asked = text_of(admin.get(f"{NEEDLING}publish/"))
    assert "<h3>Cost</h3>" in asked
    assert asked.count("<h3>") == 1
    assert publish(admin).url == f"{NEEDLING}history/"
    assert "Ask us about prices." in text_of(admin.get(public))
    assert "Version 2 of this page" in text_of(admin.get(public))
    history = text_of(admin.get(f"{NEEDLING}history/"))
    for words in ("Version 2", "clearer", "Ada Content", "Version 1", "first version", "Dr Approver"):
        assert words in history
    old = text_of(admin.get(f"{NEEDLING}history/1/"))
    assert "Usually costs less per session than laser" in old
    assert "Ask us about prices." not in old


def test_a_concern_is_edited_in_the_same_way(admin: Client) -> None:
    change(admin, SCARS, severity="From mild to severe.", **{"treatments-0-text": "Ask us about needling."})
    publish(admin, SCARS)
    page = text_of(admin.get("/concerns/acne-scars/"))
    assert "From mild to severe." in page
    assert "Ask us about needling." in page
    assert ConcernVersion.objects.filter(concern__slug="acne-scars", published_at__isnull=False).count() == 2


@pytest.mark.parametrize("kind", ["treatments", "concerns"])
def test_a_page_that_is_sent_back_untouched_changes_nothing(admin: Client, kind: str) -> None:
    entries = [entry for code, found in admin.get("/editing/").context["kinds"] if code.code == kind for entry in found]
    for entry in entries:
        address = f"/editing/{kind}/{entry.subject.slug}/"
        assert change(admin, address).status_code == 302, address
        assert "says the same" in text_of(admin.get(f"{address}publish/"))
        assert "says the same" in errors(publish(admin, address))


def test_line_ends_of_a_browser_are_no_change(admin: Client) -> None:
    data = filled(admin.get(NEEDLING))
    assert "\n\n" in data["effects"]
    send(admin, NEEDLING, {name: str(value).replace("\n", "\r\n") for name, value in data.items()})
    assert draft().effects == data["effects"]


def test_saving_leads_to_the_preview_where_asked(admin: Client) -> None:
    assert change(admin, preview="1").url == f"{NEEDLING}preview/"


def test_rows_are_added_removed_and_put_in_order_without_a_script(admin: Client) -> None:
    before = list(draft_steps(admin))
    changes = {"steps-7-title": "Tea", "steps-7-minutes": "5", "steps-7-position": "2", "steps-2-DELETE": "on"}
    assert change(admin, **changes, **{"steps-0-position": "9"}).status_code == 302
    assert list(draft().steps.values_list("title", flat=True)) == [
        "Cleansing", "Tea", "Anaesthetic gel", "Needling", "Soothing", "Clean down", "Setting up",
    ]  # fmt: skip
    assert before[0] == "Setting up"
    assert list(draft().steps.values_list("position", flat=True)) == list(range(1, 8))


def draft_steps(client: Client) -> list[str]:
    return [form["title"].value() for form in client.get(NEEDLING).context["sheet"].rows["steps"].initial_forms]


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Name: This field is required."),
        ("summary", "x" * 301, "at most 300 characters"),
        ("effects", "x" * 6001, "under 6000 characters"),
        ("sessions_max", "2", "Sessions, to: This must not be less than 3, where it starts."),
        ("interval_typical_to_days", "1", "usually to: This must not be less than 28, where it starts."),
        ("sessions_min", "-1", "greater than or equal to 0"),
        ("sessions_max", "40000", "less than or equal to 32767"),
        ("steps-1-minutes", "4", "Steps of a session, 2, Minutes: Ensure this value is greater than or equal to 5."),
        ("steps-1-minutes", "481", "less than or equal to 480"),
        ("steps-1-device_kind", "no slug!", "Device: Enter a valid “slug”"),
        ("side_effects-0-permanence", "for ever", "Select a valid choice."),
        ("references-0-url", "javascript:alert(1)", "Enter a valid URL."),
        ("steps-TOTAL_FORMS", "x", "ManagementForm data is missing or has been tampered with"),
    ],
)
def test_an_error_stands_beside_its_field_and_nothing_typed_is_lost(
    admin: Client, field: str, value: str, words: str
) -> None:
    page = change(admin, **{field: value, "cost": "Typed."})
    assert words in errors(page)
    assert page.context["sheet"].form["cost"].value() == "Typed."
    assert not TreatmentVersion.objects.drafts().exists()
    if field != "steps-TOTAL_FORMS":
        assert f'id="id_{field}_error"' in page.content.decode()


def test_a_step_needs_something(admin: Client) -> None:
    data = filled(admin.get(NEEDLING))
    for name in ("practitioner", "room"):
        data.pop(f"steps-1-{name}")
    assert "Steps of a session, 2: A step needs a practitioner, a room or a device." in errors(send(admin, NEEDLING, data))


def test_a_stale_form_shows_both_and_overwrites_nothing(admin: Client) -> None:
    mine = filled(admin.get(NEEDLING)) | {"cost": "Mine."}
    change(admin, cost="Theirs.", **{"steps-7-title": "Tea", "steps-7-minutes": "5"})
    page = send(admin, NEEDLING, mine)
    assert "Somebody changed this after you opened the page." in errors(page)
    assert draft().cost == "Theirs."
    assert page.context["sheet"].form["cost"].value() == "Mine."
    shown = {change.label: change.pieces for change in page.context["theirs"]}
    assert set(shown) == {"Cost", "Steps"}
    assert [(piece.kind, piece.text) for piece in shown["Cost"]] == [("del", "Theirs."), ("ins", "Mine.")]
    assert send(admin, NEEDLING, filled(page)).status_code == 302
    assert (draft().cost, draft().steps.count()) == ("Mine.", 7)


def test_a_form_without_its_hash_overwrites_nothing(admin: Client) -> None:
    assert "Somebody changed this" in errors(change(admin, cost="Mine.", seen=""))
    assert not TreatmentVersion.objects.drafts().exists()


def test_what_was_changed_meanwhile_is_not_published(admin: Client) -> None:
    change(admin, cost="Mine.")
    seen = admin.get(f"{NEEDLING}publish/").context["seen"]
    change(admin, cost="Theirs.")
    page = admin.post(f"{NEEDLING}publish/", {"why": "clearer", "seen": seen})
    assert "Somebody changed this" in errors(page)
    assert page.context["form"]["why"].value() == "clearer"
    assert draft().cost == "Theirs."


@pytest.mark.parametrize("why", ["", "  \n "])
def test_publishing_asks_why(admin: Client, why: str) -> None:
    change(admin, cost="Mine.")
    assert "This field is required." in errors(publish(admin, why=why))
    assert draft().cost == "Mine."


def test_pressing_publish_twice_is_one_version(admin: Client) -> None:
    change(admin, cost="Mine.")
    seen = admin.get(f"{NEEDLING}publish/").context["seen"]
    for _ in range(2):
        answer = admin.post(f"{NEEDLING}publish/", {"why": "clearer", "seen": seen})
        assert answer.url == f"{NEEDLING}history/"
    assert TreatmentVersion.objects.filter(treatment__code="microneedling").count() == 2


def test_a_draft_is_discarded(admin: Client) -> None:
    change(admin, cost="Mine.")
    assert admin.post(f"{NEEDLING}discard/").url == "/editing/"
    assert not TreatmentVersion.objects.drafts().exists()
    assert admin.post(f"{NEEDLING}discard/").url == f"{NEEDLING}history/"


def test_going_back_is_a_new_draft_of_the_old_version(admin: Client) -> None:
    change(admin, cost="Mine.")
    publish(admin)
    assert admin.post(f"{NEEDLING}history/1/back/").url == NEEDLING
    assert "Usually costs less" in draft().cost
    again = admin.post(f"{NEEDLING}history/1/back/", follow=True)
    assert "There is a draft already." in text_of(again)
    publish(admin, why="it was better before")
    assert "Version 3 of this page" in text_of(admin.get("/treatments/microneedling/"))


def test_a_new_treatment_with_only_a_draft_is_listed_and_published(client: Client) -> None:
    with acting_as(Actor(task="loading")):
        operations.load_knowledge()
    client.force_login(build.user(roles=("content_admin",)))
    assert "Not public yet" in text_of(client.get("/editing/"))
    assert client.get("/treatments/microneedling/").status_code == 404
    assert "all of this is new" in text_of(client.get(f"{NEEDLING}publish/"))
    answer = client.post(f"{NEEDLING}discard/", follow=True)
    assert "Nothing is published yet" in text_of(answer)
    assert publish(client).status_code == 302
    assert client.get("/treatments/microneedling/").status_code == 200


def test_pages_without_a_draft_lead_to_the_history(admin: Client) -> None:
    for page in ("preview", "publish"):
        assert admin.get(f"{NEEDLING}{page}/").url == f"{NEEDLING}history/"


@pytest.mark.parametrize(
    "address", ["/editing/questions/x/", "/editing/treatments/nothing/", f"{NEEDLING}history/9/", f"{NEEDLING}history/0/"]
)
def test_what_is_not_there_is_not_found(admin: Client, address: str) -> None:
    assert admin.get(address).status_code == 404


@pytest.mark.parametrize("address", ORDERS[1:])
def test_links_change_nothing(admin: Client, address: str) -> None:
    assert admin.get(address).status_code == 405


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("practitioner",)])
@pytest.mark.parametrize("address", PAGES)
def test_others_are_refused(client: Client, roles: tuple[str, ...], address: str) -> None:
    client.force_login(build.user(roles=roles))
    assert client.get(address).status_code == 403
    assert client.post(address).status_code == 403


@pytest.mark.parametrize("address", PAGES + ORDERS)
def test_the_public_is_asked_to_sign_in(client: Client, address: str) -> None:
    assert client.get(address).url == f"/account_request_login_code/?next={address}"
    assert client.post(address).status_code == 302
    assert not Treatment.objects.exists()


def world() -> Client:
    """The same world for all examples of one test."""
    if not Treatment.objects.exists():
        build.knowledge(now=PUBLISHED)
        build.user(email="fuzz@clinic.example", roles=("owner",))
    client = Client()
    client.force_login(User.objects.get(email="fuzz@clinic.example"))
    return client


@settings(max_examples=25)
@given(which=st.integers(0, 10_000), text=ANY_TEXT)
@pytest.mark.parametrize("address", [NEEDLING, SCARS])
def test_any_text_in_any_field_is_saved_or_comes_back(address: str, which: int, text: str) -> None:
    client = world()
    sent = filled(client.get(address))
    names = sorted(set(sent) - {"seen"})
    name = names[which % len(names)]
    answer = send(client, address, sent | {name: text})
    assert answer.status_code in {200, 302}
    fields = {field.html_name: field for field in answer.context["sheet"].form} if answer.status_code == 200 else {}
    if name in fields:
        assert fields[name].value() == text
        assert escape(text, quote=False)[:20] in answer.content.decode() or "\x00" in text or '"' in text or "'" in text
    if answer.status_code == 302 and name in {"effects", "what_they_are"}:
        stored = text.replace("\r\n", "\n").replace("\r", "\n").strip()
        assert client.get(address).context["sheet"].form[name].value() == stored


@settings(max_examples=15)
@given(
    sent=st.dictionaries(
        st.sampled_from(["seen", "name", "summary", "steps-TOTAL_FORMS", "steps-INITIAL_FORMS", "x"]), ANY_TEXT
    )
)
def test_a_mangled_form_is_answered(sent: dict[str, str]) -> None:
    assert send(world(), NEEDLING, sent).status_code == 200
    assert not TreatmentVersion.objects.drafts().exists()


@settings(max_examples=12)
@given(why=ANY_TEXT)
def test_any_reason_is_kept_or_comes_back(why: str) -> None:
    client = world()
    count = TreatmentVersion.objects.count()
    change(client, cost=f"Price {count}")
    answer = publish(client, why=why)
    if answer.status_code == 302:
        assert TreatmentVersion.objects.order_by("-pk")[0].why == why.strip()
    else:
        assert answer.context["form"]["why"].value() == why
