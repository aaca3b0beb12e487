"""How long an answer counts, and when a question is due. Pure; counted in days, because a visit's hour may still change."""

from datetime import date, datetime, timedelta

from django.utils import timezone

from treatments.models import Window

SESSION = timedelta(hours=24)
YEAR = timedelta(days=365)
DAYS = {Window.WITHIN_7D: 7, Window.WITHIN_48H: 2}


def is_due(window: str, visit: date, now: datetime) -> bool:
    """Whether a question is asked now: one about the last days only when the visit lies inside its window."""
    return window not in DAYS or _inside(window, visit, now)


def still_counts(window: str, given: datetime, visit: date, now: datetime, since: datetime | None = None) -> bool:
    """Whether an answer `given` then needs no second asking for a visit on the local day `visit`.

    once: always · yearly: while it is at most 365 days old on that day · each session: for 24 hours, so that one sitting
    may book several visits, and for good for a visit that was booked (`since`) while it counted · 7 days, 48 hours: when
    it was given inside that window before the visit.
    """
    if window == Window.ONCE:
        return True
    if window == Window.YEARLY:
        return visit - timezone.localdate(given) <= YEAR
    if window in DAYS:
        return _inside(window, visit, given)
    return now - given <= SESSION or (since is not None and since - given <= SESSION)


def _inside(window: str, visit: date, moment: datetime) -> bool:
    return visit - timezone.localdate(moment) <= timedelta(days=DAYS[Window(window)])
