"""What a user may do with a visit now, for the buttons. It asks the rules that the operation asks, and no database."""

from datetime import datetime
from typing import NamedTuple

from clinic.accounts.models import User
from clinic.scheduling.operations.transition import check_actor  # the operation's own, so that they cannot disagree
from clinic.scheduling.policies.moves import MOVES, REVIEWS, Moment, Move
from clinic.scheduling.refusals import Refused
from clinic.workspace.queries.seen import SeenVisit
from treatments.acting import Actor

PROMINENT = ("arrive", "start", "complete", "noshow", "came-after-all")
ASKED_ABOUT = ("cancel",)  # a letter goes out, so nobody does it by a slip
MOST = 2


class Offered(NamedTuple):
    """The moves as a card shows them: at most two at once, the rest behind “More”; and whether the answers wait."""

    first: dict[str, Move]
    more: dict[str, Move]
    review: bool

    @property
    def asked_about(self) -> set[str]:
        """Those that lead to a page of their own first."""
        return {verb for verb in self.more if asks_first(verb)}


def asks_first(verb: str) -> bool:
    return MOVES[verb].reason or verb in ASKED_ABOUT


def moves_for(user: User, visit: SeenVisit, now: datetime) -> dict[str, Move]:
    """{verb: move} of every move of the table that `user` may make with `visit` at `now`, in the table's order. Pure."""
    actor, moment = Actor(user=user), Moment(visit.during.lower, visit.since, now, visit.location.tz)
    return {verb: move for verb, move in MOVES.items() if _may(actor, move, visit, moment)}


def offered(user: User, visit: SeenVisit, now: datetime) -> Offered:
    """The same, sorted for a card. A clinician's decision is no button here: one reads the answers first."""
    moves = moves_for(user, visit, now)
    review = not moves.keys().isdisjoint(REVIEWS)
    moves = {verb: move for verb, move in moves.items() if verb not in REVIEWS}
    first = [verb for verb in PROMINENT if verb in moves][:MOST]
    more = {verb: move for verb, move in moves.items() if verb not in first}
    return Offered({verb: moves[verb] for verb in first}, more, review)


def _may(actor: Actor, move: Move, visit: SeenVisit, moment: Moment) -> bool:
    if visit.status not in move.sources or not move.when(moment):
        return False
    try:
        check_actor(actor, move, visit, moment.now)
    except Refused:
        return False
    return True
