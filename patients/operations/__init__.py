"""The verbs of this app. Nothing else writes patients and their facts, except the operations of the apps above."""

from patients.operations.assess import Grading, NotAssessed, NotOnTheCareTeam, confirm_phototype, grade_scars, note_sun
from patients.operations.consents import ConsentRefused, allow, confirm_in, read_in, sign_in, withdraw
from patients.operations.evaluate import evaluate_in, judge
from patients.operations.photos import NoSuchPhoto, add_photo, erase_photo, open_photo, take_back_photo
from patients.operations.register import change_contacts, register, register_by_staff
from patients.operations.save import save_page

__all__ = [
    "ConsentRefused",
    "Grading",
    "NoSuchPhoto",
    "NotAssessed",
    "NotOnTheCareTeam",
    "add_photo",
    "allow",
    "change_contacts",
    "confirm_in",
    "confirm_phototype",
    "erase_photo",
    "evaluate_in",
    "grade_scars",
    "judge",
    "note_sun",
    "open_photo",
    "read_in",
    "register",
    "register_by_staff",
    "save_page",
    "sign_in",
    "take_back_photo",
    "withdraw",
]
