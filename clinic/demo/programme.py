"""What is planned in the demo: a usual six weeks, an unusual today, and the four weeks to come."""

from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TypeVar

from clinic.accounts.models import User
from clinic.demo.consents import allow_photos
from clinic.demo.looks import look
from clinic.demo.people import SIGN_INS
from clinic.demo.review import is_asked, wants_a_call
from clinic.demo.visits import MINUTE, Errand, Fate, arrange, open_starts
from clinic.demo.world import World
from clinic.scheduling.operations import Emergency, break_glass
from treatments.acting import Actor

Thing = TypeVar("Thing")
BACK, AHEAD = 42, 28  # days
EMPTY = 9  # days from today
USUAL = {"london": [1, 1, 2], "new-york": [0, 0, 1]}  # visits a day
MIX = {
    "london": {"microneedling": 8, "consultation": 6, "nafl": 2, "afl": 1, "test_patch": 2},
    "new-york": {"microneedling": 8, "consultation": 5, "nafl": 2, "test_patch": 1},
}
SEEN = {"nafl": "skin type seen at the consultation", "afl": "skin type seen at the consultation"}  # booked by telephone
FATES = {Fate.COMES: 84, Fate.CANCELS: 9, Fate.STAYS_AWAY: 6, Fate.GOES_HOME: 1}
FRIDAY, SUNDAY = 5, 7
TODAY: list[tuple[str, time, Fate]] = [  # in London, where two people work every day
    ("consultation", time(9, 15), Fate.COMES),
    ("microneedling", time(9, 30), Fate.COMES),
    ("test_patch", time(10, 30), Fate.CANCELS),
    ("consultation", time(11), Fate.STAYS_AWAY),
    ("microneedling", time(13), Fate.COMES),  # being treated
    ("consultation", time(14), Fate.COMES),  # waits to be called
    ("microneedling", time(15, 30), Fate.COMES),
    ("consultation", time(16, 45), Fate.COMES),
]


def plan(world: World) -> None:
    """Put everything on the timeline."""
    _rowan(world)
    _today(world)
    _answers(world)
    _calls(world)
    _usual_days(world)
    _full_day(world)


def _rowan(world: World) -> None:
    """The patient to sign in as: a consultation, a first session, and the next one."""
    for code, offset in (("consultation", -40), ("microneedling", -33), ("microneedling", 5)):
        rowan = world.plan(world.people[0], code, world.day(offset))
        _when_they_call(world, Errand(rowan, code, "london", world.day(offset)))
        look(world, rowan, world.day(offset))
    world.timeline.at(world.at(world.day(-33), time(19), "london"), partial(allow_photos, world.people[0]))
    world.timeline.at(world.at(world.day(-33), time(20), "london"), partial(_evening, world))


def _evening(world: World, now: datetime) -> None:
    """Rowan telephones after the first session, and nobody is there any more but the owner."""
    owner = Actor(user=User.objects.get(email=SIGN_INS["owner"]))
    wish = Emergency(
        world.people[0].row.pk, "Telephoned in the evening, very worried; the practitioner could not be reached."
    )
    break_glass(actor=owner, emergency=wish, now=now)


def _today(world: World) -> None:
    for code, clock, fate in TODAY:
        person = world.somebody(code, world.today, "london", online=False)
        if person:
            _when_they_call(world, Errand(person, code, "london", world.today, clock, fate=fate))


def _answers(world: World) -> None:
    """Online bookings of this morning whose answers mean something; the two flagged ones wait for a clinician."""
    scenes = [
        (6, {"retinoid_topical": "bought"}),
        (8, {"smoker": "daily"}),
        (7, {"pih_history": "yes"}),
        (12, {"cold_sore_history": "yes", "smoker": "sometimes"}),
    ]
    for number, (offset, said) in enumerate(scenes):
        person = world.newcomer("microneedling", world.day(offset))
        if person:
            errand = Errand(person, "microneedling", "london", world.day(offset), said=said)
            world.timeline.at(world.end - (200 - 40 * number) * MINUTE, partial(arrange, world, errand))
            if "cold_sore_history" in said:
                world.timeline.at(world.end - 60 * MINUTE, partial(is_asked, world, person, "cold_sore_history"))
            if "retinoid_topical" in said:
                world.timeline.at(world.end - 20 * MINUTE, partial(wants_a_call, world, person))
    _refused(world, 10, {"keloid_history": "yes"}, "consultation")
    _refused(world, 3, {"toxin_recent": world.day(-6).isoformat()}, "microneedling", "the doctor agreed on the telephone")


def _refused(world: World, offset: int, said: dict[str, str], then: str, override: str = "") -> None:
    """Their answers close the session that they want to book; they come for `then`."""
    day = world.day(offset)
    person = world.newcomer("microneedling", day)
    if person:
        wish = Errand(person, "microneedling", "london", day, said=said)
        instead = Errand(person, then, "london", day, override=override)
        world.timeline.at(world.end - (300 - offset) * MINUTE, partial(arrange, world, wish))
        world.timeline.at(world.end - (270 - offset) * MINUTE, partial(arrange, world, instead))


def _calls(world: World) -> None:
    """Calls of this morning: a visit entered by mistake, and a laser session that a clinician is to look at."""
    for offset, code, fate in ((1, "consultation", Fate.WRONG), (13, "nafl", Fate.COMES)):
        person = world.somebody(code, world.day(offset), "london", online=False)
        if person:
            errand = Errand(person, code, "london", world.day(offset), override=SEEN.get(code, ""), fate=fate)
            world.timeline.at(world.end - (150 - offset) * MINUTE, partial(arrange, world, errand))


def _usual_days(world: World) -> None:
    for offset in range(-BACK, AHEAD + 1):
        for place in USUAL:
            day = world.day(offset)
            planned = (place == "london" and offset == 0) or (place == "new-york" and day == full_day(world))
            closed = place == "new-york" and day.isoweekday() == SUNDAY
            if not planned and not closed and offset != EMPTY:
                _usual_day(world, place, day)


def _usual_day(world: World, place: str, day: date) -> None:
    for _ in range(world.random.choice(USUAL[place])):
        code = _one_of(world, MIX[place])
        person = world.somebody(code, day, place)
        if person:
            said = {"cold_sore_history": "yes"} if world.random.random() < 0.15 else {}
            errand = Errand(person, code, place, day, said=said, override=SEEN.get(code, ""), fate=_one_of(world, FATES))
            _when_they_call(world, errand)


def full_day(world: World) -> date:
    """The next day but two on which one practitioner has New York alone."""
    return next(day for day in map(world.day, range(3, 7)) if day.isoweekday() not in (FRIDAY, SUNDAY))


def _full_day(world: World) -> None:
    """People telephoned yesterday and the day before until nothing was left in New York."""
    for hours in (52, 51, 50, 49, 28, 27, 26):
        world.timeline.at(world.end - hours * 60 * MINUTE, partial(_one_more, world))
    world.timeline.at(world.end - 25 * 60 * MINUTE, partial(_to_the_last, world))


def _to_the_last(world: World, now: datetime) -> None:
    while _one_more(world, now):
        pass


def _one_more(world: World, now: datetime) -> bool:
    """One more visit, as early as can be; False when no time is left for anything."""
    day, place = full_day(world), world.places["new-york"]
    for code in ("microneedling", "nafl", "consultation", "test_patch"):
        starts = open_starts(world, code, place.slug, day, now)
        person = world.somebody(code, day, place.slug, online=False) if starts else None
        if person:
            clock = starts[0].astimezone(place.tz).time()
            return arrange(world, Errand(person, code, place.slug, day, clock, override=SEEN.get(code, "")), now)
    return False


def _when_they_call(world: World, errand: Errand) -> None:
    """Two days to three weeks before, in opening hours; for a day far ahead, until just now."""
    lead = timedelta(days=world.random.randint(2, 20))
    day = min(errand.day - lead, world.today)
    clock = time(world.random.randint(9, 17), world.random.randint(0, 59))
    moment = world.at(day, clock, errand.place)
    if moment > world.end:
        moment = world.end - world.random.randint(10, 280) * MINUTE
    world.timeline.at(moment, partial(arrange, world, errand))


def _one_of(world: World, weights: dict[Thing, int]) -> Thing:
    return world.random.choices(list(weights), list(weights.values()))[0]
