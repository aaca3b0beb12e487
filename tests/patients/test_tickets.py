from base64 import urlsafe_b64decode
from datetime import date, timedelta

import pytest
import time_machine
from django.core import signing

from patients.tickets import SALT, Ticket
from tests import build

TICKET = Ticket("microneedling", date(2027, 3, 1), "GB-ENG", "/book/next/")


def test_a_ticket_comes_back_as_it_was_signed():
    assert Ticket.read(TICKET.sign()) == TICKET


def test_a_ticket_tells_nobody_what_the_visit_is_for():
    body = TICKET.sign().split(":")[0]
    assert b"needling" not in urlsafe_b64decode(body + "==")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "a:b:c",
        "\x00",
        "x" * 10_000,
        TICKET.sign()[:-1],
        signing.dumps({"treatment": "microneedling"}, salt=SALT),
        signing.dumps({"treatment": "m", "on": "soon", "jurisdiction": "GB", "next": "/"}, salt=SALT),
        signing.dumps({"treatment": "m", "on": "2027-03-01", "jurisdiction": "GB", "next": "/", "more": 1}, salt=SALT),
        signing.dumps([1, 2], salt=SALT),
        signing.dumps({"treatment": "m", "on": "2027-03-01", "jurisdiction": "GB", "next": "/"}, salt="other"),
    ],
    ids=lambda text: "text",  # signed texts differ from worker to worker
)
def test_what_is_not_a_ticket_of_ours_is_none(text):
    assert Ticket.read(text) is None


def test_a_ticket_lasts_twelve_hours():
    with time_machine.travel(build.NOW, tick=False) as clock:
        text = TICKET.sign()
        clock.shift(timedelta(hours=12))
        assert Ticket.read(text) == TICKET
        clock.shift(timedelta(seconds=2))
        assert Ticket.read(text) is None
