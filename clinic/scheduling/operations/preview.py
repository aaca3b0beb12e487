"""What publishing a draft of the rules would mean for the visits that are booked."""

from datetime import datetime

from clinic.scheduling.queries.touched import Preview, touched_visits
from treatments.acting import Actor, acting_as

PREVIEW = Actor(task="rule preview")


def preview_rules(*, now: datetime) -> Preview | None:
    """The visits to come whose tier or earliest day the draft would change; None while there is no draft.

    It reads answers as a task of the system and tells none of them: who asks learns tiers and days, as a review list
    shows them, so that nothing has to be written into the trail. Stored evaluations stay as they are.
    """
    with acting_as(PREVIEW):
        return touched_visits(now)
