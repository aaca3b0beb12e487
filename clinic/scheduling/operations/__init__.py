"""The one door: nothing else writes appointments and claims.

Every public operation is keyword-only, opens its own transaction, and raises a `Refused` that says what to do.
"""

from clinic.scheduling.operations.adjust import Adjustment, adjust
from clinic.scheduling.operations.answering import accept, decline
from clinic.scheduling.operations.asking import Asking, Notes, ask, read_notes
from clinic.scheduling.operations.book import Booking, book
from clinic.scheduling.operations.break_glass import Emergency, break_glass
from clinic.scheduling.operations.calling import Called, CallWish, ask_for_call, called
from clinic.scheduling.operations.checking import announce_checks, take_answers
from clinic.scheduling.operations.close import Closing, close, reopen_time
from clinic.scheduling.operations.confirm import Confirmation, confirm
from clinic.scheduling.operations.consents import (
    Proof,
    Signature,
    confirm_consent,
    open_consent,
    read_consent,
    sign_consent,
)
from clinic.scheduling.operations.course import NewCourse, Planned, book_course, reflow
from clinic.scheduling.operations.covering import take_cover
from clinic.scheduling.operations.front import MOST_IN_FRONT, InFront, book_in_front
from clinic.scheduling.operations.hold import Choice, hold, release, renew, sweep
from clinic.scheduling.operations.hours import NewHours, other_hours, set_hours
from clinic.scheduling.operations.offering import offer_times
from clinic.scheduling.operations.preview import preview_rules
from clinic.scheduling.operations.propose import propose
from clinic.scheduling.operations.reschedule import Change, reschedule
from clinic.scheduling.operations.review import open_review, read_review
from clinic.scheduling.operations.set_limits import set_limits
from clinic.scheduling.operations.set_price import set_price
from clinic.scheduling.operations.transition import Wish, transition
from clinic.scheduling.operations.waitlist import Joining, change_wishes, join, withdraw

__all__ = [
    "MOST_IN_FRONT",
    "Adjustment",
    "Asking",
    "Booking",
    "CallWish",
    "Called",
    "Change",
    "Choice",
    "Closing",
    "Confirmation",
    "Emergency",
    "InFront",
    "Joining",
    "NewCourse",
    "NewHours",
    "Notes",
    "Planned",
    "Proof",
    "Signature",
    "Wish",
    "accept",
    "adjust",
    "announce_checks",
    "ask",
    "ask_for_call",
    "book",
    "book_course",
    "book_in_front",
    "break_glass",
    "called",
    "change_wishes",
    "close",
    "confirm",
    "confirm_consent",
    "decline",
    "hold",
    "join",
    "offer_times",
    "open_consent",
    "open_review",
    "other_hours",
    "preview_rules",
    "propose",
    "read_consent",
    "read_notes",
    "read_review",
    "reflow",
    "release",
    "renew",
    "reopen_time",
    "reschedule",
    "set_hours",
    "set_limits",
    "set_price",
    "sign_consent",
    "sweep",
    "take_answers",
    "take_cover",
    "transition",
    "withdraw",
]
