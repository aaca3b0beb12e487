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
    """None while there is no draft. Some ten queries for any number of visits.

    The worst tier wins, so a visit that the rules of the one version alone and of the other alone treat alike is treated
    alike by all. That asks for few answers; only the others are looked at whole.
    """
    live, draft = clinical_versions(RulesVersion, now)
    if draft is None:
        return None
    rule_sets = [list(version.rules.all()) if version else [] for version in (live, draft)]
    visits, alone = _coming(now), _alone(*rule_sets)
    changed = {code for rules in alone for rule in rules for code in rule.treatments}
    concerned = [visit for visit in visits if visit.treatment.code in changed]
    suspects = [one.visit for one in _compared(concerned, alone, now)]
    return Preview(_compared(suspects, rule_sets, now), len(visits))


def _compared(visits: Sequence[Appointment], rule_sets: Sequence[Sequence[Rule]], now: datetime) -> list[Touched]:
    """Those of `visits` whose tier or earliest day is not the same under both rule sets."""
    questionnaire = live_questionnaire(now)
    questions = list(questionnaire.questions.all()) if questionnaire else []
    outcomes = rehearse(_cases(visits), rule_sets, questions, now) if visits else []
    found = [Touched(visit, *pair) for visit, pair in zip(visits, outcomes, strict=True)]
    return [one for one in found if _weight(one.before) != _weight(one.after)]


def _coming(now: datetime) -> list[Appointment]:
    visits = Appointment.objects.filter(status__in=TO_COME, during__startswith__gt=now, patient__isnull=False)
    related = {column.split("__")[0] for column in COLUMNS if "__" in column}
    return list(visits.select_related(*related).only(*COLUMNS).order_by("during", "pk"))


def _alone(before: Sequence[Rule], after: Sequence[Rule]) -> list[list[Rule]]:
    """The rules that only one of the two versions has: those that are gone, new, or not as they were."""
    old, new = ({row_hash(rule): rule for rule in rules} for rules in (before, after))
    return [[old[key] for key in old.keys() - new.keys()], [new[key] for key in new.keys() - old.keys()]]


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
