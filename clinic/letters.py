"""Kind of message → a letter composed from what is true at sending, or None when it is no longer true.

Letters are neutral: when and where, never what for. Everything else is behind signing in.
"""

from collections.abc import Callable, Sequence
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.accounts.models import User
from clinic.accounts.roles import Role
from clinic.scheduling.calendar import calendar_file
from clinic.scheduling.models import Appointment, CallBack, Status, WaitlistOffer
from clinic.scheduling.queries.asking import open_request
from clinic.scheduling.queries.checks import open_check
from clinic.scheduling.queries.clock import house_clock
from clinic.scheduling.queries.screening import consultation_at
from clinic.scheduling.words import moment_words, zone_words
from patients.models import EmergencyAccess, Patient


def compose(kind: str, subject: UUID) -> EmailMessage | None:
    """The letter of an envelope. Raises KeyError for an unknown kind."""
    if kind in WITHOUT_A_VISIT:
        return WITHOUT_A_VISIT[kind](subject)
    write, still_true = LETTERS[kind]
    visits = Appointment.objects.select_related("patient", "location", "practitioner", "treatment")
    visit = visits.filter(pk=subject, status__in=still_true).first()
    if visit is None or visit.patient is None or not visit.patient.email:
        return None
    return write(visit, visit.patient)


def _confirmation(visit: Appointment, patient: Patient) -> EmailMessage:
    opening = _("your appointment is booked:")
    letter = _letter(visit, patient, _("Your appointment is booked"), opening)
    letter.attach("visit.ics", calendar_file(visit).decode(), "text/calendar; method=PUBLISH")
    return letter


def _received(visit: Appointment, patient: Patient) -> EmailMessage:
    opening = _("we have your request, and keep this time for you until we have looked at it:")
    return _letter(visit, patient, _("We have your request"), opening)


def _changed(visit: Appointment, patient: Patient) -> EmailMessage:
    letter = _letter(visit, patient, _("Your appointment has a new time"), _("your appointment has a new time:"))
    letter.attach("visit.ics", calendar_file(visit).decode(), "text/calendar; method=PUBLISH")
    return letter


def _proposal(visit: Appointment, patient: Patient) -> EmailMessage | None:
    """While the other time is still kept."""
    hold = visit.proposals.filter(expires_at__gt=timezone.now()).select_related("location").first()
    if hold is None or hold.expires_at is None:
        return None
    tz = visit.location.tz
    times = {"new": moment_words(hold.during.lower, tz), "until": moment_words(hold.expires_at, tz)}
    opening = _("we are sorry: this appointment cannot take place as planned.")
    kept = _("We have kept another time for you: %(new)s. Please tell us by %(until)s whether it suits you.") % times
    link = settings.SITE_URL + reverse("scheduling:proposal", args=[visit.pk])
    return _letter(visit, patient, _("Your appointment has to move"), opening, [kept, link])


def _check(visit: Appointment, patient: Patient) -> EmailMessage | None:
    """While something is to be answered, and the appointment is near."""
    if open_check(visit, timezone.now()) is None:
        return None
    link = settings.SITE_URL + reverse("scheduling:questions", args=[visit.pk])
    asked = _("Please answer a few questions before it, behind signing in:")
    return _letter(visit, patient, _("Before your appointment"), _("your appointment is near:"), [f"{asked}\n{link}"])


def _cancellation(visit: Appointment, patient: Patient) -> EmailMessage:
    letter = _letter(visit, patient, _("Your appointment is cancelled"), _("this appointment is cancelled:"))
    letter.attach("visit.ics", calendar_file(visit).decode(), "text/calendar; method=CANCEL")
    return letter


def _question(visit: Appointment, patient: Patient) -> EmailMessage | None:
    """While it is not answered. What is asked stands behind signing in."""
    if open_request(visit) is None:
        return None
    link = settings.SITE_URL + reverse("scheduling:visit", args=[visit.pk])
    asked = _("Please read it, and answer, behind signing in. We keep the time for you meanwhile:")
    opening = _("we have a question for you about this appointment:")
    return _mail(visit, patient, _("We have a question for you"), opening, [f"{asked}\n{link}"])


def _declined(visit: Appointment, patient: Patient) -> EmailMessage:
    """With the way to a consultation, where the location offers one."""
    talk = consultation_at(visit.location, timezone.now())
    opening = _("we would like to talk to you first, so this appointment does not take place, and there is nothing to pay:")
    path = reverse("scheduling:times", args=[talk.treatment_id]) if talk else ""
    find = _("Find a time to see us, if you like:")
    then = [f"{find}\n{settings.SITE_URL}{path}?place={visit.location.slug}"] if path else []
    letter = _letter(visit, patient, _("We would like to talk to you first"), opening, then)
    letter.attach("visit.ics", calendar_file(visit).decode(), "text/calendar; method=CANCEL")
    return letter


def _missed_call(subject: UUID) -> EmailMessage | None:
    """While nobody has spoken with the patient."""
    calls = CallBack.objects.select_related("patient", "location").filter(pk=subject, done_at=None, tries__gt=0)
    call = calls.first()
    if call is None or not call.patient.email:
        return None
    greeting = _("Hello %(name)s,") % {"name": call.patient.given_name}
    tried = _("we tried to call you, as you asked, and could not reach you. We try again later.")
    ours = _("You can also call us: %(number)s (%(name)s).") % {"number": call.location.telephone, "name": call.location}
    body = "\n\n".join([greeting, tried, ours, settings.SITE_NAME])
    return EmailMessage(_("We tried to call you"), body, to=[call.patient.email])


def _offer(subject: UUID) -> EmailMessage | None:
    """A time for somebody who waits for one, while it is kept."""
    kept = WaitlistOffer.objects.select_related("entry__patient", "entry__location", "hold__location")
    offer = kept.filter(pk=subject, answer=WaitlistOffer.Answer.OPEN, expires_at__gt=timezone.now()).first()
    if offer is None or offer.hold is None or not offer.entry.patient.email:
        return None
    until = moment_words(offer.expires_at, offer.hold.location.tz)
    then = [
        _("It is kept for you until %(until)s. Say whether it suits you behind signing in:") % {"until": until},
        settings.SITE_URL + reverse("scheduling:offer", args=[offer.pk]),
    ]
    return _mail(offer.hold, offer.entry.patient, _("A time has become free"), _("a time has become free for you:"), then)


def _break_glass(subject: UUID) -> EmailMessage | None:
    """To all owners: who and when. Whose record, and why, is behind signing in."""
    access = EmergencyAccess.objects.select_related("user").filter(pk=subject).first()
    owners = User.objects.filter(roles__contains=[Role.OWNER], is_active=True).order_by("pk")
    to = list(owners.values_list("email", flat=True))
    if access is None or not to:
        return None
    tz = house_clock().tz
    said = {"who": access.user, "when": moment_words(access.during.lower, tz), "zone": zone_words(tz)}
    opening = _("%(who)s opened a record in an emergency on %(when)s (%(zone)s).") % said
    link = settings.SITE_URL + reverse("workspace:emergency_told", args=[access.pk])
    why = _("Whose it is and why stands behind signing in:")
    body = "\n\n".join([_("Hello,"), opening, f"{why}\n{link}", settings.SITE_NAME])
    return EmailMessage(_("A record was opened in an emergency"), body, to=to)


def _letter(visit: Appointment, patient: Patient, subject: str, opening: str, then: Sequence[str] = ()) -> EmailMessage:
    more, link = _("Everything else, and changing it, is behind signing in:"), reverse("scheduling:visit", args=[visit.pk])
    return _mail(visit, patient, subject, opening, [*then, f"{more}\n{settings.SITE_URL}{link}"])


def _mail(visit: Appointment, patient: Patient, subject: str, opening: str, then: Sequence[str]) -> EmailMessage:
    """When and where, between an opening and what follows from it."""
    place = visit.location
    when = f"{moment_words(visit.during.lower, place.tz)} ({zone_words(place.tz)})"
    where = "\n".join([place.name, place.address, place.telephone])
    greeting = _("Hello %(name)s,") % {"name": patient.given_name}
    body = "\n\n".join([greeting, opening, f"{when}\n{where}", *then, settings.SITE_NAME])
    return EmailMessage(subject, body, to=[patient.email])


Write = Callable[[Appointment, Patient], EmailMessage | None]
LETTERS: dict[str, tuple[Write, tuple[Status, ...]]] = {
    "confirmation": (_confirmation, (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)),
    "changed": (_changed, (Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN)),
    "proposal": (_proposal, (Status.BOOKED, Status.PENDING)),
    "check": (_check, (Status.BOOKED, Status.PENDING)),
    "received": (_received, (Status.PENDING,)),
    "question": (_question, (Status.PENDING,)),
    "declined": (_declined, (Status.CANCELLED,)),
    "cancellation": (_cancellation, (Status.CANCELLED,)),
}
WITHOUT_A_VISIT: dict[str, Callable[[UUID], EmailMessage | None]] = {
    "offer": _offer,
    "missed-call": _missed_call,
    "break_glass": _break_glass,
}
