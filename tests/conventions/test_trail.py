"""Whoever opens clinical facts is written down, exactly once an opening, or is shown nothing; whatever page it is."""

from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from clinic.accounts.checks import patterns
from clinic.accounts.models import User
from clinic.accounts.roles import PATIENT, ROLES
from clinic.scheduling.models import AppointmentEvent
from patients import encryption
from patients.models import TrailEntry
from tests.build import Clinic
from tests.journeys.house import NEWCOMER, NOBODY, TOKEN, VISITORS, House
from tests.journeys.people import answering
from treatments.doors import PUBLIC, door_of

CLINICAL = "patients_"  # where sealed facts about a person stand
READ_BUT_NOT_SHOWN = {  # they look which question is still open, and lead there
    "questions/",
    "book/next/",
    "book/confirm/",  # nothing to say of harmless answers
    "visits/<uuid:pk>/",
    "visits/<uuid:pk>/done/",
    "visits/<uuid:pk>/questions/",
}
SAID = "13 July 2019"  # an answer, as pages show it
NOTE = "note of a reviewer"
REFUSE = """
create function refuse_trail() returns trigger language plpgsql as $$ begin raise exception 'no trail today'; end $$;
create trigger refuse_trail before insert on patients_trailentry for each row execute function refuse_trail();
"""


class Look(NamedTuple):
    who: str
    route: str
    address: str


class Seen(NamedTuple):
    look: Look
    answer: HttpResponse
    opened: tuple[str, ...]  # where sealed facts were read
    lines: int  # of the trail


@pytest.fixture
def house(cloned: str) -> House:
    clinic = Clinic(practitioners=2, rooms=2, pens=2, screening=True, now=timezone.now() - timedelta(days=1))
    made = House(clinic)
    for patient in (made.people[PATIENT].patient, made.pending.patient):
        answering(patient, clinic.place, page="medicines", isotretinoin="2019-07-13")
    last = made.today[-4].events.order_by("number").last()
    AppointmentEvent.objects.create(
        appointment=made.today[-4], number=last.number + 1, at=last.at, user=made.clinic.practitioners[0].user,
        verb="acknowledge", from_status="pending", to_status="booked", during=last.during, reason=NOTE,
    )
    return made


def browser(house: House, who: str) -> Client:
    client = Client(raise_request_exception=False)
    user: User = house.people[who]
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": timezone.now().timestamp(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.update({"holder": TOKEN} if who == PATIENT else {})
    session.save()
    return client


def looks(house: House) -> Iterator[Look]:
    for who in VISITORS:
        if who == NOBODY:
            continue
        may = {PUBLIC}.union(*(ROLES.get(role, ()) for role in {PATIENT, who}))
        for route, pattern in patterns():
            if pattern.name and door_of(pattern.callback) in may and "sign-out" not in route and "mailbox" not in route:
                yield from (Look(who, route, address) for address in house.addresses(route, who))


def walk(house: House, monkeypatch: pytest.MonkeyPatch) -> list[Seen]:
    """Every page as everybody who may open it, and what each of them read and wrote."""
    read: list[str] = []
    unseal = encryption.unseal

    def watched(stored: bytes, place: str) -> str:
        read.append(place)
        return unseal(stored, place)

    monkeypatch.setattr(encryption, "unseal", watched)  # it looks on; nothing is replaced
    browsers = {who: browser(house, who) for who in house.people}
    seen = []
    for look in looks(house):
        read.clear()
        before = TrailEntry.objects.count()
        answer = browsers[look.who].get(look.address)
        opened = tuple(sorted({place.rsplit(".", 1)[0] for place in read if place.startswith(CLINICAL)}))
        seen.append(Seen(look, answer, opened, TrailEntry.objects.count() - before))
    return seen


def test_x(house, monkeypatch):
    seen = walk(house, monkeypatch)
    print(len(seen))
    for one in seen:
        if one.opened or one.lines:
            print(one.look.who, one.look.route, one.answer.status_code, one.opened, one.lines)
    assert 0
