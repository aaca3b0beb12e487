"""The outbox: a letter for every fact, none without one, each sent once, and none that stops the others."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from threading import Event
from uuid import UUID, uuid4

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection, connections, transaction

from clinic.messaging import outbox
from clinic.messaging.models import Envelope
from tests.build import NOW

State = Envelope.State
ONE, OTHER = UUID(int=1), UUID(int=2)
MINUTE = timedelta(minutes=1)


def compose(kind: str, subject: UUID) -> EmailMessage | None:
    """What a letter becomes is its kind: a plain one, none any more, a bug, a failed query, an address that bounces."""
    if kind == "stale":
        return None
    if kind == "broken":
        raise LookupError("pat@example.org has no such thing")
    if kind == "failing":
        with connection.cursor() as cursor:
            cursor.execute("select 1 / 0")
    return EmailMessage("A subject", kind, to=[] if kind == "nobody" else ["pat@example.org"])


class Refusing:
    """A post office that is closed."""

    def __init__(self, *args: object, **kwargs: object) -> None: ...

    def send_messages(self, messages: list[EmailMessage]) -> int:
        raise ConnectionRefusedError("mail.example.org said no to pat@example.org")


@pytest.fixture(autouse=True)
def ours(settings) -> None:
    settings.OUTBOX_COMPOSE = "tests.clinic.test_outbox.compose"


def put(kind: str = "plain", *, subject: UUID = ONE, dedupe: str = "", due=NOW) -> Envelope:
    dedupe = dedupe or f"{kind}:{uuid4()}"
    outbox.put(kind, subject, dedupe=dedupe, due=due)
    return Envelope.objects.get(dedupe=dedupe)


def facts(envelope: Envelope) -> tuple[object, ...]:
    envelope.refresh_from_db()
    return envelope.state, envelope.tries, envelope.last_error, envelope.due_at, envelope.done_at


# --- Putting in ---------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_rollback_leaves_no_envelope() -> None:
    with suppress(ZeroDivisionError), transaction.atomic():
        put()
        raise ZeroDivisionError
    assert not Envelope.objects.exists()


@pytest.mark.django_db
def test_one_letter_however_often_it_is_asked_for() -> None:
    first = put(dedupe="confirmation:1")
    outbox.put("other", OTHER, dedupe="confirmation:1", due=NOW + MINUTE)
    assert list(Envelope.objects.values_list("pk", "kind", "subject", "due_at")) == [(first.pk, "plain", ONE, NOW)]


@pytest.mark.django_db
def test_a_sent_letter_is_not_asked_for_again() -> None:
    put(dedupe="confirmation:1")
    outbox.send_next(NOW)
    put(dedupe="confirmation:1")
    assert not outbox.send_next(NOW)
    assert len(mail.outbox) == 1


# --- Sending ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_letter_is_sent_once_when_it_is_due_and_not_before() -> None:
    envelope = put(due=NOW)
    assert not outbox.send_next(NOW - timedelta(microseconds=1))
    assert outbox.send_next(NOW)
    assert not outbox.send_next(NOW)
    assert facts(envelope) == (State.SENT, 0, "", NOW, NOW)
    assert [letter.body for letter in mail.outbox] == ["plain"]


@pytest.mark.django_db
def test_the_letter_that_has_waited_longest_goes_first() -> None:
    for kind, minutes in (("third", 3), ("first", 1), ("second", 2)):
        put(kind, due=NOW + minutes * MINUTE)
    while outbox.send_next(NOW + 5 * MINUTE):
        pass
    assert [letter.body for letter in mail.outbox] == ["first", "second", "third"]


@pytest.mark.django_db
def test_a_letter_that_may_go_twice_has_one_message_id(settings) -> None:
    settings.SITE_URL = "https://clinic.example:8443"
    put(dedupe="confirmation:abc")
    outbox.send_next(NOW)
    assert mail.outbox[0].message()["Message-ID"] == "<confirmation.abc@clinic.example>"


@pytest.mark.django_db
def test_what_is_no_longer_true_is_dropped_and_not_sent() -> None:
    envelope = put("stale")
    assert outbox.send_next(NOW)
    assert facts(envelope) == (State.DROPPED, 0, "", NOW, NOW)
    assert mail.outbox == []


# --- Failing ------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_failing_letter_waits_twice_as_long_each_time_and_is_given_up_after_eight(settings) -> None:
    settings.EMAIL_BACKEND = "tests.clinic.test_outbox.Refusing"
    envelope, now, pauses = put(), NOW, []
    while outbox.send_next(now):
        envelope.refresh_from_db()
        pauses.append((envelope.due_at - now).total_seconds())
        now = envelope.due_at
        if envelope.state == State.DEAD:
            break
        assert not outbox.send_next(now - timedelta(microseconds=1))
    assert pauses[:-1] == [30, 60, 120, 240, 480, 960, 1920]
    assert facts(envelope) == (State.DEAD, 8, "ConnectionRefusedError", now, now)
    assert not outbox.send_next(now + timedelta(days=365))


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["broken", "failing", "plain"])
def test_one_bad_letter_does_not_stop_the_next(settings, kind: str) -> None:
    """A bug in composing, a query that fails, a post office that is closed."""
    bad, good = put(kind), put("stale", due=NOW + MINUTE)
    if kind == "plain":
        settings.EMAIL_BACKEND = "tests.clinic.test_outbox.Refusing"
    assert outbox.send_next(NOW + MINUTE)
    assert outbox.send_next(NOW + MINUTE)
    assert facts(bad)[0:2] == (State.WAITING, 1)
    assert facts(good)[0] == State.DROPPED


@pytest.mark.django_db
def test_what_is_kept_and_logged_of_an_error_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    envelope = put("broken")
    outbox.send_next(NOW)
    assert facts(envelope)[2] == "LookupError"
    assert "LookupError" in caplog.text
    assert "pat@example.org" not in caplog.text


@pytest.mark.django_db
def test_a_letter_recovers_when_the_post_office_opens(settings) -> None:
    envelope, opened = put(), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "tests.clinic.test_outbox.Refusing"
    outbox.send_next(NOW)
    settings.EMAIL_BACKEND = opened
    assert outbox.send_next(NOW + MINUTE)
    assert facts(envelope)[:2] == (State.SENT, 1)
    assert len(mail.outbox) == 1


# --- Several workers ------------------------------------------------------------------------------------------------------


def work(now) -> None:
    try:
        while outbox.send_next(now):
            pass
    finally:
        connections.close_all()


@pytest.mark.race
def test_many_workers_send_each_letter_once(cloned: str) -> None:
    for n in range(40):
        put(f"letter-{n}")
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(work, [NOW] * 4))
    assert sorted(letter.body for letter in mail.outbox) == sorted(f"letter-{n}" for n in range(40))
    assert set(Envelope.objects.values_list("state", flat=True)) == {State.SENT}


class Slow:
    """A post office that takes its time: it opens when the test says so."""

    arrived, go_on = Event(), Event()
    sent: list[str] = []

    def __init__(self, *args: object, **kwargs: object) -> None: ...

    def send_messages(self, messages: list[EmailMessage]) -> int:
        Slow.arrived.set()
        assert Slow.go_on.wait(10)
        Slow.sent += [letter.body for letter in messages]
        return len(messages)


@pytest.mark.race
def test_a_letter_in_the_hands_of_one_worker_is_passed_over_by_the_next(cloned: str, settings) -> None:
    settings.EMAIL_BACKEND = "tests.clinic.test_outbox.Slow"
    Slow.arrived.clear(), Slow.go_on.clear(), Slow.sent.clear()
    put("first")
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(work, NOW)
        assert Slow.arrived.wait(10)
        assert not outbox.send_next(NOW)  # it neither waits nor sends
        put("stale")
        assert outbox.send_next(NOW)  # and those behind it are not held up
        Slow.go_on.set()
        busy.result(10)
    assert Slow.sent == ["first"]
    assert Envelope.objects.get(kind="first").state == State.SENT


@pytest.mark.race
def test_a_worker_that_dies_while_sending_leaves_its_letter_to_the_next(cloned: str, settings) -> None:
    envelope = put()
    settings.EMAIL_BACKEND = "tests.clinic.test_outbox.Slow"
    Slow.arrived.clear(), Slow.go_on.clear(), Slow.sent.clear()
    with ThreadPoolExecutor(1) as pool:
        killed = pool.submit(work, NOW)
        assert Slow.arrived.wait(10)
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where state = 'idle in transaction' and datname = current_database()"
            )
        Slow.go_on.set()
        assert killed.exception(10) is not None
    assert facts(envelope)[0] == State.WAITING
    assert outbox.send_next(NOW)
    assert Slow.sent == ["plain", "plain"]  # twice at worst, under one Message-ID
    assert facts(envelope)[0] == State.SENT


@pytest.mark.race
def test_a_slow_post_office_counts_as_a_failure_and_not_as_never_tried(cloned: str, settings) -> None:
    """The server ends a transaction that idles while a letter is being sent; the letter must not go out for ever."""
    envelope = put()
    settings.EMAIL_BACKEND = "tests.clinic.test_outbox.Slow"
    Slow.arrived.clear(), Slow.go_on.clear(), Slow.sent.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(impatient_work, NOW)
        assert Slow.arrived.wait(10)
        Event().wait(0.4)
        Slow.go_on.set()
        slow.exception(10)
    assert facts(envelope)[:2] != (State.WAITING, 0)


def impatient_work(now) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set idle_in_transaction_session_timeout = '100ms'")
    work(now)
