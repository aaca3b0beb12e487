"""Time in the demo: actions are put on it in any order and happen one by one, each told what its `now` is."""

from collections.abc import Callable
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count

Action = Callable[[datetime], object]


class Timeline:
    def __init__(self) -> None:
        self._actions: list[tuple[datetime, int, Action]] = []
        self._order = count()  # of two at one moment, the one that was put first

    def at(self, when: datetime, action: Action) -> None:
        heappush(self._actions, (when.astimezone(UTC), next(self._order), action))

    def run(self, until: datetime) -> None:
        """Let everything up to `until` happen, also what is put on meanwhile; the rest never does."""
        while self._actions and self._actions[0][0] <= until:
            when, _, action = heappop(self._actions)
            action(when)
