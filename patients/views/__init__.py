"""The pages of this app. `after_save` is what the site above does after each saved page; on its own the app does nothing."""

from patients.views.consents import consent, consents
from patients.views.photos import photo, photos, take_back
from patients.views.questions import answers, question_page, questions
from patients.views.record import contacts, record

__all__ = [
    "answers",
    "consent",
    "consents",
    "contacts",
    "photo",
    "photos",
    "question_page",
    "questions",
    "record",
    "take_back",
]
