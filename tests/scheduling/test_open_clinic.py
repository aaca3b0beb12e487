"""Opening a real clinic from a file: all that is wrong is said at once, and then nothing is written."""

from datetime import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from clinic.accounts.models import User
from clinic.scheduling.models import BookingPolicy, Hours, Location, Offer, Resource
from clinic.scheduling.opening import WrongFile, read_plan
from tests.build import NOW
from treatments.models import IntervalsVersion, QuestionnaireVersion, RulesVersion, Treatment, TreatmentVersion

pytestmark = pytest.mark.django_db

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "clinic.example.yaml"
TEXT = EXAMPLE.read_text(encoding="utf-8")
WRITTEN = (Location, User, Resource, Hours, Offer, BookingPolicy, Treatment)

WRONG = {  # what is changed in the example: from, to, and what is then said
    "an unknown zone": (
        "Europe/London",
        "Europe/Lundon",
        "locations[0].zone: “Europe/Lundon” is no time zone; write one such as Europe/London",
    ),
    "an unknown key": ("telephone:", "telefone:", "locations[0].telefone: is not known here; known are slug, name"),
    "a missing key": ("- slug: high-street", "- name: High Street", "locations[0]: “slug” is missing; add it"),
    "a key twice": ("zone: Europe/London", "name: Again", "locations[0].name: stands here twice; keep one of them"),
    "an empty value": ("name: Olive Owner", "name:", "owner.name: is empty; write it, or leave the line out"),
    "a list for a text": ("name: Olive Owner", "name: [a, b]", "owner.name: is not one value; write a single text"),
    "a text for a list": ("roles: [receptionist]", "roles: receptionist", "people[0].roles: is not a list; begin each"),
    "no roles": ("roles: [receptionist]", "roles: []", "people[0].roles: is empty; write some of receptionist"),
    "an unknown role": (
        "[content_admin]",
        "[editor]",
        "people[1].roles[0]: “editor” is not known; write one of receptionist, practitioner, content_admin, owner",
    ),
    "no address": ("owner@clinic.example", "owner at home", "owner.email: “owner at home” is no e-mail address"),
    "an address twice": (
        "nurse@clinic.example",
        "Doctor@clinic.example",
        "people[3]: “doctor@clinic.example” is somebody else's address already; give everybody their own",
    ),
    "skills of a receptionist": (
        "roles: [receptionist]",
        "roles: [receptionist]\n    skills: all",
        "people[0].skills: only practitioners have it; add the role practitioner, or leave it out",
    ),
    "an unknown treatment": ("[microneedling, consultation, follow_up]", "[dermaroll]", "skills[0]: “dermaroll” is not"),
    "hours at no location": ("location: high-street, ", "location: low-street, ", "hours[0].location: “low-street” is not"),
    "no days": ("days: mon-thu", "days: mon-thurs", "people[2].hours[0].days: “mon-thurs” are no days; write mon, mon-fri"),
    "a week that turns round": ("days: mon-thu", "days: sat-mon", "“sat-mon” are no days"),
    "no time": ("to: 17:30", "to: 24:00", "locations[0].hours[0].to: “24:00” is no time of day; write one such as 09:00"),
    "hours that end before they begin": ("to: 17:30", "to: 08:00", "hours[0].to: 08:00 is not after 09:00"),
    "a break outside the hours": ("from: 12:30,", "from: 08:30,", "breaks[0]: is not a time within the hours"),
    "the same hours twice": (
        "hours:\n      - {days: mon-fri, from: 09:00",
        "hours:\n      - {days: fri, from: 12:00, to: 13:00}\n      - {days: mon-fri, from: 09:00",
        "locations[0].hours: overlap on Friday at 12:00; nobody is in two places at once",
    ),
    "a price without decimals": (
        "price: 180.00",
        "price: 180",
        "offers[1].price: “180” will not do; write a price with two",
    ),
    "no currency": ("price: 60.00, currency: GBP", "price: 60.00, currency: £", "offers[0].currency: “£” will not do"),
    "a price twice": ("treatment: consultation", "treatment: nafl", "offers[2]: “nafl” stands here twice"),
    "an unknown room": ("fixed_in: Room 1", "fixed_in: Room 9", "fixed_in: “Room 9” is not known; write one of Room 1"),
    "an unknown kind of device": ("kind: needling_pen", "kind: pen", "devices[0].kind: “pen” is not known; write one of"),
    "an offer without its device": (
        "      - {name: Needling pen, kind: needling_pen}",
        "",
        "locations[0].offers[1]: “microneedling” lacks a device of the kind needling_pen; add it to devices",
    ),
    "an offer that nobody can do": ("skills: all", "skills: [consultation]", "“nafl” lacks a practitioner with this skill"),
    "a limit out of range": (
        "horizon_days: 90",
        "horizon_days: 900",
        "“900” will not do; write a whole number from 1 to 365",
    ),
    "an unknown grid": ("grid_minutes: 15", "grid_minutes: 7", "policy.grid_minutes: “7” is not known; write one of 5, 10"),
    "no jurisdiction": ("GB-ENG  #", "England  #", "jurisdiction: “England” will not do; write one such as GB-SCT or US"),
    "a name too long": ("name: High Street", "name: " + "x" * 81, "locations[0].name: has 81 characters; write at most 80"),
    "signs that nobody sees": ("name: Olive Owner", r'name: "Ol\0ive"', "owner.name: holds characters that cannot be shown"),
    "no YAML": ("owner:\n", "owner: [\n", "this is not YAML"),
    "an impossible day": ("name: Olive Owner", "telephone: 2027-02-31", "owner.telephone: is not known here"),
}


def open_clinic(tmp_path: Path, text: str) -> None:
    file = tmp_path / "clinic.yaml"
    file.write_text(text, encoding="utf-8")
    call_command("open_clinic", str(file))


def written() -> list[int]:
    return [model.objects.count() for model in WRITTEN]


def test_the_example_opens(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("open_clinic", str(EXAMPLE))
    assert "Open: High Street, with 5 people. owner@clinic.example can sign in" in capsys.readouterr().out
    assert {user.email.partition("@")[0]: user.roles for user in User.objects.all()} == {
        "owner": ["owner"],
        "reception": ["receptionist"],
        "content": ["content_admin"],
        "doctor": ["practitioner"],
        "nurse": ["practitioner"],
    }
    assert sorted(Resource.objects.values_list("kind", "name")) == [
        ("device", "Fractional laser"),
        ("device", "Needling pen"),
        ("practitioner", "Dr Dale Doctor"),
        ("practitioner", "Noor Nurse"),
        ("room", "Room 1"),
        ("room", "Room 2"),
    ]
    assert Resource.objects.get(name="Fractional laser").fixed_in == Resource.objects.get(name="Room 1")
    assert sorted(Offer.objects.values_list("treatment__code", "price_minor", "currency"))[0] == (
        "consultation",
        6000,
        "GBP",
    )
    assert BookingPolicy.objects.get().grid_minutes == 15


def test_the_knowledge_awaits_approval_and_nothing_is_published() -> None:
    call_command("open_clinic", str(EXAMPLE))
    for model in (TreatmentVersion, IntervalsVersion, QuestionnaireVersion, RulesVersion):
        assert model.objects.drafts().exists()
        assert not model.objects.live(NOW).exists()
        assert not any(draft.is_approved for draft in model.objects.all())


def test_a_break_is_a_gap_and_things_keep_the_hours_of_their_location() -> None:
    call_command("open_clinic", str(EXAMPLE))
    hours = Hours.objects.order_by("weekday", "opens")
    doctor = hours.filter(resource__name="Dr Dale Doctor").values_list("weekday", "opens", "closes")
    assert list(doctor)[:2] == [(1, time(9), time(12, 30)), (1, time(13, 15), time(17))]
    assert {weekday for weekday, _, _ in doctor} == {1, 2, 3, 4}
    assert [row.weekday for row in hours.filter(resource__name="Room 1", closes=time(17, 30))] == [1, 2, 3, 4, 5]
    assert [row.weekday for row in hours.filter(resource__name="Room 2", closes=time(17))] == [3, 5]


def test_somebody_who_has_signed_in_before_keeps_the_account() -> None:
    known = User.objects.create_user("doctor@clinic.example")
    call_command("open_clinic", str(EXAMPLE))
    known.refresh_from_db()
    assert (known.name, known.roles, known.resource.name) == ("Dr Dale Doctor", ["practitioner"], "Dr Dale Doctor")


def test_an_owner_may_treat_as_well(tmp_path: Path) -> None:
    hours = "[{location: high-street, days: mon, from: 9:00, to: 10:00}]"
    also = f"name: Olive Owner\n  roles: [practitioner]\n  skills: all\n  hours: {hours}"
    open_clinic(tmp_path, TEXT.replace("name: Olive Owner", also))
    assert User.objects.get(email="owner@clinic.example").roles == ["owner", "practitioner"]
    assert Resource.objects.get(name="Olive Owner").hours.get().closes == time(10)


def test_a_clinic_is_opened_once() -> None:
    call_command("open_clinic", str(EXAMPLE))
    before = written()
    with pytest.raises(CommandError, match="There is a clinic in this database already"):
        call_command("open_clinic", str(EXAMPLE))
    assert written() == before


@pytest.mark.parametrize(("old", "new", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_line_is_named_and_nothing_is_written(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in TEXT
    with pytest.raises(CommandError) as refusal:
        open_clinic(tmp_path, TEXT.replace(old, new, 1))
    assert said in str(refusal.value)
    assert "line " in str(refusal.value)
    assert written() == [0] * len(WRITTEN)


def test_all_that_is_wrong_is_said_at_once_in_the_order_of_the_file() -> None:
    text = TEXT.replace("Europe/London", "Mars").replace("owner@clinic.example", "x").replace("days: 90", "days: soon")
    with pytest.raises(WrongFile) as wrong:
        read_plan(text)
    paths = [problem.split(": ")[1] for problem in wrong.value.problems]
    assert paths == ["owner.email", "locations[0].zone", "policy.horizon_days"]
    assert wrong.value.problems[1].startswith(f"line {TEXT[: TEXT.index('Europe/London')].count(chr(10)) + 1}: ")


def test_nobody_is_in_two_towns_on_one_day() -> None:
    text = TEXT.split("policy:")[0]
    second = text[text.index("  - slug: high-street") :].replace("high-street", "far").replace("Europe/London", "Asia/Tokyo")
    both = f"{text}\n{second}".replace("    hours:\n      - {location: high-street", "    hours:\n      - {location: far", 1)
    early = "      - {location: far, days: thu, from: 01:00, to: 02:00}\n      - location: high-street\n"
    both = both.replace("      - location: high-street\n", early)
    with pytest.raises(WrongFile) as wrong:
        read_plan(both)
    assert "people[2].hours: lie in two time zones on Thursday; choose different days for them" in str(wrong.value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: [",
        "- 1",
        "x",
        "[" * 3000,
        "owner: &a [*a]\nlocations: *a",
        "owner: 2027-02-31\nlocations: 1",
        "\x01",
        "a: 1\n---\nb: 2",
    ],
)
def test_a_strange_file_is_refused_in_words(text: str) -> None:
    with pytest.raises(WrongFile):
        read_plan(text)


def test_a_file_that_is_no_text_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("binary", "missing", "."):
        with pytest.raises(CommandError, match="cannot be read as text"):
            call_command("open_clinic", str(tmp_path / name))


@pytest.mark.parametrize("value", ["", "[[a]]", "{a: b}", "2027-02-31"])
def test_whatever_stands_on_a_line_there_is_a_plan_or_a_list_of_problems(value: str) -> None:
    lines = TEXT.splitlines()
    for number, line in enumerate(lines):
        key = line.partition(": ")[0]
        changed = [*lines[:number], f"{key}: {value}", *lines[number + 1 :]]
        try:
            assert read_plan("\n".join(changed)).people
        except WrongFile as wrong:
            assert all(wrong.problems)  # noqa: PT017  # both ways out are right ones
