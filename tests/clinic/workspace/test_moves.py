"""What the buttons offer is what the operation allows, for everybody, in every status, at every moment."""

from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.scheduling.models import Appointment, AppointmentEvent, Status
from clinic.scheduling.operations.transition import Wish, _status_before, check
from clinic.scheduling.policies.moves import MOVES
from clinic.scheduling.refusals import Refused
from clinic.workspace.queries.moves import moves_for
from clinic.workspace.queries.seen import seen_visit
from tests.build import NOW, Clinic, user
from tests.clinic.workspace.conftest import booked
from treatments.acting import Actor, acting_as

WITHOUT_CLAIMS = ("cancelled", "noshow", "entered-in-error")
STATUSES = [status for status in Status if status != Status.PROPOSED]


def as_if(visit: Appointment, status: Status, came_from: str, since: datetime) -> None:
    """Put a visit into a status, as its story would have."""
    with acting_as(Actor(task="test")):
        if status in WITHOUT_CLAIMS:
            visit.claims.all().delete()
        visit.status = status
        visit.save()
    AppointmentEvent.objects.create(
        appointment=visit,
        number=visit.events.count() + 1,
        at=since,
        task="test",
        verb="x",
        from_status=came_from,
        to_status=status,
        during=visit.during,
    )


def allowed(actor: Actor, verb: str, visit: Appointment, now: datetime) -> bool:
    try:
        check(actor, MOVES[verb], visit, Wish(visit.pk, verb, "a reason"), now)
        if MOVES[verb].target is None:
            _status_before(visit)
    except Refused:
        return False
    return True


@pytest.mark.parametrize("status", STATUSES)
def test_page_and_operation_agree(clinic: Clinic, status: Status) -> None:
    visit = booked(clinic)
    as_if(visit, status, "booked", clinic.at("08:00"))
    offered = _agree(clinic, visit)
    assert offered or status == Status.ENTERED_IN_ERROR


def test_what_was_cancelled_while_arrived_can_be_taken_back_the_same_day(clinic: Clinic) -> None:
    visit = booked(clinic)
    as_if(visit, Status.CANCELLED, "arrived", clinic.at("08:00"))
    _agree(clinic, visit)
    assert "undo-cancel" in moves_for(clinic.reception, seen_visit(visit.pk), clinic.at("09:00"))


def _agree(clinic: Clinic, visit: Appointment) -> int:
    """How many moves were offered in all, to everybody at all moments."""
    people = [
        clinic.reception,
        clinic.practitioners[0].user,
        clinic.practitioners[1].user,
        user(roles=("owner",)),
        user(roles=("owner", "practitioner")),
        user(roles=("content_admin",)),
        user(),
    ]
    moments = [clinic.at("09:00"), clinic.at("10:30"), clinic.at("10:30") + timedelta(days=1), NOW]
    offered = 0
    for who, now in product(people, moments):
        found = moves_for(who, seen_visit(visit.pk), now)
        row = Appointment.objects.get(pk=visit.pk)
        assert set(found) == {verb for verb in MOVES if allowed(Actor(user=who), verb, row, now)}, (who.roles, now)
        offered += len(found)
    return offered


def test_asking_costs_no_query(clinic: Clinic) -> None:
    seen = seen_visit(booked(clinic).pk)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        moves_for(clinic.practitioners[0].user, seen, clinic.at("09:50"))
        moves_for(clinic.reception, seen, clinic.at("09:50"))
    assert len(asked) == 0
