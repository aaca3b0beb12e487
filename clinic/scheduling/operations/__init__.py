"""The one door: nothing else writes appointments and claims.

Every public operation is keyword-only, opens its own transaction, and raises a `Refused` that says what to do.
"""

from clinic.scheduling.operations.book import Booking, book
from clinic.scheduling.operations.confirm import Confirmation, confirm
from clinic.scheduling.operations.hold import Choice, hold, release, renew, sweep
from clinic.scheduling.operations.reschedule import Change, reschedule
from clinic.scheduling.operations.review import open_review, read_review
from clinic.scheduling.operations.set_price import set_price
from clinic.scheduling.operations.transition import Wish, transition

__all__ = [
    "Booking",
    "Change",
    "Choice",
    "Confirmation",
    "Wish",
    "book",
    "confirm",
    "hold",
    "open_review",
    "read_review",
    "release",
    "renew",
    "reschedule",
    "set_price",
    "sweep",
    "transition",
]
