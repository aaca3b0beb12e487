"""The visits to come whose outcome a draft of the rules would change. Read inside the operation `preview_rules`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from clinic.scheduling.models import Appointment, Status
from clinic.scheduling.queries.visits import TO_COME
from patients.policies.screening import SEVERITY, Outcome
from patients.queries.intake import live_questionnaire
from patients.queries.rehearsal import Case, rehearse
from treatments.models import Rule, RulesVersion
from treatments.queries import clinical_versions
from treatments.versions import row_hash

COLUMNS = (
    *("status", "during", "created_at", "treatment__code", "version__name"),
    *("location__name", "location__slug", "location__zone", "location__jurisdiction"),
    *("patient__given_name", "patient__family_name", "patient__birth_date"),
)
HERE = (*TO_COME, Status.ARRIVED, Status.CHECKED_IN)


class Touched(NamedTuple):
    """A visit with its outcome under the rules in force and under the draft, both from the answers of now."""

    visit: Appointment
    before: Outcome
    after: Outcome

    @property
    def is_stricter(self) -> bool:
        return _weight(self.after) > _weight(self.before)


class Preview(NamedTuple):
    """`touched` by start, of `looked_at` visits to come."""

    touched: list[Touched]
    looked_at: int


def touched_visits(now: datetime) -> Preview | None:
    """None while there is no draft. A handful of queries for any number of visits; a second for some ten thousand."""
    live, draft = clinical_versions(RulesVersion, now)
    if draft is None:
        return None
    rule_sets = [list(version.rules.all()) if version else [] for version in (live, draft)]
    visits = _coming(now)
    changed = _treatments_of_changes(*rule_sets)
    concerned = [visit for visit in visits if visit.treatment.code in changed]
    questionnaire = live_questionnaire(now)
    questions = list(questionnaire.questions.all()) if questionnaire else []
    outcomes = rehearse(_cases(concerned), rule_sets, questions, now)
    found = [Touched(visit, *pair) for visit, pair in zip(concerned, outcomes, strict=True)]
    return Preview([one for one in found if _weight(one.before) != _weight(one.after)], len(visits))


def _coming(now: datetime) -> list[Appointment]:
    visits = Appointment.objects.filter(status__in=TO_COME, during__startswith__gt=now, patient__isnull=False)
    related = {column.split("__")[0] for column in COLUMNS if "__" in column}
    return list(visits.select_related(*related).only(*COLUMNS).order_by("during", "pk"))


def _treatments_of_changes(before: Sequence[Rule], after: Sequence[Rule]) -> set[str]:
    """The treatments of the rules that are new, gone or not as they were: visits for others need no second look."""
    old, new = ({row_hash(rule): rule for rule in rules} for rules in (before, after))
    return {code for key in old.keys() ^ new.keys() for code in (old.get(key) or new[key]).treatments}


def _cases(visits: Sequence[Appointment]) -> list[Case]:
    there = Appointment.objects.filter(patient__in={visit.patient_id for visit in visits}, status__in=HERE)
    others = list(there.values_list("patient", "treatment__code", "during"))
    by_patient: dict[object, list[tuple[str, datetime]]] = {}
    for patient, code, during in others:
        by_patient.setdefault(patient, []).append((code, during.upper))
    return [_case(visit, by_patient.get(visit.patient_id, [])) for visit in visits]


def _case(visit: Appointment, others: Sequence[tuple[str, datetime]]) -> Case:
    patient, start = visit.patient, visit.during.lower
    if patient is None:
        raise ValueError("a hold has no answers")
    day: date = start.astimezone(visit.location.tz).date()
    in_front = frozenset(code for code, ends in others if ends <= start)
    return Case(patient, visit.treatment.code, day, visit.location.jurisdiction, visit.created_at, in_front)


def _weight(outcome: Outcome) -> tuple[int, date]:
    return SEVERITY.index(outcome.tier), outcome.earliest or date.min
