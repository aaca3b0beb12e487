"""What a patient has answered and what is known of the person, as the screening rules need it."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone

from patients import instruments
from patients.models import Answer, Patient, Phototype
from patients.policies.screening import Given
from patients.policies.windows import still_counts


def latest(patient: Patient) -> dict[str, Answer]:
    """{question code: the newest answer}. One query; nothing is decrypted before its value is read."""
    rows = Answer.objects.filter(patient=patient).order_by("question", "-at", "-id").distinct("question")
    return {row.question: row for row in rows}


def last_answer_at(patient: Patient) -> datetime | None:
    """When the patient answered anything last."""
    return Answer.objects.filter(patient=patient).order_by("-at").values_list("at", flat=True).first()


def latest_answers(patient: Patient) -> dict[str, Given]:
    """The newest answer to each question, however old."""
    return {code: given(row) for code, row in latest(patient).items()}


def chosen_zones(rows: Mapping[str, Answer]) -> list[str]:
    """The codes of the zones that the patient named last."""
    return rows[instruments.ZONES].value.split(",") if instruments.ZONES in rows else []


def given(row: Answer) -> Given:
    return Given(row.value, timezone.localdate(row.at))


def counting(
    rows: Mapping[str, Answer], windows: Mapping[str, str], visit: date, now: datetime, since: datetime | None = None
) -> dict[str, Answer]:
    """Those of `rows` that still count for a visit, among the questions of `windows` ({code: window})."""
    return {
        code: rows[code]
        for code, window in windows.items()
        if code in rows and still_counts(window, rows[code].at, visit, now, since)
    }


def confirmed_phototype(patient: Patient) -> Phototype | None:
    """The newest type that a clinician confirmed."""
    confirmed = Phototype.objects.filter(patient=patient, provenance=Phototype.Provenance.CLINICIAN_CONFIRMED)
    return confirmed.select_related("recorded_by").order_by("-at", "-id").first()
