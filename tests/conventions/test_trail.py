"""Whoever opens clinical facts is written down, exactly once an opening, or is shown nothing; whatever page it is."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import NamedTuple

import pytest
from django.db import connections
from django.http import HttpResponse

from clinic.accounts.roles import PATIENT
from clinic.scheduling.models import AppointmentEvent
from patients import encryption
from patients.models import TrailEntry
from tests.conventions.walking import Look, browser, furnished, looks
from tests.journeys.house import VISITORS, House
from tests.journeys.people import answering

CLINICAL = "patients_"  # the tables where sealed facts about a person stand
OPENING = {  # the pages that show such facts, at least: a new one joins by itself
    "questions/<slug:page>/",
    "questions/review/",
    "record/",
    "book/confirm/",
    "workspace/visits/<uuid:pk>/",
    "workspace/review/<uuid:pk>/",
    "workspace/patients/<uuid:pk>/record/",
    "workspace/emergencies/<uuid:pk>/",
}
TELLS_NO_ANSWER = {"workspace/rules/visits/"}  # which visits a draft of the rules would touch: their tiers alone
MARKS = ("13 July 2019", "note of a reviewer", "Fainted in the waiting room")
REFUSE = """
create function refuse_trail() returns trigger language plpgsql as $$ begin raise exception 'no trail today'; end $$;
create trigger refuse_trail before insert on patients_trailentry for each row execute function refuse_trail();
"""
ALLOW = "drop trigger refuse_trail on patients_trailentry; drop function refuse_trail();"


class Seen(NamedTuple):
    look: Look
    answer: HttpResponse
    opened: tuple[str, ...]  # where sealed facts were read
    lines: int  # of the trail


@pytest.fixture(scope="module")
def house(template: str, django_db_blocker) -> Iterator[House]:
    """People have answered there, and a reviewer has noted something."""
    with django_db_blocker.unblock(), furnished(template, "trail") as made:
        yield with_marks(made)


def with_marks(house: House) -> House:
    for patient in (house.people[PATIENT].patient, house.pending.patient):
        answering(patient, house.clinic.place, page="medicines", isotretinoin="2019-07-13")
        answering(patient, house.clinic.place, breastfeeding="yes")
    visit, doctor = house.today[4], house.clinic.practitioners[0].user
    last = visit.events.order_by("number").last()
    said = {"verb": "acknowledge", "from_status": "pending", "to_status": "booked", "reason": "note of a reviewer"}
    more = {"number": last.number + 1, "at": last.at, "user": doctor, "during": last.during}
    AppointmentEvent.objects.create(appointment=visit, **said, **more)
    return house


@pytest.fixture(scope="module")
def walk(house: House) -> list[Seen]:
    """What each look read of the sealed facts, and what it wrote down."""
    read: list[str] = []
    unseal = encryption.unseal

    def watched(stored: bytes, place: str) -> str:
        read.append(place)
        return unseal(stored, place)

    browsers, seen = {who: browser(house, who) for who in VISITORS}, []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encryption, "unseal", watched)  # it looks on; nothing is replaced
        for look in looks(house):
            read.clear()
            before = TrailEntry.objects.count()
            answer = browsers[look.who].get(look.address)
            opened = tuple(sorted({place.rsplit(".", 1)[0] for place in read if place.startswith(CLINICAL)}))
            seen.append(Seen(look, answer, opened, TrailEntry.objects.count() - before))
    return seen


def shown(answer: HttpResponse) -> list[str]:
    text = answer.content.decode(errors="replace")
    return [mark for mark in MARKS if mark in text]


def test_whatever_page_reads_clinical_facts_writes_one_line_and_no_page_writes_two(walk: list[Seen]) -> None:
    told = [one for one in walk if one.look.route not in TELLS_NO_ANSWER]
    pages = [one for one in told if one.answer.status_code != HTTPStatus.FOUND]  # who is sent on is shown nothing
    assert [(*one.look, one.opened) for one in pages if one.opened and one.lines != 1] == []
    assert [one.look for one in walk if one.lines > 1] == []


def test_these_pages_open_something_or_the_walk_proves_nothing(walk: list[Seen]) -> None:
    assert OPENING - {one.look.route for one in walk if one.lines == 1} == set()
    assert {mark for one in walk for mark in shown(one.answer) if one.lines} == {*MARKS}


def test_what_no_page_may_show_is_on_no_page_without_a_line(walk: list[Seen]) -> None:
    assert [one.look for one in walk if shown(one.answer) and not one.lines] == []


def test_nobody_is_written_down_who_was_shown_nothing_of_others(walk: list[Seen], house: House) -> None:
    """An opening in the trail is one of the own record, or of a patient of one's care team."""
    for line in TrailEntry.objects.exclude(fields=["emergency_reason"]).select_related("patient"):
        own = line.patient.user_id == line.user_id
        assert own or line.patient.care_team.filter(user=line.user).exists()


def test_while_the_trail_cannot_be_written_nothing_clinical_is_shown(house: House, walk: list[Seen]) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(REFUSE)
    try:
        for one in (one for one in walk if one.lines):
            answer = browser(house, one.look.who).get(one.look.address)
            assert answer.status_code == HTTPStatus.INTERNAL_SERVER_ERROR, one.look
            assert "Something went wrong on our side" in answer.content.decode(), one.look
            assert shown(answer) == [], one.look
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute(ALLOW)
