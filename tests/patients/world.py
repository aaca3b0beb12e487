"""What the tests of this app share: a patient on the way to a visit, and somebody who answers every page."""

import re
from datetime import date, datetime
from typing import Any

from clinic.accounts.models import User
from patients.items import Item, Look
from patients.models import Patient, Phototype
from patients.operations import save_page
from patients.queries import intake
from patients.tickets import Ticket
from tests import build
from treatments.acting import Actor
from treatments.models import Question, QuestionnaireVersion, Rule, RulesVersion, Treatment
from treatments.operations.load import IDENTITY, read
from treatments.versions import Version

SCREENING = read("screening")
TREATMENTS = read("catalogue")["treatments"]
VISIT = build.MONDAY  # three days after build.NOW: inside the week, outside the 48 hours
AWAY = "/scheduling/next/"


def screening() -> None:
    """The clinic's real questions and rules in force since build.NOW: quicker than build.knowledge(), without approvals."""
    Treatment.objects.bulk_create(Treatment(**{name: entry[name] for name in IDENTITY}) for entry in TREATMENTS)
    asked = [{"page" if name == "group" else name: value for name, value in q.items()} for q in SCREENING["questions"]]
    rules = [{name: value for name, value in entry.items() if name != "window"} for entry in SCREENING["rules"]]
    _publish(QuestionnaireVersion(pages=SCREENING["groups"]), Question, asked)
    _publish(RulesVersion(), Rule, rules)


def screening_only_questions() -> None:
    """The real questions in force beside a clinic that has no rules: nothing fires by itself."""
    asked = [{"page" if name == "group" else name: value for name, value in q.items()} for q in SCREENING["questions"]]
    QuestionnaireVersion.objects.filter(published_at=None).delete()
    _publish(QuestionnaireVersion(pages=SCREENING["groups"]), Question, asked)


def _publish(version: Version, model: type[Question | Rule], entries: list[dict[str, Any]]) -> None:
    version.save()
    rows = [model(version=version, position=position, **entry) for position, entry in enumerate(entries, start=1)]
    model.objects.bulk_create(rows)
    version.number, version.published_at, version.effective_from = 1, build.NOW, build.NOW
    version.save()


def ticket(treatment: str = "microneedling", *, on: date = VISIT, jurisdiction: str = "GB-ENG") -> Ticket:
    return Ticket(treatment, on, jurisdiction, AWAY)


def person(*, given: str = "Pat", email: str = "", **fields: object) -> Patient:
    """A patient who signs in."""
    user = build.user(email=email)
    return build.patient(given=given, user=user, email=user.email, **fields)


def user_of(patient: Patient) -> User:
    assert patient.user is not None
    return patient.user


def harmless(item: Item) -> str:
    """An answer that fires no rule."""
    codes = [option.code for option in item.options]
    if item.look is Look.DATE:
        return "never"
    return "no" if "no" in codes else codes[0]


def answer_page(patient: Patient, code: str, visit: Ticket, now: datetime, **said: str) -> None:
    page = next(page for page in intake.pages(patient, visit, now) if page.code == code)
    values = {item.code: said.get(item.code, harmless(item)) for item in page.shown}
    save_page(actor=Actor(user=user_of(patient)), patient=patient, page=page, values=values, now=now)


def answer_all(patient: Patient, visit: Ticket, now: datetime, **said: str) -> None:
    """Every page from the first to the last, harmlessly but for `said`."""
    while code := intake.next_page(patient, visit, now):
        answer_page(patient, code, visit, now, **said)


def confirm_phototype(patient: Patient, kind: str, now: datetime) -> None:
    Phototype.objects.create(
        patient=patient,
        provenance=Phototype.Provenance.CLINICIAN_CONFIRMED,
        type=Phototype.Type[kind],
        recorded_by=build.user(roles=("practitioner",)),
        at=now,
    )


def is_checked(html: str, name: str, value: str) -> bool:
    """Whether the radio or tick box `name` with `value` is chosen on the page."""
    tags = re.findall(r"<input[^>]*>", html)
    return any(f'name="{name}"' in tag and f'value="{value}"' in tag and "checked" in tag for tag in tags)
