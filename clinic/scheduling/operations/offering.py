"""Offering free times to those who wait: each time is a real hold, for one person, for a while.

Nobody tells the waitlist that a time has become free: it looks. So whatever freed or added a time, it is found, and a
worker that was away has missed nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db.models import Q

from clinic.messaging import outbox
from clinic.scheduling import locks
from clinic.scheduling.models import Appointment, Location, Status, WaitlistEntry, WaitlistOffer
from clinic.scheduling.operations import inner
from clinic.scheduling.operations.placing import Place, put
from clinic.scheduling.operations.waitlist import close, give_back, locked_entry
from clinic.scheduling.policies.matching import Time, Why
from clinic.scheduling.queries.availability import candidates
from clinic.scheduling.queries.times import Wanted, wanted
from clinic.scheduling.queries.visits import TO_COME
from clinic.scheduling.queries.waiting import OPEN, WAITING, Candidate, free_times, until, waited_for, waiting, waiting_for
from clinic.scheduling.refusals import JustTaken, NotBookable, Refused
from treatments.acting import Actor
from treatments.models import Treatment

BY_ITSELF = Actor(task="waitlist")
BY_DAY = range(8, 20)  # hours at the location: at night nobody would answer before the time passes on
MOST_TRIES = 3  # times of one entry that others take under our eyes; the next look sees what is left


def offer_times(*, now: datetime) -> int:
    """Take back what was not answered, and offer what is free now; how many offers were made. Any number may run at once.

    A time goes to somebody whose wishes it all meets, else to whoever waits longest and can come. One open offer each.
    """
    for lapsed in list(WaitlistOffer.objects.filter(answer=OPEN, expires_at__lte=now).values_list("entry", flat=True)):
        inner.carry_out(BY_ITSELF, partial(_lapse, lapsed, now))
    for over in _over(now):
        inner.carry_out(BY_ITSELF, partial(_end, over, now))
    awake = [(place, treatment) for place, treatment in waited_for() if now.astimezone(place.tz).hour in BY_DAY]
    return sum(_offer_at(place, treatment, now) for place, treatment in awake)


def _lapse(pk: UUID, now: datetime) -> None:
    locked, entry = locked_entry(pk)
    for offer in entry.offers.filter(answer=OPEN, expires_at__lte=now):
        give_back(locked, offer, WaitlistOffer.Answer.LAPSED)


def _over(now: datetime) -> list[UUID]:
    """Those whose days are over, and those whose visit will not be moved any more."""
    moved = Q(instead_of__isnull=False) & (~Q(instead_of__status__in=TO_COME) | Q(instead_of__during__startswith__lte=now))
    ended = [entry.pk for entry in waiting() if entry.days.upper <= now.astimezone(entry.location.tz).date()]
    return list(WaitlistEntry.objects.filter(moved | Q(pk__in=ended), outcome=WAITING).values_list("pk", flat=True))


def _end(pk: UUID, now: datetime) -> None:
    locked, entry = locked_entry(pk)
    if entry.outcome == WAITING:
        close(locked, entry, WaitlistOffer.Answer.LAPSED, now)


def _offer_at(place: Location, treatment: Treatment, now: datetime) -> int:
    """All that can be offered of one treatment at one place. The free times are read again after each offer."""
    try:
        asked = wanted(treatment, place, now)
    except NotBookable:
        return 0
    entries = [entry for entry in waiting_for(treatment, place) if not any(o.answer == OPEN for o in entry.offers.all())]
    made = 0
    while entries:
        free = _free(asked, entries, now)
        served = _serve(asked, entries, free, now)
        if served is None:
            break
        made += 1
        entries.remove(served)
    return made


def _free(asked: Wanted, entries: Sequence[WaitlistEntry], now: datetime) -> list[Time]:
    first = max(min(entry.days.lower for entry in entries), now.astimezone(asked.location.tz).date())
    last = max(entry.days.upper for entry in entries) - timedelta(days=1)
    return free_times(asked, first, last, now) if first <= last else []


def _serve(asked: Wanted, entries: Sequence[WaitlistEntry], free: list[Time], now: datetime) -> WaitlistEntry | None:
    """Make the best of all possible offers; the entry that got it, or None when nothing suits anybody."""
    tries = dict.fromkeys((entry.pk for entry in entries), MOST_TRIES) if free else {}
    for candidate, time, who in _best_first(asked, entries, free, now) if free else ():
        if tries[candidate.entry.pk] > 0:
            tries[candidate.entry.pk] -= 1
            with suppress(Refused):
                inner.carry_out(BY_ITSELF, partial(_offer, candidate.entry.pk, asked, time.start, who, now))
                return candidate.entry
    return None


Match = tuple[Candidate, Time, int | None]


def _best_first(asked: Wanted, entries: Sequence[WaitlistEntry], free: list[Time], now: datetime) -> Iterator[Match]:
    """First where all wishes are met, in the order of waiting, the earliest time first; then what is only possible."""
    beside: list[Match] = []
    for candidate in (Candidate.of(entry, asked, now) for entry in entries):
        for time in free:
            reasons = candidate.reasons(time)
            if not reasons:
                yield candidate, time, candidate.wishes.practitioner
            elif all(reason.why.is_wish for reason in reasons):
                with_whom = any(reason.why is Why.PRACTITIONER for reason in reasons)
                beside.append((candidate, time, None if with_whom else candidate.wishes.practitioner))
    yield from beside


def _offer(pk: UUID, asked: Wanted, start: datetime, practitioner: int | None, now: datetime) -> WaitlistOffer:
    """The hold, its offer and the letter. Raises JustTaken when somebody was quicker, here or with the patient."""
    day = start.astimezone(asked.location.tz).date()
    search = asked.search(day, day, now, practitioner=practitioner)
    patient = WaitlistEntry.objects.values_list("patient", flat=True).get(pk=pk)
    locked = locks.take(patients=[patient], resources=candidates(search))
    entry = waiting().filter(pk=pk).first()
    keep_until = until(asked, start, now)
    if entry is None or keep_until is None:
        raise JustTaken
    candidate = Candidate.of(entry, asked, now)  # only now do the patient's other visits stand still
    with_whom = Time(start, (practitioner,) if practitioner else ())
    if any(not reason.why.is_wish for reason in candidate.reasons(with_whom)):
        raise JustTaken
    hold = put(
        locked,
        Place(candidate.asked, replace(search, barred=candidate.asked.search(day, day, now).barred), start),
        now,
        status=Status.PROPOSED,
        held_for=Appointment.HeldFor.WAITLIST,
        held_for_entry=entry,
        held_since=now,
        expires_at=keep_until,
    )
    offer = WaitlistOffer.objects.create(
        entry=entry, hold=hold, practitioner=hold.practitioner, start=start, offered_at=now, expires_at=keep_until
    )
    outbox.put("offer", offer.pk, dedupe=f"offer:{offer.pk}", due=now)
    return offer
