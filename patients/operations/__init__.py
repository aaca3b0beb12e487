"""The verbs of this app. Nothing else writes patients and their facts, except the operations of the apps above."""

from patients.operations.consents import ConsentRefused, allow, confirm_in, read_in, sign_in, withdraw
from patients.operations.evaluate import evaluate_in, judge
from patients.operations.register import change_contacts, register, register_by_staff
from patients.operations.save import save_page

__all__ = [
    "ConsentRefused",
    "allow",
    "change_contacts",
    "confirm_in",
    "evaluate_in",
    "judge",
    "read_in",
    "register",
    "register_by_staff",
    "save_page",
    "sign_in",
    "withdraw",
]
