"""What staff read: the verbs of a visit's story, and refusals said to them instead of to the patient."""

from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from clinic.scheduling.policies.intervals import Barred
from clinic.scheduling.policies.moves import MOVES
from clinic.scheduling.refusals import (
    AlreadyWaiting,
    KeyReused,
    NotAllowed,
    OfferGone,
    PatientBusy,
    Refused,
    TalkFirst,
    TooSoon,
)
from clinic.scheduling.words import day_words, need_words
from treatments.models import Rule

STORY: dict[str, str | Promise] = {
    "book": _("Booked at the clinic"),
    "confirm": _("Booked online"),
    "acknowledge": _("Acknowledged"),
    "override": _("Confirmed all the same"),
    "decline": _("Invited to a consultation instead"),
    "ask": _("The patient is asked"),
    "answer": _("Answered"),
    "reopen-review": _("To be looked at again"),
    "cancel": _("Cancelled"),
    "arrive": _("Arrived"),
    "undo-arrive": _("“Arrived” undone"),
    "start": _("Started"),
    "undo-start": _("“Start” undone"),
    "complete": _("Completed"),
    "reopen": _("Reopened"),
    "noshow": _("Did not come"),
    "came-after-all": _("Came after all"),
    "wrong-entry": _("Marked as a wrong entry"),
    "undo-cancel": _("“Cancel” undone"),
    "not-treated": _("Not treated"),
    "reschedule": _("Time changed"),
    "accept": _("Offered time accepted"),
    "adjust": _("End or room changed"),
}

REFUSALS: dict[type[Refused], str | Promise] = {
    PatientBusy: _("The patient already has a visit at this time."),
    TalkFirst: _("A clinician should talk to the patient before this is booked. Offer a consultation instead."),
    KeyReused: _("This page was sent before with other choices. Look at the patient's visits before you book again."),
    NotAllowed: _("This is not yours to do with this visit."),
    AlreadyWaiting: _("The patient is on this waitlist already."),
    OfferGone: _("This time is no longer kept for the patient, who is still on the waitlist."),
}

TIERS: dict[str, str | Promise] = {  # why a visit waits; the tiers' own labels speak to patients
    Rule.Tier.BLOCK: _("speak with the patient"),
    Rule.Tier.BLOCK_UNTIL: _("the day is earlier than advised"),
    Rule.Tier.FLAG: _("answers to look at"),
}


def tier_words(tier: str) -> str:
    return str(TIERS.get(tier) or _("nothing in the answers yet"))


OUTCOMES: dict[str, str | Promise] = {  # what rules do to a booking
    "": _("booked at once"),
    Rule.Tier.INFO: _("booked at once, with advice"),
    Rule.Tier.PREP: _("booked at once, with a preparation"),
    Rule.Tier.FLAG: _("waits for a clinician"),
    Rule.Tier.BLOCK_UNTIL: _("offered from a later day on"),
    Rule.Tier.BLOCK: _("talk first"),
}
FEW = 5  # fewer might tell of a person


def outcome_words(tier: str, earliest: date | None) -> str:
    """What the rules do to a booking, for staff."""
    if tier == Rule.Tier.BLOCK_UNTIL and earliest:
        return str(_("offered from %(day)s on") % {"day": day_words(earliest)})
    return str(OUTCOMES[tier])


def few_words(count: int, *, exact: bool) -> str:
    """A number of patients; for those who may not see who they are, small ones are not told."""
    if exact or count == 0 or count >= FEW:
        return str(count)
    return str(_("fewer than %(few)d") % {"few": FEW})


def story_words(verb: str) -> str:
    """“Arrived”; a verb of the table that is not told here goes by its label."""
    return str(STORY.get(verb) or (MOVES[verb].label if verb in MOVES else verb))


def rest_words(span: Barred) -> str:
    """Why the first possible day is the one after `span`."""
    day = day_words(span.last + timedelta(days=1))
    if span.need:
        said = {"first": need_words(span.need), "day": day}
        return str(_("Before this visit comes %(first)s. The earliest day is %(day)s.") % said)
    return str(_("The skin needs time to heal between visits. The earliest day is %(day)s.") % {"day": day})


def span_words(span: Barred) -> str:
    """Why a treatment cannot be earlier, in a few words."""
    if span.need:
        return str(need_words(span.need))
    on = {"day": day_words(span.visit.day) if span.visit else "", "days": span.days}
    if not span.days:
        return str(_("Time before the visit on %(day)s") % on)
    return ngettext("%(days)s day after the visit on %(day)s", "%(days)s days after the visit on %(day)s", span.days) % on


def refusal_words(refusal: Refused) -> str:
    """The sentence for staff."""
    if isinstance(refusal, TooSoon):
        return rest_words(refusal.span)
    return str(REFUSALS.get(type(refusal)) or refusal)
