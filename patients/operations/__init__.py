"""The verbs of this app. Nothing else writes patients and their facts, except the operations of the apps above."""

from patients.operations.evaluate import evaluate_in, judge
from patients.operations.photos import NoSuchPhoto, add_photo, erase_photo, open_photo, take_back_photo
from patients.operations.register import change_contacts, register, register_by_staff
from patients.operations.save import save_page

__all__ = [
    "NoSuchPhoto",
    "add_photo",
    "change_contacts",
    "erase_photo",
    "evaluate_in",
    "judge",
    "open_photo",
    "register",
    "register_by_staff",
    "save_page",
    "take_back_photo",
]
