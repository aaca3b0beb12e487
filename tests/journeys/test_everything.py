"""Every page of the URLconf as everybody who may open it, on a phone, with axe; and every form with errors."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from clinic.accounts.checks import patterns
from clinic.accounts.roles import PATIENT, ROLES, Role
from tests.build import pointed_at
from tests.conftest import _as_owner
from tests.journeys import acts
from tests.journeys.conftest import made_clinic, serving, visiting
from tests.journeys.house import NEWCOMER, NOBODY, TOKEN, VISITORS, House
from tests.journeys.people import sign_in_quietly
from treatments.doors import PUBLIC, door_of

NOT_PAGES = {
    "livez": "a word for machines",
    "readyz": "a word for machines",
    "visits/<uuid:pk>/visit.ics": "a file for calendars",
    "account/second-factor/codes/file/": "a file to keep",
    "photos/<uuid:photo>/": "a picture by itself",
}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}, "resultTypes": ["violations"]}
VARYING = re.compile(
    r'csrfmiddlewaretoken" value="[^"]*"|name="seen" value="[^"]*"|ticket=[^"&]*|seconds-left="\d+"'
    r"|[0-9a-f]{8}-[0-9a-f-]{27}|\d\d:\d\d"
)
SPOIL = """form => {
    let long = "x".repeat(7000);  // the first text is too long, the others are empty
    form.noValidate = true;
    let ticks = !form.querySelector("input:not([type=hidden], [type=checkbox], [type=submit]), textarea");  // nothing else
    for (const field of form.querySelectorAll("input:not([type=hidden]), textarea")) {
        if (field.type === "checkbox" && ticks) { field.value = "nonsense"; field.checked = true; }
        else if (field.type === "checkbox") field.checked = false;
        else if (field.type === "radio") { field.value = "nonsense"; field.checked = true; }
        else if (field.type === "number") field.value = "-1";
        else if (field.type === "date") field.value = "";
        else if (field.type !== "submit" && field.type !== "file") { field.value = long; long = ""; }
    }
    form.requestSubmit();
}"""
FIELDS = "input:not([type=hidden], [type=submit]), textarea"  # of a list alone nothing wrong can be chosen


def pages_for(who: str) -> list[str]:
    """The routes that `who` may open, but for those that are no pages."""
    roles = set() if who == NOBODY else {PATIENT, who}
    may = {PUBLIC}.union(*(ROLES.get(role, ()) for role in roles))
    routes = {route: door_of(pattern.callback) for route, pattern in patterns() if route not in NOT_PAGES}
    return [route for route, door in routes.items() if door in may]


class Look:
    """What is wrong with the pages that were seen. Axe looks once at what looks the same.

    `seen` is a folder that all workers share: an empty file for every header and every content that axe has looked at.
    """

    def __init__(self, page: Page, seen: Path) -> None:
        self.page, self.seen, self.wrong, self.axe = page, seen, [], Axe()

    def open(self, address: str) -> int:
        answer = self.page.goto(address)
        return answer.status if answer else 0

    def at(self, name: str) -> bool:
        """Check the page that is open; False when one just like it was checked before."""
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.wrong.append((name, f"{wide} px too wide"))
        if not self._is_new():
            return False
        found = self.axe.run(self.page, options=RULES).response["violations"]
        self.wrong += [(name, rule["id"], node["html"][:150]) for rule in found for node in rule["nodes"][:3]]
        return True

    def _is_new(self) -> bool:
        parts = [part.inner_html() for part in self.page.locator("header, main").all()]
        return bool([part for part in parts if self._claim(sha256(VARYING.sub("", part).encode()).hexdigest())])

    def _claim(self, part: str) -> bool:
        try:
            (self.seen / part).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    def at_errors(self, name: str) -> None:
        """Send every form of the page as nobody should."""
        address = self.page.url
        for nth in range(self._forms().count()):
            if nth:
                self.page.goto(address)
            with self.page.expect_navigation():
                self._forms().nth(nth).evaluate(SPOIL)
            if not self.page.locator(".error-summary").first.is_visible():
                self.wrong.append((name, f"form {nth} was sent with errors, and nothing says so"))
            self.at(f"{name}, form {nth} with errors")

    def _forms(self) -> Locator:
        return self.page.locator("main form[method=post]").filter(has=self.page.locator(FIELDS))


@pytest.fixture(scope="module")
def seen(testrun_uid: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.getbasetemp().parent / f"seen-{testrun_uid}"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def house(template: str, tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[tuple[House, str]]:
    """The world that all visitors look at, and its address."""
    name = f"{template}_house"
    with django_db_blocker.unblock():
        _as_owner(f'create database "{name}" template "{template}"')
        with pointed_at(name), serving(tmp_path_factory.mktemp("house") / "mail") as server:
            yield House(made_clinic(template)), server
        _as_owner(f'drop database "{name}" with (force)')


LEADS_ON = {"start/", "typed/", "book/next/", "questions/"}  # steps that find out where to go
ONLY_WHILE_SIGNING_IN = {"account/sign-in/code/", "account/second-factor/ask/"}
AFTER_SIGNING_IN = LEADS_ON | ONLY_WHILE_SIGNING_IN | {"account/sign-in/"}
WITHOUT_A_HOLD = AFTER_SIGNING_IN | {"book/details/", "book/confirm/", "book/<int:treatment>/first/"}
WITH_A_FACTOR = {f"account/{page}/" for page in ("again", "second-factor/app")}
SAY_FIRST_WHO_YOU_ARE = {
    "book/<int:treatment>/first/",
    "book/confirm/",
    "call-me/",
    "questions/<slug:page>/",
    "questions/review/",
    "record/contacts/",
    "waitlist/new/",
}
ALL_ANSWERED = {"visits/<uuid:pk>/questions/"}  # back to the visit
NOT_HANDED_OVER = {f"workspace/visits/<uuid:pk>/consent/{page}/" for page in ("tablet", "back")}
LED_ON = {
    NOBODY: {"book/next/", "account/sign-out/"} | ONLY_WHILE_SIGNING_IN,
    NEWCOMER: AFTER_SIGNING_IN | SAY_FIRST_WHO_YOU_ARE,
    PATIENT: AFTER_SIGNING_IN | ALL_ANSWERED | {"book/details/"},
    **dict.fromkeys(Role.values, WITHOUT_A_HOLD | ALL_ANSWERED),
    Role.PRACTITIONER: WITHOUT_A_HOLD | ALL_ANSWERED | NOT_HANDED_OVER,
    Role.OWNER: WITHOUT_A_HOLD | WITH_A_FACTOR | ALL_ANSWERED,
}


@pytest.mark.parametrize("who", VISITORS)
def test_every_page_is_fit_for_whoever_may_open_it(who: str, house: tuple[House, str], browser: Browser, seen: Path) -> None:
    home, server = house
    with visiting(browser, server) as context:
        if who != NOBODY:
            sign_in_quietly(context, home.people[who], server, **({"holder": TOKEN} if who == PATIENT else {}))
        look, led_on = Look(context.new_page(), seen), set()
        for route in pages_for(who):
            for address in home.addresses(route, who):
                status = look.open(address)
                if status == HTTPStatus.METHOD_NOT_ALLOWED:  # only forms are sent there; it shows a way on
                    look.at(address)
                elif look.page.url.removeprefix(server).split("?")[0] != address.split("?")[0]:
                    led_on.add(route)
                elif status != HTTPStatus.OK:
                    look.wrong.append((address, status))
                elif look.at(address):
                    look.at_errors(address)
    assert look.wrong == []
    assert led_on == LED_ON[who]


def test_the_pages_between_signing_in_and_being_in(house: tuple[House, str], browser: Browser, seen: Path) -> None:
    home, server = house
    email = home.people[Role.OWNER].email
    with visiting(browser, server) as context:
        look = Look(context.new_page(), seen)
        look.page.goto("/account/sign-in/")
        look.page.get_by_label("Your e-mail address").fill(email)
        look.page.get_by_role("button", name="Send me a code").click()
        look.page.wait_for_url("**/account/sign-in/code/")
        if look.at("code"):
            look.at_errors("code")
        look.page.get_by_label("The code from our letter").fill(acts.code_for(email))
        look.page.get_by_role("button", name="Go on", exact=True).click()
        look.page.wait_for_url("**/account/second-factor/ask/")
        if look.at("second factor"):
            look.at_errors("second factor")
    assert look.wrong == []


def test_a_page_that_does_not_exist_says_so(house: tuple[House, str], browser: Browser, seen: Path) -> None:
    with visiting(browser, house[1]) as context:
        look = Look(context.new_page(), seen)
        assert look.open("/nowhere/") == HTTPStatus.NOT_FOUND
        look.at("/nowhere/")
    assert look.wrong == []


BROKEN = """() => {
    document.querySelector("main").innerHTML = '<img src="/static/clinic/favicon.svg" style="border: 0"><p>wide</p>';
    document.querySelector("main p").style.width = "9000px";
}"""


def test_the_looking_itself_finds_what_is_wrong(house: tuple[House, str], browser: Browser, seen: Path) -> None:
    with ExitStack() as stack:
        look = Look(stack.enter_context(visiting(browser, house[1])).new_page(), seen)
        look.open("/places/")
        look.page.evaluate(BROKEN)
        look.at("broken")
        with pytest.raises(AssertionError, match="Content Security Policy"):
            stack.close()
    assert {rule for _, rule, *where in look.wrong if where} == {"image-alt"}
    assert any("too wide" in what for _, what, *where in look.wrong if not where)
