"""The connection dies in the middle: whichever statement was the last, all of the verb is stored or nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, connections
from django.db.utils import InterfaceError, OperationalError

from clinic.scheduling import operations
from clinic.scheduling.models import WaitlistOffer
from clinic.scheduling.operations import Adjustment, Change, Joining, NewCourse, NewHours, Planned, Wish
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.queries import checks
from tests.build import MONDAY, NOW, Clinic, one_check, patient, user
from tests.patients.world import answer_all, person, ticket
from tests.races import reviewing
from tests.races.harness import Call
from tests.races.rivals import book, change, close, confirm, hold, move
from tests.scheduling.laser import equip
from treatments.acting import Actor

pytestmark = pytest.mark.race

LONGEST = 200  # statements: a verb that is never through is a defect of this test


def renewed(clinic: Clinic) -> Call:
    hold(clinic, clinic.at("10:00"), holder="here")()
    return partial(operations.renew, holder="here", now=NOW + timedelta(minutes=5))


def released(clinic: Clinic) -> Call:
    hold(clinic, clinic.at("10:00"), holder="here")()
    return partial(operations.release, holder="here")


def swept(clinic: Clinic) -> Call:
    hold(clinic, clinic.at("10:00"))()
    return partial(operations.sweep, now=NOW + timedelta(days=1))


def confirmed(clinic: Clinic) -> Call:
    hold(clinic, clinic.at("10:00"), holder="here")()
    return confirm("here", patient())


def held_anew(clinic: Clinic) -> Call:
    hold(clinic, clinic.at("10:00"), holder="here")()
    return hold(clinic, clinic.at("11:00"), holder="here")


def moved(verb: str, *before: str) -> Callable[[Clinic], Call]:
    """The move `verb` of a visit that has made the moves `before`."""

    def prepare(clinic: Clinic) -> Call:
        visit = book(clinic, clinic.at("10:00"), patient())()
        for done in before:
            make(clinic, visit, done)()
        return make(clinic, visit, verb)

    return prepare


def make(clinic: Clinic, visit: Any, verb: str) -> Call:
    """By the one who may, at a time when it may be."""
    at = visit.during.lower + timedelta(minutes=30 if verb == "complete" else 5)
    who = clinic.practitioners[0].user if verb in {"start", "complete", "reopen"} else clinic.reception
    return partial(operations.transition, actor=Actor(user=who), wish=Wish(visit.pk, verb, "a reason"), now=at)


def rescheduled(clinic: Clinic) -> Call:
    visit = book(clinic, clinic.at("10:00"), patient())()
    return change(clinic, visit, clinic.at("13:00"))


def proposed(clinic: Clinic) -> Call:
    visit = book(clinic, clinic.at("10:00"), patient())()
    close(clinic)()
    return partial(operations.propose, actor=Actor(user=clinic.reception), visit=visit.pk, now=NOW)


def accepted(clinic: Clinic) -> Call:
    hold = proposed(clinic)()
    asked = Change(hold.held_for_visit_id, taking=hold.pk)
    return partial(operations.reschedule, actor=Actor(user=clinic.reception), change=asked, key=uuid4(), now=NOW)


def adjusted(clinic: Clinic) -> Call:
    visit = book(clinic, clinic.at("10:00"), patient())()
    asked = Adjustment(visit.pk, visit.during.upper + timedelta(minutes=10))
    return partial(operations.adjust, actor=Actor(user=clinic.reception), adjustment=asked, now=NOW)


def reopened(clinic: Clinic) -> Call:
    made = close(clinic)()
    return partial(operations.reopen_time, actor=Actor(user=clinic.reception), closure=made.pk, now=NOW)


def new_course(clinic: Clinic) -> Call:
    starts = [clinic.at("10:00", day=MONDAY + timedelta(days=28 * n)) for n in range(2)]
    course = NewCourse(patient(), clinic.place, tuple(Planned(clinic.microneedling, start) for start in starts))
    return partial(operations.book_course, actor=Actor(user=clinic.reception), course=course, key=uuid4(), now=NOW)


def reflowed(clinic: Clinic) -> Call:
    visits = [item.appointment for item in new_course(clinic)().items.all()]
    changes = [Change(visit.pk, visit.during.lower + timedelta(days=1)) for visit in visits]
    return partial(operations.reflow, actor=Actor(user=clinic.reception), changes=changes, key=uuid4(), now=NOW)


def joined(clinic: Clinic) -> Call:
    wishes = Wishes(MONDAY, MONDAY + timedelta(days=20))
    asked = Joining(patient(), clinic.microneedling, clinic.place, wishes)
    return partial(operations.join, actor=Actor(user=clinic.reception), joining=asked, now=NOW)


def offered(clinic: Clinic) -> Call:
    joined(clinic)()
    return partial(operations.offer_times, now=NOW)


def answered(verb: Callable[..., object], **more: object) -> Callable[[Clinic], Call]:
    def prepare(clinic: Clinic) -> Call:
        offered(clinic)()
        offer = WaitlistOffer.objects.get()
        return partial(verb, actor=Actor(user=clinic.reception), offer=offer.pk, now=NOW, **more)

    return prepare


def withdrawn(clinic: Clinic) -> Call:
    offered(clinic)()
    entry = WaitlistOffer.objects.get().entry_id
    return partial(operations.withdraw, actor=Actor(user=clinic.reception), entry=entry, now=NOW)


def answers_taken(clinic: Clinic) -> Call:
    """The check of the last days, with an answer that sends the visit to a clinician."""
    one_check()
    who, day = person(), MONDAY + timedelta(days=14)
    answer_all(who, ticket(on=day), NOW)
    visit = book(clinic, clinic.at("10:00", day=day), who)()
    before = visit.during.lower - timedelta(days=1)
    answer_all(who, checks.open_check(visit, before), before, active_infection="yes")
    later = before + timedelta(minutes=1)
    return partial(operations.take_answers, actor=Actor(user=who.user), patient=who, now=later)


def relied_on(clinic: Clinic) -> Call:
    """A talk is cancelled on which two laser sessions rely."""
    nafl, _ = equip(clinic)
    who, weeks = patient(), timedelta(days=7)
    talk = book(clinic, clinic.at("10:00"), who, treatment=clinic.consultation)()
    for n in (2, 8):
        book(clinic, clinic.at("10:00", day=MONDAY + n * weeks), who, treatment=nafl)()
    return move(clinic, talk, "cancel")


def new_hours(clinic: Clinic) -> Call:
    owner = Actor(user=user(roles=("owner",)))
    return partial(operations.set_hours, actor=owner, hours=NewHours(clinic.rooms[0], clinic.place, MONDAY, {}))


VERBS: dict[str, Callable[[Clinic], Call]] = {
    "hold": lambda clinic: hold(clinic, clinic.at("10:00")),
    "hold anew": held_anew,
    "renew": renewed,
    "release": released,
    "sweep": swept,
    "confirm": confirmed,
    "book": lambda clinic: book(clinic, clinic.at("10:00"), patient()),
    "cancel": lambda clinic: move(clinic, book(clinic, clinic.at("10:00"), patient())(), "cancel"),
    "cancel what others rely on": relied_on,
    "take the answers of a check": answers_taken,
    "undo cancel": moved("undo-cancel", "cancel"),
    "arrive": moved("arrive"),
    "complete": moved("complete", "arrive", "start"),
    "reopen": moved("reopen", "arrive", "start", "complete"),
    "reschedule": rescheduled,
    "adjust": adjusted,
    "close": lambda clinic: close(clinic),
    "reopen time": reopened,
    "propose": proposed,
    "accept a proposal": accepted,
    "book a course": new_course,
    "move a course": reflowed,
    "set hours": new_hours,
    "join the waitlist": joined,
    "offer a time": offered,
    "accept an offer": answered(operations.accept, key=uuid4()),
    "decline an offer": answered(operations.decline),
    "leave the waitlist": withdrawn,
    **reviewing.VERBS,
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_whose_connection_dies_is_done_whole_or_not_at_all(clinic: Clinic, verb: str) -> None:
    before = None
    for stored in after_each_death(VERBS[verb](clinic)):
        before = before or stored
        assert stored == before
    assert before
    assert everything() != before


def test_what_is_done_in_two_halves_is_found_out(clinic: Clinic) -> None:
    """The negative control: two transactions one after the other."""
    calls = [book(clinic, clinic.at(clock), patient()) for clock in ("10:00", "14:00")]
    assert len({tuple(stored) for stored in after_each_death(lambda: [call() for call in calls])}) > 1


def after_each_death(call: Call) -> Iterator[list[tuple[str, str]]]:
    """What is stored after the connection died behind the first statement, the second, … until `call` gets through."""
    yield everything()
    for statement in range(1, LONGEST):
        if not dies_after(statement, call):
            return
        yield everything()
    raise AssertionError("the verb is never through")


def dies_after(statements: int, call: Call) -> bool:
    """Whether the connection died: it is ended from outside when so many statements of `call` have been carried out."""
    with killed_after(statements) as killed:
        try:
            call()
        except (OperationalError, InterfaceError):
            assert killed
    connection.close()
    return bool(killed)


@contextmanager
def killed_after(statements: int) -> Iterator[list[int]]:
    """The yielded list has the process of the connection once it has been ended."""
    killed: list[int] = []
    count = 0

    def counting(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        nonlocal count
        result = execute(sql, params, many, context)
        count += 1
        if count == statements:
            killed.append(connection.connection.info.backend_pid)
            end(killed[0])
        return result

    connection.ensure_connection()
    with connection.execute_wrapper(counting):
        yield killed


def end(process: int) -> None:
    """Its own time-out would be looked at ten times a second only."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("select pg_terminate_backend(%s)", [process])
        is_there = True
        while is_there:
            cursor.execute("select exists (select from pg_stat_activity where pid = %s)", [process])
            (is_there,) = cursor.fetchone()


def everything() -> list[tuple[str, str]]:
    """A hash over all rows of each of our tables that a verb could write."""
    models = [model for model in apps.get_models() if model._meta.app_label in {"scheduling", "messaging", "patients"}]
    hashes = (
        f"select '{table}', md5(string_agg(t::text, '|' order by t::text)) from {table} as t"
        for table in (model._meta.db_table for model in models)
    )
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(hashes))
        return sorted(cursor.fetchall())
