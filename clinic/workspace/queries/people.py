"""Finding a patient by whatever a caller says."""

import re
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F, Func, Q, QuerySet, Value

from clinic.accounts.models import User
from clinic.scheduling.queries.visits import TO_COME
from clinic.workspace.queries.seen import SeenVisit, seen_visits
from patients.access import assessable_by, clinical_visible_to, contacts_visible_to
from patients.models import Patient

MOST = 20
DAYS = ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d %m %Y")
DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{1,2} (?:[^\W\d]+|\d{1,2}) \d{4}")
NUMBER = re.compile(r"\+?\d[\d\s()/-]{2,}\d")
TELLING = 9  # the last digits of a telephone number, the same with and without the country's code


class Found(NamedTuple):
    patients: list[Patient]
    more: bool  # there were more than are shown


class Sought(NamedTuple):
    """What was typed, taken apart; each part narrows the search."""

    words: list[str]  # of the name, in any order
    email: str
    digits: str  # of the telephone number
    born: date | None


def take_apart(text: str) -> Sought:
    """“pat 020 7946 0000”, “Example, Pat 17/05/1990”, “pat@example.org”; dates are day before month."""
    born, text = _cut_day(text)
    number = NUMBER.search(text)
    digits = re.sub(r"\D", "", number[0]).lstrip("0")[-TELLING:] if number else ""
    words = (NUMBER.sub(" ", text, count=1) if number else text).replace(",", " ").split()
    email = next((word for word in words if "@" in word), "")
    return Sought([word for word in words if "@" not in word], email, digits, born)


def find_patients(user: User, text: str) -> Found:
    """The first twenty that fit, of those whose contacts `user` may see; nobody for an empty text."""
    sought = take_apart(text)
    if not any(sought):
        return Found([], more=False)
    rows = _fitting(contacts_visible_to(user), sought).order_by("family_name", "given_name", "birth_date", "pk")
    found = list(rows[: MOST + 1])
    return Found(found[:MOST], more=len(found) > MOST)


def patient_for(user: User, pk: UUID | None) -> Patient | None:
    return contacts_visible_to(user).filter(pk=pk).first() if pk else None


def has_address(visit: UUID) -> bool:
    """Whether letters about a visit have somewhere to go."""
    return seen_visits().filter(pk=visit).exclude(patient__email="").exists()


def has_answered(user: User, visit: SeenVisit, now: datetime) -> bool:
    """Whether the visit's patient has answered anything, to those on the care team."""
    return clinical_visible_to(user, now).filter(appointments=visit.pk, answers__isnull=False).exists()


def may_assess(user: User, patient: UUID | None, now: datetime) -> bool:
    """Whether `user` may open the pages about the patient's skin. No query for those who assess nobody."""
    return bool(patient and user.has_perm("patients.assess_skin") and assessable_by(user, patient, now))


def visits_to_come(patient: Patient, now: datetime) -> list[SeenVisit]:
    coming = seen_visits().filter(patient=patient, status__in=TO_COME, during__endswith__gt=now)
    return list(coming.order_by("during"))


def _fitting(rows: QuerySet[Patient], sought: Sought) -> QuerySet[Patient]:
    for word in sought.words:
        rows = rows.filter(Q(given_name__icontains=word) | Q(family_name__icontains=word))
    if sought.email:
        rows = rows.filter(email__icontains=sought.email)
    if sought.digits:
        digits = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")
        rows = rows.alias(digits=digits).filter(digits__contains=sought.digits)
    return rows.filter(birth_date=sought.born) if sought.born else rows


def may_open_consent(user: User, visit: SeenVisit, now: datetime) -> bool:
    """Whether `user` treats, and is on the care team of the visit's patient."""
    return user.has_perm("scheduling.treat") and clinical_visible_to(user, now).filter(appointments=visit.pk).exists()


def _cut_day(text: str) -> tuple[date | None, str]:
    for match in DAY.finditer(text):
        for form in DAYS:
            try:
                born = datetime.strptime(match[0], form).date()
            except ValueError:
                continue
            return born, text.replace(match[0], " ")
    return None, text
