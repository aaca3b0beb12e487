"""The whole file: read, checked, and either a plan or everything that is wrong with it."""

import yaml

from clinic.scheduling.opening import people, places
from clinic.scheduling.opening.entries import Entry
from clinic.scheduling.opening.knowledge import Needs, needs, what_is_missing
from clinic.scheduling.opening.plan import ClinicPlan, Person, Place

LIMITS = {  # fields of BookingPolicy, least and most
    "notice_to_book_hours": (0, 720),
    "notice_to_change_hours": (0, 720),
    "notice_to_cancel_hours": (0, 720),
    "horizon_days": (1, 365),
    "changes_per_visit": (0, 100),
    "open_visits": (1, 100),
}
GRIDS = ("5", "10", "15", "20", "30", "60")


class WrongFile(Exception):
    """`problems`: a sentence each, in the order of the file, with line and path and what to do."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read_plan(text: str) -> ClinicPlan:
    """The plan that `text` (YAML) describes. Raises WrongFile, with all problems at once."""
    problems: list[tuple[int, str]] = []
    plan = _plan(Entry("", _compose(text), problems))
    if problems:
        raise WrongFile([f"line {line}: {words}" for line, words in sorted(set(problems))])
    return plan


def _compose(text: str) -> yaml.Node:
    """The file as marked nodes; no value is interpreted, no object made."""
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise WrongFile([f"line {line}: this is not YAML: {error.problem}; look at quotes and indentation"]) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise WrongFile(["the file cannot be read as YAML; write it again as plain text"]) from error
    if node is None:
        raise WrongFile(["the file is empty; start from docs/clinic.example.yaml"])
    return node


def _plan(file: Entry) -> ClinicPlan:
    """Places before people: hours and skills name them."""
    fields = file.fields(("owner", "locations"), ("people", "policy"))
    needed = needs()
    locations = fields["locations"].each()
    found = tuple(places.place(entry, needed) for entry in locations)
    places.each_place_once(locations, found)
    if fields["locations"].is_empty:
        fields["locations"].wrong("is empty; a clinic has at least one")
    everybody = _people(fields, {place.slug: place.zone for place in found if place.slug}, list(needed))
    _check_offers(found, everybody, needed)
    return ClinicPlan(everybody, found, _policy(fields["policy"]))


def _people(fields: dict[str, Entry], zones: dict[str, str], codes: list[str]) -> tuple[Person, ...]:
    entries = fields["people"].each()
    found = [people.owner(fields["owner"], zones, codes)]
    found += [people.colleague(entry, zones, codes) for entry in entries]
    people.each_once([fields["owner"], *entries], found)
    return tuple(found)


def _check_offers(found: tuple[Place, ...], everybody: tuple[Person, ...], needed: dict[str, Needs]) -> None:
    """What nobody could ever book is a slip of the pen."""
    for place in found:
        for offer in place.offers:
            lacking = what_is_missing(offer.treatment, needed[offer.treatment], place, everybody) if offer.treatment else ""
            if lacking:
                offer.entry.wrong(f"“{offer.treatment}” lacks {lacking}, or leave the offer out")


def _policy(entry: Entry) -> dict[str, int]:
    fields = entry.fields((), (*LIMITS, "grid_minutes"))
    policy = {name: fields[name].number(*LIMITS[name]) for name in LIMITS if not fields[name].missing}
    grid = fields["grid_minutes"].one_of(GRIDS)
    return policy | ({"grid_minutes": int(grid)} if grid else {})
