"""Who waits for a time, and why a free one suits them or not: the same for the offers and for the staff's page."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from clinic.scheduling.models import Appointment, Location, WaitlistEntry, WaitlistOffer
from clinic.scheduling.policies.intervals import LAST, earliest_after
from clinic.scheduling.policies.matching import Answered, Reason, Time, Why, Wishes, offer_until, passed, unmet
from clinic.scheduling.queries.availability import free_starts
from clinic.scheduling.queries.times import Wanted
from clinic.scheduling.queries.visits import TO_COME, WITH_A_PATIENT, open_visits
from patients.access import contacts_visible_to
from patients.models import Patient
from patients.operations import judge
from treatments.models import Rule, Treatment, TreatmentVersion

if TYPE_CHECKING:
    from clinic.accounts.models import User

WAITING, OPEN = WaitlistEntry.Outcome.WAITING, WaitlistOffer.Answer.OPEN
RELATED = ("patient", "treatment", "location", "practitioner", "instead_of", "instead_of__location")


def waiting() -> QuerySet[WaitlistEntry]:
    """Everybody who waits, the longest first, with what was offered to them."""
    rows = WaitlistEntry.objects.filter(outcome=WAITING).select_related(*RELATED).prefetch_related("offers")
    return rows.order_by("created_at", "pk")


def waiting_for(treatment: Treatment, place: Location) -> list[WaitlistEntry]:
    return list(waiting().filter(treatment=treatment, location=place))


def waited_for() -> list[tuple[Location, Treatment]]:
    """The places and treatments that somebody waits for."""
    pairs = {(entry.location, entry.treatment) for entry in waiting()}
    return sorted(pairs, key=lambda pair: (pair[0].name, pair[1].position))


def own_entries(user: "User") -> list[WaitlistEntry]:
    """The open entries of the record that belongs to `user`."""
    return list(waiting().filter(patient__in=contacts_visible_to(user).filter(user=user)))


def own_entry(user: "User", pk: UUID) -> WaitlistEntry | None:
    return waiting().filter(patient__in=contacts_visible_to(user).filter(user=user), pk=pk).first()


def entries_of(patient: Patient) -> list[WaitlistEntry]:
    return list(waiting().filter(patient=patient))


def offers() -> QuerySet[WaitlistOffer]:
    """Every offer with what a page or an operation needs to know of it."""
    related = [f"entry__{name}" for name in RELATED]
    return WaitlistOffer.objects.select_related("hold", "hold__version", "practitioner", *related)


def own_offer(user: "User", pk: UUID) -> WaitlistOffer | None:
    return offers().filter(entry__patient__in=contacts_visible_to(user).filter(user=user), pk=pk).first()


def open_offer(entry: WaitlistEntry) -> WaitlistOffer | None:
    """The offer that waits for an answer; no query for entries that `waiting` has brought."""
    return next((offer for offer in entry.offers.all() if offer.answer == OPEN), None)


def wishes_of(entry: WaitlistEntry) -> Wishes:
    last = entry.days.upper - timedelta(days=1)
    clock = (entry.from_time, entry.to_time)
    return Wishes(entry.days.lower, last, tuple(entry.weekdays), *clock, entry.practitioner_id, entry.note)


def version_names(now: datetime) -> dict[int, str]:
    """{treatment id: its name today}."""
    return dict(TreatmentVersion.objects.live(now).values_list("treatment_id", "name"))


def free_times(asked: Wanted, first: date, last: date, now: datetime) -> list[Time]:
    """The free starts of some local days that leave time for an answer, each with everybody who could take it. One query."""
    by_start: dict[datetime, set[int]] = defaultdict(set)
    for free in free_starts(asked.search(first, last, now), now):
        by_start[free.start].add(free.practitioner)
    return [Time(start, who) for start, who in by_start.items() if until(asked, start, now)]


def until(asked: Wanted, start: datetime, now: datetime) -> datetime | None:
    """Until when `start` would be kept for somebody to whom it is offered now."""
    notice = timedelta(hours=asked.policy.notice_to_book_hours)
    return offer_until(start, now, settings.OFFER_LASTS, notice)


@dataclass(frozen=True)
class Candidate:
    """An entry, with all that is known of its patient and does not depend on the time; read once for many times."""

    entry: WaitlistEntry
    asked: Wanted  # with the days on which this patient cannot come
    wishes: Wishes
    busy: tuple[tuple[datetime, datetime], ...]
    full: bool
    open: WaitlistOffer | None
    before: tuple[Answered, ...]
    now: datetime

    @classmethod
    def of(cls, entry: WaitlistEntry, asked: Wanted, now: datetime) -> Self:
        moved = (entry.instead_of_id,) if entry.instead_of_id else ()
        visits = entry.patient.appointments.filter(status__in=WITH_A_PATIENT, during__endswith__gt=now)
        spans = visits.exclude(pk__in=moved).values_list("during", flat=True)
        answered = (Answered(o.start, o.practitioner_id) for o in entry.offers.all() if o.answer != OPEN)
        return cls(
            entry=entry,
            asked=asked.of(entry.patient, now, ignoring=moved),
            wishes=wishes_of(entry),
            busy=tuple((during.lower, during.upper) for during in spans),
            full=not moved and open_visits(entry.patient, now) >= asked.policy.open_visits,
            open=open_offer(entry),
            before=tuple(answered),
            now=now,
        )

    def reasons(self, free: Time) -> list[Reason]:
        """Why `free` does not suit, what stands in the way before what is only a wish; empty: it does in all."""
        in_the_way = self._in_the_way(free)
        if not in_the_way:
            in_the_way = self._screening(self._day(free))
        return [*in_the_way, *unmet(self.wishes, free, self.asked.location.tz)]

    def _in_the_way(self, free: Time) -> list[Reason]:
        day, zone = self._day(free), self.asked.location.tz
        earliest = earliest_after(day, self.asked.barred)
        rests = Reason(Why.RESTS, earliest) if earliest <= LAST else Reason(Why.FIRST)
        ends = free.start + timedelta(minutes=self.asked.plan.present)
        moved = self.entry.instead_of
        checks = [
            (not self.wishes.first <= day <= self.wishes.last, Reason(Why.DAYS)),
            (moved is not None and not _is_sooner(free.start, moved), Reason(Why.LATER)),
            (self.open is not None, Reason(Why.OFFERED)),
            (passed(self.wishes, free, zone, self.before), Reason(Why.PASSED)),
            (any(begins < ends and free.start < over for begins, over in self.busy), Reason(Why.BUSY)),
            (self.full, Reason(Why.FULL)),
            (earliest != day, rests),
        ]
        return [reason for applies, reason in checks if applies]

    def _screening(self, day: date) -> list[Reason]:
        """What the patient's answers say today; which of them is not told here."""
        place = self.asked.location
        outcome = judge(self.entry.patient, self.asked.treatment, day, place.jurisdiction, self.now)
        closed = outcome.tier in (Rule.Tier.BLOCK, Rule.Tier.BLOCK_UNTIL)
        return [Reason(Why.TALK, outcome.earliest)] if closed else []

    def _day(self, free: Time) -> date:
        return free.start.astimezone(self.asked.location.tz).date()


def _is_sooner(start: datetime, visit: Appointment) -> bool:
    return visit.status in TO_COME and start < visit.during.lower
