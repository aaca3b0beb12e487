"""`manage.py reencrypt`: seal everything anew under the current key. May be stopped and begun again at any time."""

from argparse import ArgumentParser
from collections import Counter
from time import sleep
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patients.encryption import SealBroken
from patients.resealing import Store, stores

WIDTH = 30  # characters of a whole bar
PAUSE = 0.2  # seconds for somebody to finish writing the rows that a round had to leave out
ROUNDS = 10  # then somebody keeps on writing under another key


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=500, help="values that are sealed in one transaction")
        parser.add_argument("--count", action="store_true", help="only count what each key has sealed")

    def handle(self, *args: Any, batch: int, count: bool, **options: Any) -> None:
        if batch < 1:
            raise CommandError("--batch: write at least 1")
        if not count:
            for store in stores():
                self._reseal(store, batch)
        self._tell_counts()

    def _reseal(self, store: Store, batch: int) -> None:
        """Round after round until nothing is left under another key."""
        todo, done = self._left(store), 0
        for again in range(ROUNDS if todo else 0):
            if again:
                sleep(PAUSE)
            try:
                for step in store.reseal(batch):
                    done += step
                    self._bar(store.name, done, max(todo, done))
            except SealBroken as broken:
                raise CommandError(f"{broken} does not open: its key is missing, or it was altered") from broken
            if not self._left(store):
                break
        if done:
            self.stdout.write("")

    def _left(self, store: Store) -> int:
        counted = store.count()
        return counted.total() - counted[settings.KEYRING["current"]]

    def _bar(self, name: str, done: int, of: int) -> None:
        full = WIDTH * done // of if of else WIDTH
        self.stdout.write(f"\r{name:<40} [{'#' * full}{'.' * (WIDTH - full)}] {done} of {of}", ending="")
        self.stdout.flush()

    def _tell_counts(self) -> None:
        """By store, and in all; a key that no longer has anything is not named."""
        total: Counter[str] = Counter()
        for store in stores():
            counted = store.count()
            total += counted
            said = ", ".join(f"{kid} {number}" for kid, number in sorted(counted.items()))
            self.stdout.write(f"{store.name:<40} {said or 'nothing'}")
        current = settings.KEYRING["current"]
        old = total.total() - total[current]
        self.stdout.write(f"Under the current key, {current}: {total[current]}. Under other keys: {old}.")
        if old:
            self.stdout.write("Start all processes with this keyring, then run it again.")
