"""What the operations share. Functions that change anything ask for the `Locked` of their transaction."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.crypto import salted_hmac

from clinic.messaging import outbox
from clinic.scheduling.locks import Locked
from clinic.scheduling.models import Appointment, AppointmentEvent, Claim, IdempotencyKey, Status
from clinic.scheduling.policies.moves import BY_STATUS, CHANGES, MOVES, WITHOUT_A_MOVE
from clinic.scheduling.refusals import JustTaken, KeyReused, TryAgain, refusing
from clinic.scheduling.stretches import Plan
from patients.models import CareTeam
from treatments import sql
from treatments.acting import Actor, acting_as

Result = TypeVar("Result")
KEPT = "select fingerprint, appointment_id from scheduling_idempotencykey where actor = %s and key = %s"
COUNTED = "select count(*) from scheduling_appointmentevent where appointment_id = %s"
LAPSED = """
select distinct v.id from scheduling_appointment as v join scheduling_claim as c on c.appointment_id = v.id
where v.status = 'proposed' and v.expires_at <= %s and c.resource_id = any(%s) and c.during && %s
"""
LONGER = """
insert into patients_careteam (patient_id, user_id, why, since, until) values (%s, %s, %s, %s, %s)
on conflict on constraint care_team_once do update
set until = excluded.until where patients_careteam.until < excluded.until
"""
TRIES = 3
CARE_LASTS = timedelta(days=365)


class Chosen(NamedTuple):
    """Who and what a visit will occupy: a resource for each role of its plan."""

    practitioner: int
    by_role: dict[str, int]


def carry_out(actor: Actor, attempt: Callable[[], Result]) -> Result:
    """Run a whole verb in one transaction; start over when it met another one, at most twice, then "just taken"."""
    for _ in range(TRIES):
        try:
            with acting_as(actor), refusing():
                return attempt()
        except TryAgain:
            continue
    raise JustTaken


def fingerprint(**asked: Any) -> str:
    """What was asked for, as a keyed hash (reasons are in it): the same request under the same key is a repetition."""
    said = json.dumps(asked, default=str, sort_keys=True)
    return salted_hmac("scheduling.fingerprint", said, algorithm="sha256").hexdigest()


def replay(actor: Actor, key: UUID, asked: str) -> Appointment | None:
    """The visit that came of this very request before, or None. Raises KeyReused for another request under the key."""
    kept = sql.row(KEPT, [actor.name, key])
    if kept is None:
        return None
    if kept[0] != asked:
        raise KeyReused
    return Appointment.objects.get(pk=kept[1])


def remember(actor: Actor, key: UUID, asked: str, visit: Appointment) -> None:
    IdempotencyKey.objects.create(actor=actor.name, key=key, fingerprint=asked, appointment=visit)


def during_of(plan: Plan, start: datetime) -> DateTimeTZRange:
    return DateTimeTZRange(start, start + timedelta(minutes=plan.present))


def occupied_of(plan: Plan, start: datetime) -> DateTimeTZRange:
    end = start + timedelta(minutes=plan.present + plan.after)
    return DateTimeTZRange(start - timedelta(minutes=plan.before), end)


def write_claims(locked: Locked, visit: Appointment, plan: Plan, chosen: Chosen) -> None:
    """One claim for each stretch. The constraint `one_claim` has the last word."""
    start = visit.during.lower
    Claim.objects.bulk_create(
        Claim(
            appointment=visit,
            resource_id=chosen.by_role[stretch.role],
            during=DateTimeTZRange(start + timedelta(minutes=stretch.a), start + timedelta(minutes=stretch.b)),
        )
        for stretch in plan.stretches
    )


def drop_lapsed(locked: Locked, occupied: DateTimeTZRange, now: datetime) -> None:
    """Delete whole the lapsed holds that stand in the way on the locked resources; nothing was ever written of them."""
    lapsed = sql.rows(LAPSED, [now, list(locked.resources), occupied])
    if lapsed:
        Appointment.objects.filter(pk__in=[pk for (pk,) in lapsed]).delete()


def note_event(
    actor: Actor, visit: Appointment, verb: str, before: str, now: datetime, reason: str = ""
) -> AppointmentEvent:
    """One more line of the visit's story, and the letter that the transition table names for it."""
    event = AppointmentEvent.objects.create(
        appointment=visit,
        number=sql.rows(COUNTED, [visit.pk])[0][0] + 1,  # the caller holds the visit's lock, or has just made it
        at=now,
        user=actor.user,
        task="" if actor.user else "holder" if actor.holder else actor.name,  # never the token's hash: the story is for good
        verb=verb,
        from_status=before,
        to_status=visit.status,
        during=visit.during,
        reason=reason,
    )
    letter = _letter(verb, visit)
    if letter:
        outbox.put(letter, visit.pk, dedupe=f"{letter}:{event.pk}", due=now)
    return event


def _letter(verb: str, visit: Appointment) -> str:
    """What the transition table names; where that is BY_STATUS, what the visit now is. A booking is told by its status."""
    if verb in CHANGES and visit.status == Status.BOOKED:
        return "changed"
    letter = MOVES[verb].letter if verb in MOVES else WITHOUT_A_MOVE.get(verb, BY_STATUS)
    if letter != BY_STATUS:
        return letter
    return {Status.BOOKED: "confirmation", Status.PENDING: "received"}.get(Status(visit.status), "")


def join_care_team(visit: Appointment, now: datetime) -> None:
    """The practitioner of a visit may see the patient's clinical facts until a year after it."""
    user = visit.practitioner.user_id
    if user is None or visit.patient_id is None:
        return
    until = visit.during.upper + CARE_LASTS
    sql.run(LONGER, [visit.patient_id, user, CareTeam.Why.VISIT, now, until])  # who has one already keeps it, for longer
