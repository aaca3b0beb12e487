"""How the demo's patients answer what they are asked; what it means for their visit, the booking itself finds out."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from random import Random

from clinic.demo.world import Person
from clinic.scheduling.models import Location
from patients.instruments import SCAR, SKIN
from patients.items import MANY, NEVER, PREFER_NOT, Item, Look
from patients.operations import save_page
from patients.queries.intake import Page, pages
from patients.tickets import Ticket
from treatments.models import Treatment

CALM = ("no", "none", "little")  # the options after which nothing has to be looked at


def answer(person: Person, ticket: Ticket, said: Mapping[str, str], random: Random, now: datetime) -> None:
    """What is still asked before the ticket's visit: `said` ({question code: value}), and for the rest nothing remarkable.

    What is in `said` is answered anew, also where an earlier answer still counts.
    """
    asked = _asked(person, ticket, said, now)
    while asked:  # the zones of the scars lead to questions about each of them
        values = {item.code: said.get(item.code) or _usual(item, random) for item in asked}
        save_page(actor=person.actor, patient=person.row, page=Page("", "", asked, {}), values=values, now=now)
        asked = _asked(person, ticket, {}, now)


def _asked(person: Person, ticket: Ticket, anew: Collection[str], now: datetime) -> tuple[Item, ...]:
    found = pages(person.row, ticket, now)
    return tuple(item for page in found for item in page.items if item.code in anew or item in page.questions)


def ticket(treatment: Treatment, place: Location, on: date) -> Ticket:
    return Ticket(treatment.code, on, place.jurisdiction, next="")


def _usual(item: Item, random: Random) -> str:
    codes = [option.code for option in item.options]
    if item.look is Look.TEXT:
        return PREFER_NOT
    if item.look in MANY:
        return ",".join(sorted(random.sample(codes, 2)))
    if item.code.startswith((SCAR, SKIN)):
        return random.choice(codes)
    return NEVER if item.look is Look.DATE else next(code for code in CALM if code in codes)
