"""Who opened a record, as the patient reads it: one sentence for each line of the trail."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F
from django.db.models.functions import TruncDate
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from patients import trail
from patients.models import Patient, TrailEntry
from patients.queries.record import field_words, role_words

OPENINGS = 200


@dataclass(frozen=True)
class Opening:
    """Somebody else opened it: “Dr Lane (practitioner) opened your answers, because of your visit on …”."""

    at: datetime
    words: str


@dataclass(frozen=True)
class OwnDay:
    """A day on which the patient looked, and all that was shown on it."""

    on: date
    what: str


def openings(patient: Patient) -> list[Opening]:
    """Whom else the clinical facts of the patient were shown to, newest first, the last OPENINGS times."""
    rows = TrailEntry.objects.filter(patient=patient).exclude(user=F("patient__user"))
    newest = rows.select_related("user").order_by("-at", "-id")[:OPENINGS]
    return [Opening(row.at, _sentence(row)) for row in newest]


def own_days(patient: Patient) -> list[OwnDay]:
    """When the patient looked, newest first: one line a day, for each question page leaves an entry."""
    own = TrailEntry.objects.filter(patient=patient, user=F("patient__user")).annotate(on=TruncDate("at"))
    shown: dict[date, dict[str, None]] = {}
    for on, names in own.order_by("-on", "fields").values_list("on", "fields").distinct():
        shown.setdefault(on, {}).update(dict.fromkeys(names))
    return [OwnDay(on, _in_words(names)) for on, names in shown.items()]


def _sentence(row: TrailEntry) -> str:
    if row.verb == TrailEntry.Verb.EMERGENCY:
        return _("%(who)s opened your record in an emergency, for a short time. Ask us, and we tell you why.") % {
            "who": _who(row)
        }
    if row.why == trail.COVER:
        return _("%(who)s may open your record for some days, standing in for a colleague.") % {"who": _who(row)}
    said = {"who": _who(row), "what": _in_words(row.fields), "why": _because(row)}
    if row.verb == TrailEntry.Verb.EXPORTED:
        return _("%(who)s took a copy of your %(what)s%(why)s.") % said
    return _("%(who)s opened your %(what)s%(why)s.") % said


def _who(row: TrailEntry) -> str:
    """Never an address: colleagues without a name are colleagues."""
    names = role_words()
    roles = ", ".join(names.get(role, role) for role in row.roles)
    who = row.user.name or _("A colleague")
    return f"{who} ({roles})" if roles else who


def _because(row: TrailEntry) -> str:
    """The end of the sentence; "" where nothing is known, and what was written where it is none of the usual reasons."""
    if not row.why:
        return ""
    if row.visit_on:
        day = {"day": date_format(row.visit_on, "l j F Y")}
        looked = row.why in (trail.REVIEW, trail.AGAIN)
        return (
            _(", to look at them before your visit on %(day)s") if looked else _(", because of your visit on %(day)s")
        ) % day
    return _reasons().get(row.why) or _(", because of: %(why)s") % {"why": row.why}


def _reasons() -> dict[str, str]:
    return {
        trail.REVIEW: _(", to look at them before a visit"),
        trail.AGAIN: _(", to look at them again before a visit"),
        trail.VISIT: _(", because of a visit of yours"),
        trail.CARE: _(", as one of those who treat you"),
        trail.EMERGENCY: _(", in an emergency"),
        trail.WATCH: _(", to see whether it was one"),
    }


def _in_words(names: Iterable[str]) -> str:
    """“answers, skin type and scars”."""
    words = field_words()
    return get_text_list([words.get(name, name) for name in names], _("and"))
