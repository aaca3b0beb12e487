"""Which questions are still to be asked before a visit, page by page."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import NamedTuple

from patients import instruments
from patients.instruments import Sheet, scars, skin_type
from patients.items import Item, Option, from_question
from patients.models import Answer, Patient
from patients.policies.windows import DAYS, is_due
from patients.queries.answers import chosen_zones, counting, latest_answers
from patients.queries.known import Known, known_of
from patients.tickets import Ticket
from treatments.models import Question, QuestionnaireVersion, Treatment
from treatments.queries import in_force

__all__ = [
    "Page",
    "Progress",
    "asked_before",
    "first_open",
    "has_zones",
    "is_complete",
    "known_of",
    "latest_answers",
    "live_questionnaire",
    "next_page",
    "pages",
    "progress",
]


@dataclass(frozen=True)
class Page:
    """A page of questions. `answers` holds those that still count, by question code; `before` what was said to the open
    questions at an earlier time, where the same can still be said. `anew`: somebody at the clinic asks once more.
    """

    code: str
    title: str
    items: tuple[Item, ...]
    answers: dict[str, Answer]
    pictures: tuple[Option, ...] = ()
    before: dict[str, Answer] = field(default_factory=dict)
    anew: bool = False

    @property
    def questions(self) -> tuple[Item, ...]:
        """Those still to be asked."""
        return tuple(item for item in self.items if item.code not in self.answers)

    @property
    def is_answered(self) -> bool:
        return not self.questions

    @property
    def in_words(self) -> list[tuple[str, str]]:
        """Each answered question, and what was answered."""
        answered = (item for item in self.items if item.code in self.answers)
        return [(item.text, item.words(self.answers[item.code].value)) for item in answered]

    @property
    def asks_again(self) -> bool:
        """Whether every open question was answered before: then it may be the same again, unless somebody asks why."""
        return bool(self.before) and len(self.before) == len(self.questions) and not self.anew

    @property
    def said_before(self) -> list[tuple[str, str, datetime]]:
        """Each open question, what was answered to it, and when."""
        rows = ((item, self.before[item.code]) for item in self.questions)
        return [(item.text, item.words(row.value), row.at) for item, row in rows]

    @property
    def seen(self) -> str:
        """Which earlier answers these are, so that nobody repeats what was not shown."""
        return ".".join(str(row.pk) for _, row in sorted(self.before.items()))

    @property
    def shown(self) -> tuple[Item, ...]:
        """What the page asks: the open questions, or all of them when somebody comes back to change an answer."""
        return self.questions or self.items


class Progress(NamedTuple):
    done: int
    of: int


def pages(patient: Patient, ticket: Ticket, now: datetime, known: Known | None = None) -> list[Page]:
    """The pages for the ticket's visit in the questionnaire's order, then skin type and scars before a procedure.

    Only questions of the chosen treatment, and those about the last days only when the visit is that near. A patient whose
    skin type a clinician has confirmed is not asked for it. `known`: what was read already.
    """
    known = known or known_of(patient, now)
    sheets = [*_published(known, ticket, now), *_instruments(known, ticket)]
    sheets = _only(sheets, ticket.only) if ticket.only else sheets
    windows = {item.code: item.window for sheet in sheets for item in sheet.items}
    before = _said_before(known.answers, ticket)
    said = {code: row for code, row in known.answers.items() if code not in before}
    answers = counting(said, windows, ticket.on, now, ticket.since)
    return [_page(sheet, answers, known.answers, anew=ticket.anew) for sheet in sheets]


def due_shortly_before(ticket: Ticket, now: datetime) -> tuple[str, ...]:
    """The codes of the questions about the last days before the visit, as far as they are due by now."""
    asked = asked_before(live_questionnaire(now), ticket.treatment)
    return tuple(q.code for q in asked if q.window in DAYS and is_due(q.window, ticket.on, now))


def next_page(patient: Patient, ticket: Ticket, now: datetime) -> str | None:
    """The code of the first page with an open question, or None when all is answered."""
    return first_open(pages(patient, ticket, now))


def is_complete(patient: Patient, ticket: Ticket, now: datetime, known: Known | None = None) -> bool:
    return first_open(pages(patient, ticket, now, known)) is None


def progress(found: Sequence[Page]) -> Progress:
    return Progress(sum(page.is_answered for page in found), len(found))


def has_zones(found: Iterable[Page]) -> bool:
    """Whether zones of scars were named: which questions follow tells of them."""
    return any(instruments.ZONES in {**page.answers, **page.before} for page in found)


def first_open(found: Iterable[Page]) -> str | None:
    return next((page.code for page in found if not page.is_answered), None)


def live_questionnaire(now: datetime) -> QuestionnaireVersion | None:
    return in_force(QuestionnaireVersion, now)


def asked_before(questionnaire: QuestionnaireVersion | None, treatment: str) -> list[Question]:
    """The questions that belong to a treatment (its code), in order, whenever they are due."""
    if questionnaire is None:
        return []
    return [q for q in questionnaire.questions.all() if treatment in q.treatments]


def _published(known: Known, ticket: Ticket, now: datetime) -> Iterator[Sheet]:
    questionnaire = known.questionnaire
    asked = asked_before(questionnaire, ticket.treatment)
    due = [q for q in asked if is_due(q.window, ticket.on, now) or (ticket.anew and q.code in ticket.only)]
    for page in questionnaire.pages if questionnaire else []:
        items = tuple(from_question(q) for q in due if q.page == page["code"])
        if items:
            yield Sheet(page["code"], page["title"], items)


def _instruments(known: Known, ticket: Ticket) -> Iterator[Sheet]:
    if not Treatment.objects.filter(code=ticket.treatment, kind=Treatment.Kind.PROCEDURE).exists():
        return
    if known.phototype is None:
        yield from skin_type()
    yield from scars(chosen_zones(known.answers))


def _only(sheets: Iterable[Sheet], codes: Collection[str]) -> list[Sheet]:
    kept = [replace(sheet, items=tuple(item for item in sheet.items if item.code in codes)) for sheet in sheets]
    return [sheet for sheet in kept if sheet.items]


def _said_before(rows: Mapping[str, Answer], ticket: Ticket) -> dict[str, Answer]:
    """What no longer counts for somebody who is asked anew."""
    since = ticket.since if ticket.anew else None
    return {code: row for code, row in rows.items() if since and row.at < since}


def _page(sheet: Sheet, answers: Mapping[str, Answer], ever: Mapping[str, Answer], *, anew: bool) -> Page:
    own = {item.code: answers[item.code] for item in sheet.items if item.code in answers}
    once = {item.code: item for item in sheet.items if item.code in ever and item.code not in own}
    before = {code: ever[code] for code, item in once.items() if item.can_be(ever[code].value)}
    return Page(sheet.code, sheet.title, sheet.items, own, sheet.pictures, before, anew)
