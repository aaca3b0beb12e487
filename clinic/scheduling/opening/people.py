"""The people of the file: the owner, and everybody else who works here."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from clinic.accounts.roles import Role
from clinic.scheduling.opening.entries import Entry
from clinic.scheduling.opening.hours import shifts_of_person
from clinic.scheduling.opening.plan import Person

ALSO = ("skills", "hours")


def owner(entry: Entry, zones: dict[str, str], codes: list[str]) -> Person:
    """The owner; who also treats or sits at reception has further roles, and skills and hours like anybody."""
    fields = entry.fields(("email", "name"), ("roles", *ALSO))
    return _person(fields, (Role.OWNER.value, *fields["roles"].some_of(Role.values)), zones, codes)


def colleague(entry: Entry, zones: dict[str, str], codes: list[str]) -> Person:
    fields = entry.fields(("email", "name", "roles"), ALSO)
    roles = fields["roles"].some_of(Role.values)
    if fields["roles"].is_empty:
        fields["roles"].wrong(f"is empty; write some of {', '.join(Role.values)}")
    return _person(fields, roles, zones, codes)


def each_once(entries: list[Entry], people: list[Person]) -> None:
    """An address is one person's."""
    seen: set[str] = set()
    for entry, person in zip(entries, people, strict=True):
        if person.email and person.email in seen:
            entry.wrong(f"“{person.email}” is somebody else's address already; give everybody their own")
        seen.add(person.email)


def _person(fields: dict[str, Entry], roles: tuple[str, ...], zones: dict[str, str], codes: list[str]) -> Person:
    for name in ALSO:
        if not fields[name].missing and Role.PRACTITIONER not in roles:
            fields[name].wrong("only practitioners have it; add the role practitioner, or leave it out")
    return Person(
        email=_email(fields["email"]),
        name=fields["name"].text(longest=80),
        roles=tuple(dict.fromkeys(roles)),
        skills=fields["skills"].some_of(codes),
        shifts=shifts_of_person(fields["hours"], zones),
    )


def _email(entry: Entry) -> str:
    """In lower case, as accounts keep it."""
    value = entry.text(longest=254).lower()
    try:
        validate_email(value or "nobody@example.org")
    except ValidationError:
        entry.wrong(f"“{value}” is no e-mail address; write one such as name@example.org")
        return ""
    return value
