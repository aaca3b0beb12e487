"""Why a free time suits somebody who waits, or does not, in words for staff."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinic.scheduling.policies.matching import Reason, Why
from clinic.scheduling.words import day_words

WORDS: dict[Why, str | Promise] = {
    Why.DAYS: _("not on the days asked for"),
    Why.LATER: _("not sooner than the visit it would replace"),
    Why.OFFERED: _("has another offer open"),
    Why.PASSED: _("said no to this time or one like it, or let it pass"),
    Why.BUSY: _("has another visit then"),
    Why.FULL: _("has as many visits planned as can be booked online"),
    Why.RESTS: _("too near to another visit"),
    Why.FIRST: _("something else has to be booked first"),
    Why.TALK: _("a clinician should talk to the patient first"),
    Why.WEEKDAY: _("wishes another weekday"),
    Why.CLOCK: _("wishes another time of day"),
    Why.PRACTITIONER: _("wishes another practitioner"),
}


def reason_words(reason: Reason) -> str:
    """“Too near to another visit: the earliest day is Monday 29 March 2027”."""
    words = str(WORDS[reason.why])
    if reason.day is None:
        return words
    return _("%(why)s: the earliest day is %(day)s") % {"why": words, "day": day_words(reason.day)}
