"""What somebody who waits would like, in one sentence: for the patient and for staff."""

from datetime import timedelta

from django.utils.translation import gettext as _

from clinic.scheduling.models import Hours, WaitlistEntry
from clinic.scheduling.words import day_words, moment_words


def wishes_words(entry: WaitlistEntry) -> str:
    """“Monday 1 March 2027 to Friday 5 March 2027; Monday, Tuesday; from 10:00; with Dr Lane. Sooner than …”."""
    last = entry.days.upper - timedelta(days=1)
    parts = [_("%(first)s to %(last)s") % {"first": day_words(entry.days.lower), "last": day_words(last)}]
    if entry.weekdays:
        parts.append(", ".join(str(Hours.Weekday(day).label) for day in sorted(entry.weekdays)))
    if entry.from_time:
        parts.append(_("from %(clock)s") % {"clock": f"{entry.from_time:%H:%M}"})
    if entry.to_time:
        parts.append(_("beginning by %(clock)s") % {"clock": f"{entry.to_time:%H:%M}"})
    if entry.practitioner:
        parts.append(_("with %(name)s") % {"name": entry.practitioner.name})
    return f"{'; '.join(parts)}. {_sooner(entry)}".strip()


def _sooner(entry: WaitlistEntry) -> str:
    visit = entry.instead_of
    return _("Sooner than %(when)s.") % {"when": moment_words(visit.during.lower, visit.location.tz)} if visit else ""
