"""What people do in a browser, in their own words."""

import re
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Locator, Page, expect

USUAL = ("No", "Never", "None of these")  # what somebody without anything special answers


def settle(page: Page) -> None:
    page.wait_for_load_state("load")


def choose_first_time(page: Page, treatment: str) -> None:
    """From the home page to a held time, a few days ahead."""
    page.goto("/")
    page.get_by_role("link", name="Find a time").first.click()
    page.get_by_role("link", name=treatment, exact=True).click()
    open_next_wednesday(page)
    page.locator("button.time").nth(3).click()
    settle(page)


def open_next_wednesday(page: Page) -> None:
    """The third day of the week after, once it is really shown."""
    monday = page.locator(".week-strip .day-number").first
    this_week = monday.inner_text()
    page.get_by_role("link", name="Week after").click()
    expect(monday).not_to_have_text(this_week)
    wednesday = page.locator(".week-strip li").nth(2).locator("a")
    day = (wednesday.get_attribute("aria-label") or "").split(",")[0]
    wednesday.click()
    expect(page.locator("#open-day")).to_have_text(day)


def sign_in(page: Page, email: str) -> None:
    """On the sign-in page: the address, then the code from the letter."""
    page.get_by_label("Your e-mail address").fill(email)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("The code from our letter").fill(code_for(email))
    page.get_by_role("button", name="Go on", exact=True).click()
    settle(page)


def code_for(email: str) -> str:
    """The newest code that was sent to an address."""
    letters = sorted(Path(settings.EMAIL_FILE_PATH).glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True)
    texts = (path.read_text() for path in letters)
    found = next(text for text in texts if f"To: {email}" in text)
    return re.findall(r"(?m)^(\d{6})$", found)[-1]


def give_details(page: Page, given: str = "Robin", family: str = "Sample") -> None:
    page.get_by_label("First name").fill(given)
    page.get_by_label("Last name").fill(family)
    for label, value in (("Day", "17"), ("Month", "5"), ("Year", "1990")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Telephone").fill("020 7946 0001")
    page.locator("main form").last.locator("[type=submit]").click()
    settle(page)


def answer_page(page: Page, **special: str) -> None:
    """Answer one page of questions as usual, or by `special`: {a part of the question: the label to choose}."""
    for question in page.locator("main fieldset:has(input)").all():
        text = question.inner_text()
        wanted = next((label for part, label in special.items() if part.replace("_", " ") in text), None)
        if wanted and re.fullmatch(r"\d{4}-\d{2}-\d{2}", wanted):
            write_day(question, wanted)
            continue
        labels = [label.inner_text().strip().split("\n")[0] for label in question.locator("label").all()]
        choice = wanted or next((label for label in labels if label in USUAL), labels[0])
        question.locator("label").nth(labels.index(choice)).click()
    page.locator("main form").last.locator("[type=submit], button").first.click()
    settle(page)


def write_day(question: Locator, day: str) -> None:
    question.get_by_text("On this day:").click()
    for label, part in zip(("Year", "Month", "Day"), day.split("-"), strict=True):
        question.get_by_label(label, exact=True).fill(part)


def answer_all(page: Page, **special: str) -> None:
    for _ in range(30):
        if "/questions/" not in page.url:
            return
        answer_page(page, **special)
    raise AssertionError("the questions never end")


def letter_to(email: str) -> str:
    """All letters to an address, as they were sent."""
    return "\n".join(text for text in _letters() if f"To: {email}" in text)


def all_letters() -> str:
    return "\n".join(_letters())


def _letters() -> list[str]:
    return [path.read_text() for path in Path(settings.EMAIL_FILE_PATH).glob("*.log")]
