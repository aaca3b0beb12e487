"""Figures of a treatment in words, for every page that shows them."""

from collections.abc import Mapping

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from treatments.models import Step, Treatment, TreatmentVersion

register = template.Library()


@register.filter
def price_of(prices: Mapping[int, str] | None, treatment_id: int) -> str:
    """The words for a treatment's price, such as “from £180”, or "" where nothing is on offer."""
    return (prices or {}).get(treatment_id, "")


@register.filter
def drawing_of(version: TreatmentVersion) -> str:
    """The template that draws how the treatment works, or ""."""
    return f"drawings/skin_{version.drawing}.html" if version.drawing else ""


@register.filter
def is_pictured(version: TreatmentVersion) -> bool:
    """Whether a drawing of the skin some months later belongs beside the drawing of how it works."""
    return bool(version.drawing) and version.treatment.kind == Treatment.Kind.PROCEDURE


@register.filter
def shown_steps(version: TreatmentVersion) -> list[Step]:
    """The steps that the patient is there for; setting up and cleaning stay behind the scenes."""
    return [step for step in version.steps.all() if step.patient_present]


@register.filter
def session_minutes(version: TreatmentVersion) -> int:
    return sum(step.minutes for step in shown_steps(version))


@register.filter
def sessions(version: TreatmentVersion) -> str:
    """“3 to 6”, or "" where nothing is known."""
    return _range(version.sessions_min, version.sessions_max)


@register.filter
def interval(version: TreatmentVersion) -> str:
    """“4 to 6 weeks”, with the least where it is another figure, or ""."""
    least = version.interval_min_days
    usual = _days(version.interval_typical_from_days, version.interval_typical_to_days)
    if not least or (usual and least == version.interval_typical_from_days):
        return usual
    least_words = _("at least %(time)s") % {"time": _days(least, least)}
    return _("%(usual)s, %(least)s") % {"usual": usual, "least": least_words} if usual else least_words


@register.filter
def downtime(version: TreatmentVersion) -> str:
    """“1 to 3 days”, “none”, or "" where nothing is known."""
    least, most = version.downtime_min_days, version.downtime_max_days
    if (least, most) == (0, 0):
        return _("none")
    unit = ngettext("day", "days", most or least or 0)
    words = _range(least, most)
    return f"{words} {unit}" if words else ""


def _days(least: int | None, most: int | None) -> str:
    """Days as whole weeks where both are; "" for nothing and for zero."""
    if not least and not most:
        return ""
    if any(days and days % 7 for days in (least, most)):
        return f"{_range(least, most)} {ngettext('day', 'days', most or least or 0)}"
    weeks = [None if days is None else days // 7 for days in (least, most)]
    return f"{_range(*weeks)} {ngettext('week', 'weeks', weeks[1] or weeks[0] or 0)}"


def _range(least: int | None, most: int | None) -> str:
    if least is None or most is None:
        known = most if least is None else least
        words = _("up to %(number)s") if least is None else _("%(number)s or more")
        return "" if known is None else words % {"number": known}
    return str(least) if least == most else _("%(least)s to %(most)s") % {"least": least, "most": most}
