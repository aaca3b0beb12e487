"""How a refused move is told on the page where it was made: what it was, and what happened meanwhile."""

from typing import NamedTuple

from clinic.accounts.models import User
from clinic.scheduling.models import Appointment
from clinic.scheduling.refusals import NotAllowed, NotNow, Refused
from clinic.workspace.queries.story import Line, latest
from clinic.workspace.words import refusal_words


class Refusal(NamedTuple):
    words: str
    status: int  # of the HTTP answer
    visit: Appointment
    meanwhile: Line | None  # the last line of the visit's story, where that explains it


def told(refused: Refused, visit: Appointment, user: User) -> Refusal:
    meanwhile = latest(visit, user) if isinstance(refused, NotNow) else None
    return Refusal(refusal_words(refused), 403 if isinstance(refused, NotAllowed) else 409, visit, meanwhile)
