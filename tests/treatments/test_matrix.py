"""The healing intervals and what must come first: edited as a draft, compared, approved by a clinician, published."""

from datetime import UTC, datetime
from html import unescape
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from tests import build
from treatments.models import Interval, IntervalsVersion, Prerequisite, Treatment

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]
PUBLISHED = datetime(2026, 1, 5, 9, tzinfo=UTC)  # before the machine's own clock, which the pages read
PAGE = "/editing/clinical/intervals/"
EDIT = f"{PAGE}edit/"


@pytest.fixture
def admin(client: Client) -> Client:
    build.knowledge(now=PUBLISHED)
    client.force_login(build.user(roles=("content_admin",)))
    return client


def filled(page: HttpResponse) -> dict[str, Any]:
    """What a browser would send if the form on the page were sent as it is."""
    rows = page.context["sheet"].rows.values()
    forms = [form for each in rows for form in (each.management_form, *each.forms)]
    data = {field.html_name: field.value() for form in forms for field in form}
    data = {
        name: getattr(value, "pk", value) for name, value in data.items() if value or (value == 0 and value is not False)
    }
    return data | {"seen": page.context["seen"]}


def change(client: Client, **changes: Any) -> HttpResponse:
    return client.post(EDIT, filled(client.get(EDIT)) | changes)


def draft() -> IntervalsVersion:
    return IntervalsVersion.objects.get(published_at=None)


def pk(code: str) -> int:
    return Treatment.objects.get(code=code).pk


def text_of(page: HttpResponse) -> str:
    return unescape(page.content.decode())


def errors(page: HttpResponse) -> str:
    text = text_of(page)
    return text[text.index("error-summary") : text.index("</ul>", text.index("error-summary"))]


def test_from_a_change_to_a_published_version(admin: Client) -> None:
    assert change(admin, **{"intervals-0-days": "35"}).url == PAGE
    asked = text_of(admin.get(PAGE))
    assert "What changes against version 1" in asked
    assert "<del><span" in asked
    clinician = Client()
    clinician.force_login(build.user(roles=("practitioner",)))
    clinician.post(f"{PAGE}approve/", {"seen": clinician.get(PAGE).context["seen"]})
    admin.post(f"{PAGE}publish/", {"seen": admin.get(PAGE).context["seen"], "why": "longer"})
    live = IntervalsVersion.objects.live(timezone.now()).get()
    assert (live.number, live.intervals.first().days) == (2, 35)
    assert live.prerequisites.count() == Prerequisite.objects.filter(version__number=1).count()


def test_it_is_not_published_without_a_clinician(admin: Client) -> None:
    change(admin, **{"intervals-0-days": "35"})
    assert admin.post(f"{PAGE}publish/", {"seen": admin.get(PAGE).context["seen"], "why": "hurry"}).status_code == 409
    assert draft().is_draft


def test_a_page_that_is_sent_back_untouched_says_the_same(admin: Client) -> None:
    change(admin)
    assert admin.get(PAGE).context["changes"] == []


def test_rows_are_added_and_removed_without_a_script(admin: Client) -> None:
    before, first = Interval.objects.count(), Interval.objects.order_by("position").first()
    consultation, patch = pk("consultation"), pk("test_patch")
    number, more = len(admin.get(EDIT).context["sheet"].rows["intervals"].initial_forms), {"intervals-0-DELETE": "on"}
    more |= {f"intervals-{number}-before": consultation, f"intervals-{number}-after": patch, f"intervals-{number}-days": "3"}
    assert change(admin, **more).status_code == 302
    assert draft().intervals.count() == before
    assert draft().intervals.filter(before=consultation, after=patch, days=3).exists()
    assert not draft().intervals.filter(before=first.before, after=first.after).exists()


def test_what_comes_first_is_added_with_its_skin_types(admin: Client) -> None:
    number = len(admin.get(EDIT).context["sheet"].rows["prerequisites"].initial_forms)
    row = {"treatment": pk("rf_microneedling"), "kind": "visit", "first": pk("test_patch"), "phototypes": ["V", "VI"]}
    row |= {"lead_days": "28", "valid_days": "90", "reason": "Colour shows late."}
    assert change(admin, **{f"prerequisites-{number}-{name}": value for name, value in row.items()}).status_code == 302
    stored = draft().prerequisites.get(treatment__code="rf_microneedling", first__code="test_patch")
    assert (stored.phototypes, stored.lead_days, stored.valid_days) == (["V", "VI"], 28, 90)
    assert "V, VI" in text_of(admin.get(PAGE))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"intervals-0-days": "0"}, "greater than or equal to 1"),
        ({"intervals-0-days": "731"}, "less than or equal to 730"),
        ({"intervals-0-before": "999999"}, "Select a valid choice"),
        ({"intervals-0-url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"prerequisites-0-first": ""}, "Choose the treatment that the visit is for."),
        ({"prerequisites-0-kind": "confirmed_phototype"}, "Leave this empty for a confirmed skin type."),
        ({"prerequisites-0-valid_days": "7"}, "This must be more than 7"),
        ({"prerequisites-0-phototypes": ["VII"]}, "Select a valid choice"),
        ({"intervals-TOTAL_FORMS": "x"}, "ManagementForm data is missing"),
    ],
)
def test_an_error_is_said_and_nothing_typed_is_lost(admin: Client, changes: dict[str, Any], words: str) -> None:
    page = change(admin, **changes, **{"prerequisites-1-reason": "Typed."})
    assert page.status_code == 422
    assert words in errors(page)
    assert page.context["sheet"].rows["prerequisites"].forms[1]["reason"].value() == "Typed."
    assert not IntervalsVersion.objects.drafts().exists()


def test_no_two_rows_are_about_the_same(admin: Client) -> None:
    data = filled(admin.get(EDIT))
    same = {"intervals-1-before": data["intervals-0-before"], "intervals-1-after": data["intervals-0-after"]}
    assert "Two rows are about the same." in errors(change(admin, **same))
    same = {f"prerequisites-1-{name}": data[f"prerequisites-0-{name}"] for name in ("treatment", "kind", "first")}
    assert "Two rows are about the same." in errors(change(admin, **same))


def test_a_stale_form_shows_both_and_overwrites_nothing(admin: Client) -> None:
    mine = filled(admin.get(EDIT)) | {"intervals-0-days": "30"}
    change(admin, **{"intervals-0-days": "35"})
    page = admin.post(EDIT, mine)
    assert page.status_code == 409
    assert "Somebody changed this after you opened the page." in errors(page)
    assert draft().intervals.first().days == 35
    assert [change.label for change in page.context["theirs"]] == ["Intervals"]
    assert admin.post(EDIT, filled(page)).status_code == 302
    assert draft().intervals.first().days == 30


def test_the_page_asks_the_same_few_questions_however_many_rows(admin: Client, django_assert_num_queries) -> None:
    number = len(admin.get(EDIT).context["sheet"].rows["intervals"].initial_forms)
    for rows in ({}, {f"intervals-{n}-DELETE": "on" for n in range(3, number)}):
        change(admin, **rows)
        with django_assert_num_queries(20):
            admin.get(EDIT)


@pytest.mark.parametrize("roles", [(), ("receptionist",), ("practitioner",)])
def test_others_may_not_edit(client: Client, roles: tuple[str, ...]) -> None:
    client.force_login(build.user(roles=roles))
    assert client.get(EDIT).status_code == 403
    assert client.post(EDIT).status_code == 403


def test_before_anything_is_loaded_there_is_nothing_to_edit(client: Client) -> None:
    client.force_login(build.user(roles=("content_admin",)))
    assert client.get(EDIT).status_code == 404
