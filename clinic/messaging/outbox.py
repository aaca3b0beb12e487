"""Putting envelopes in, and taking them out to be sent.

Rows are written in the transaction of the fact. A worker holds the row lock while it sends, so any number of workers may
run, and one that is killed leaves its envelope to the next (at worst a letter goes twice, under the same Message-ID).
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.utils.module_loading import import_string

from clinic.messaging.models import Envelope

Compose = Callable[[str, UUID], EmailMessage | None]
MOST_TRIES = 8
FIRST_PAUSE = timedelta(seconds=30)

log = logging.getLogger(__name__)


def put(kind: str, subject: UUID, *, dedupe: str, due: datetime) -> None:
    """Ask for a letter; the same `dedupe` is one letter, however often it is asked for."""
    Envelope.objects.bulk_create([Envelope(kind=kind, subject=subject, dedupe=dedupe, due_at=due)], ignore_conflicts=True)


def send_next(now: datetime) -> bool:
    """Send the letter that has waited longest; False when none is due."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("set local idle_in_transaction_session_timeout = 0")  # a slow post office is no reason to send twice
        due = Envelope.objects.select_for_update(skip_locked=True).filter(state="waiting", due_at__lte=now)
        envelope = due.order_by("due_at", "pk").first()
        if envelope is None:
            return False
        _send(envelope, now)
        envelope.save()
    return True


def _send(envelope: Envelope, now: datetime) -> None:
    """Compose now, from what is true now, and send. A failure waits twice as long each time, and is given up in the end."""
    compose: Compose = import_string(settings.OUTBOX_COMPOSE)
    try:
        with transaction.atomic():  # a composer's failed query must not take the envelope with it
            letter = compose(envelope.kind, envelope.subject)
        if letter is not None:
            letter.extra_headers["Message-ID"] = f"<{envelope.dedupe.replace(':', '.')}@{_host()}>"
            letter.send()
        envelope.state = Envelope.State.SENT if letter is not None else Envelope.State.DROPPED
        envelope.done_at = now
    except Exception as error:  # noqa: BLE001  # one bad letter must not stop those after it
        _postpone(envelope, error, now)


def _postpone(envelope: Envelope, error: Exception, now: datetime) -> None:
    envelope.tries += 1
    envelope.last_error = type(error).__name__  # its text may quote an address
    log.warning("letter %s (%s) failed: %s", envelope.pk, envelope.kind, envelope.last_error)
    if envelope.tries >= MOST_TRIES:
        envelope.state, envelope.done_at = Envelope.State.DEAD, now
    else:
        envelope.due_at = now + FIRST_PAUSE * 2 ** (envelope.tries - 1)


def _host() -> str:
    return settings.SITE_URL.split("//")[-1].split(":")[0]
