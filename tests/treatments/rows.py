"""What the tests of editing questions and rules share: the pages of rows, and what a browser sends from them."""

from datetime import UTC, datetime
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.test import Client

from treatments.models import Question, QuestionnaireVersion, Rule, RulesVersion
from treatments.versions import Version

PUBLISHED = datetime(2026, 1, 5, 9, tzinfo=UTC)  # before the machine's own clock, which the pages read
CLINICAL = "/editing/clinical/"
QUESTIONS, RULES = f"{CLINICAL}questions/", f"{CLINICAL}rules/"
PAGES = ("", "edit/", "edit/add/", "history/", "history/1/")
MODELS: dict[str, tuple[type[Version], type[Question | Rule]]] = {
    "questions": (QuestionnaireVersion, Question),
    "rules": (RulesVersion, Rule),
}


def address(kind: str, code: str = "") -> str:
    return f"{CLINICAL}{kind}/edit/row/{code}/" if code else f"{CLINICAL}{kind}/edit/add/"


def filled(page: HttpResponse) -> dict[str, Any]:
    """What a browser would send if the form on the page were sent as it is."""
    values = {field.html_name: "on" if field.value() is True else field.value() for field in page.context["form"]}
    sent = {name: value for name, value in values.items() if value is not None and value is not False}
    return sent | {"seen": page.context["seen"]}


def change(client: Client, kind: str, code: str, /, **changes: Any) -> HttpResponse:
    """The page of a row (code "": a new one), sent with `changes`; None leaves a field out."""
    where = address(kind, code)
    data = filled(client.get(where)) | changes
    return client.post(where, {name: value for name, value in data.items() if value is not None})


def stored(kind: str, code: str) -> Any:
    return MODELS[kind][1].objects.get(code=code, version__published_at=None)


def text_of(page: HttpResponse) -> str:
    return unescape(page.content.decode())


def errors(page: HttpResponse) -> str:
    """The words of the one summary on top."""
    text = text_of(page)
    assert text.count("error-summary") == 1
    return text[text.index("error-summary") : text.index("</ul>", text.index("error-summary"))]


NEW_QUESTION = {"code": "hay_fever", "text": "Do you get hay fever?", "kind": "yes_no_unsure", "window": "once"}
NEW_QUESTION |= {"page": "your_health", "treatments": ["microneedling", "nafl"], "after": "diabetes"}
NEW_RULE = {"code": "hay_fever", "about": "answer", "question": "diabetes", "codes": "controlled", "tier": "flag"}
NEW_RULE |= {"treatments": ["microneedling"], "patient_text": "A clinician will look at your answer before we confirm."}
