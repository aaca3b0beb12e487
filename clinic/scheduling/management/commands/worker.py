"""Sends letters that wait, clears away old holds, offers free times to those who wait. Any number of workers may run."""

import os
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import OperationalError, close_old_connections
from django.utils import timezone

from clinic.messaging import outbox
from clinic.scheduling import operations

PAUSE = 1.0  # seconds between two looks at an empty outbox
SWEEP_EVERY = 60  # looks


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="send what is due now, and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stopping = threading.Event()  # set by a signal: the letter in hand is finished first
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopping.set())
        looks, parent = 0, os.getppid()
        while not stopping.is_set() and os.getppid() == parent:  # who started it may have been killed
            self._look(sweep=looks % SWEEP_EVERY == 0)
            if once:
                return
            looks += 1
            stopping.wait(PAUSE)

    def _look(self, *, sweep: bool) -> None:
        """A database that is away for a moment is waited for."""
        close_old_connections()
        try:
            while outbox.send_next(timezone.now()):
                pass
            if sweep:
                operations.sweep(now=timezone.now())
                operations.offer_times(now=timezone.now())
                operations.announce_checks(now=timezone.now())
        except OperationalError as error:
            self.stderr.write(f"the database is away: {type(error.__cause__).__name__}")
