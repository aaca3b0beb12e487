"""A wait is made longer: changed by a content admin, tried out, approved by a clinician, published, and then it counts."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.accounts.models import User
from tests import build
from tests.build import Clinic
from treatments.models import RulesVersion

RULES = "/editing/clinical/rules/"


def change_the_wait(editor: Page) -> None:
    editor.goto(f"{RULES}edit/")
    editor.get_by_role("link", name="peel_recent", exact=True).click()
    editor.get_by_label("Wait (optional)").fill("0")
    editor.get_by_role("button", name="Save in the draft").click()
    expect(editor.get_by_role("alert")).to_contain_text("Wait: Ensure this value is greater than or equal to 1.")
    editor.get_by_label("Wait (optional)").fill("8")
    editor.get_by_role("button", name="Save in the draft").click()
    expect(editor.get_by_text("“peel_recent” is saved in the draft.")).to_be_visible()


def try_it(editor: Page) -> None:
    """A peel five weeks ago: nothing today, too early with the draft."""
    editor.get_by_role("link", name="Try it out").click()
    editor.get_by_text("Earlier treatments", exact=True).first.click()
    asked = editor.get_by_role("group", name="When was your last chemical peel")
    asked.get_by_label("On this day:").check()
    day = timezone.localdate() - timedelta(weeks=5)
    for part in ("day", "month", "year"):
        asked.get_by_label(part.title(), exact=True).fill(str(getattr(day, part)))
    editor.get_by_role("button", name="Try it").click()
    expect(editor.get_by_text("The draft says something else.")).to_be_visible()


def test_a_rule_is_changed_tried_approved_and_published(page_of: Callable[[User], Page], open_clinic: Clinic) -> None:
    editor = page_of(build.user(roles=("content_admin",), name="Con Tent"))
    change_the_wait(editor)
    try_it(editor)
    doctor = page_of(build.user(roles=("practitioner",), name="Doc Tor"))
    doctor.goto(RULES)
    expect(doctor.locator(".diff ins").first).to_be_visible()
    doctor.get_by_role("button", name="Approve").click()
    expect(doctor.get_by_text("Approved. It can be published now.")).to_be_visible()
    editor.goto(RULES)
    editor.get_by_label("Why does this change?").fill("Two clinics wait longer")
    editor.get_by_role("button", name="Publish now").click()
    expect(editor.get_by_text("Published. It counts from now on.")).to_be_visible()
    live = RulesVersion.objects.live(timezone.now()).get()
    assert (live.number, live.rules.get(code="peel_recent").when["wait"]) == (2, {"value": 8, "unit": "week"})
