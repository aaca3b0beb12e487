"""People who have been here before, and who need not show it at the door."""

import time
from datetime import datetime, timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext

from clinic.accounts.models import User
from clinic.scheduling.models import Location
from patients.models import Consent, Patient
from patients.operations import save_page
from patients.queries import intake
from patients.tickets import Ticket
from tests.patients.world import harmless, person
from treatments.acting import Actor
from treatments.models import ConsentVersion, Treatment
from treatments.versions import content_hash


def returning(place: Location, email: str, *, open_page: str = "about_you") -> Patient:
    """A patient who has answered everything before microneedling, harmlessly, but for one page."""
    now = timezone.now()
    patient = person(given="Robin", email=email)
    on = (now + timedelta(days=9)).date()
    ticket = Ticket("microneedling", on, place.jurisdiction, "/")
    while page := _open_page(patient, ticket, now, but=open_page):
        values = {item.code: harmless(item) for item in page.items}
        save_page(actor=Actor(user=patient.user), patient=patient, page=page, values=values, now=now)
    return patient


def _open_page(patient: Patient, ticket: Ticket, now: datetime, *, but: str) -> intake.Page | None:
    """The next one; each page may lead to another (the zones of the scars to questions about each of them)."""
    pages = intake.pages(patient, ticket, now)
    return next((page for page in pages if page.code != but and not page.is_answered), None)


def answering(patient: Patient, place: Location, *, page: str = "about_you", **said: str) -> None:
    """The patient answers one page before microneedling, harmlessly but for `said`: {question code: value}."""
    now = timezone.now()
    ticket = Ticket("microneedling", (now + timedelta(days=9)).date(), place.jurisdiction, "/")
    asked = next(found for found in intake.pages(patient, ticket, now) if found.code == page)
    values = {item.code: said.get(item.code, harmless(item)) for item in asked.items}
    save_page(actor=Actor(user=patient.user), patient=patient, page=asked, values=values, now=now)


def sign_in_quietly(context: BrowserContext, user: User, server: str, **more: str) -> None:
    """The cookie of a session that has just begun, with all that was asked for, and `more` in it."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "code", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.update(more)
    session.save()
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": str(session.session_key), "url": server}])


def signed_consent(patient: Patient, treatment: Treatment, doctor: User) -> Consent:
    """The patient's signature on the tablet, under the text in force."""
    version = ConsentVersion.objects.live(timezone.now()).get(treatment=treatment)
    said = {"patient": patient, "version": version, "text_hash": content_hash(version), "recorded_by": doctor}
    return Consent.objects.create(**said, name=str(patient), how=Consent.How.TABLET, at=timezone.now())
