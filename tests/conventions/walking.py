"""What the tests that walk through the whole site share: a furnished clinic, its people's browsers, and its addresses."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

from django.test import Client
from django.utils import timezone

from clinic.accounts.checks import patterns
from clinic.accounts.roles import PATIENT, ROLES
from tests.build import Clinic, pointed_at
from tests.conftest import _as_owner
from tests.journeys.house import NOBODY, TOKEN, VISITORS, House
from treatments.doors import PUBLIC, door_of

LEFT_OUT = ("sign-out", "mailbox")  # it would end the walk; this machine's own letters


class Look(NamedTuple):
    who: str
    route: str
    address: str


@contextmanager
def furnished(template: str, name: str) -> Iterator[House]:
    """A clinic that has one of each, committed in a database of its own."""
    _as_owner(f'create database "{template}_{name}" template "{template}"')
    try:
        with pointed_at(f"{template}_{name}"):
            yield House(Clinic(practitioners=2, rooms=2, pens=2, screening=True, now=timezone.now() - timedelta(days=1)))
    finally:
        _as_owner(f'drop database "{template}_{name}" with (force)')


def browser(house: House, who: str) -> Client:
    """Signed in, and has just said who they are."""
    client = Client(raise_request_exception=False)
    if who == NOBODY:
        return client
    client.force_login(house.people[who])
    session = client.session
    asked = {"method": "code", "at": timezone.now().timestamp(), "reauthenticated": True}
    session["account_authentication_methods"] = [asked]
    session["account_authentication_methods_user"] = str(house.people[who].pk)
    session.update({"holder": TOKEN} if who == PATIENT else {})
    session.save()
    return client


def looks(house: House) -> Iterator[Look]:
    """Every address, as everybody who may open it."""
    for who in VISITORS:
        may = {PUBLIC}.union(*(ROLES.get(role, ()) for role in (set() if who == NOBODY else {PATIENT, who})))
        for route, pattern in patterns():
            if pattern.name and door_of(pattern.callback) in may and not any(word in route for word in LEFT_OUT):
                yield from (Look(who, route, address) for address in house.addresses(route, who))
