"""Who may book: adults, with a real birthday."""

from datetime import date

import pytest
import time_machine

from patients.forms import DetailsForm
from tests import build

TODAY = build.NOW.date()  # 26 February 2027


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel(build.NOW, tick=False):
        yield


def form(born: tuple[str, str, str] = ("17", "5", "1990"), **more: str) -> DetailsForm:
    parts = dict(zip(("birth_date_day", "birth_date_month", "birth_date_year"), born, strict=True))
    return DetailsForm({"given_name": "Pat", "family_name": "Example", "phone": "020 7946 0000", **parts, **more})


def test_the_details_are_what_a_record_needs():
    made = form()
    assert made.is_valid()
    assert made.cleaned_data == {
        "given_name": "Pat",
        "family_name": "Example",
        "phone": "020 7946 0000",
        "birth_date": date(1990, 5, 17),
    }


@pytest.mark.parametrize(
    ("born", "words"),
    [
        (("26", "2", "2009"), None),  # 18 today
        (("27", "2", "2009"), "Visits can be booked from the age of 18."),
        (("26", "2", "2027"), "Visits can be booked from the age of 18."),
        (("27", "2", "2027"), "This day is still to come."),
        (("30", "2", "1990"), "There is no such day."),
        (("1", "13", "1990"), "There is no such day."),
        (("1", "1", "1900"), "Check the year of your birth."),
        (("1", "1", "1901"), None),
        (("1", "1", "90"), "Enter day, month and year in numbers"),
        (("", "", ""), "Enter your date of birth."),
        (("1", "", "1990"), "Enter day, month and year in numbers"),
        (("\x00", "1", "1990"), "Enter day, month and year in numbers"),
        (("9" * 10_000, "1", "1990"), "Enter day, month and year in numbers"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_the_birthday_is_checked_beside_its_field(born, words):
    errors = form(born).errors.get("birth_date", [])
    assert [str(error).startswith(words) for error in errors] == ([True] if words else [])


def test_what_was_typed_comes_back():
    html = str(form(("31", "2", "1990"))["birth_date"])
    assert [f'value="{value}"' in html for value in ("31", "2", "1990")] == [True] * 3


def test_browsers_may_fill_in_the_birthday():
    html = str(DetailsForm()["birth_date"])
    assert [f'autocomplete="bday-{part}"' in html for part in ("day", "month", "year")] == [True] * 3


@pytest.mark.parametrize("phone", ["", "abc", "12", "020 7946 0000 ext", "0" * 41, "\x00", "1" * 10_000])
def test_a_telephone_number_is_one_that_can_be_called(phone):
    assert list(form(phone=phone).errors) == ["phone"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"given_name": ""}, "Enter your first name."),
        ({"family_name": " "}, "Enter your last name."),
        ({"given_name": "x" * 81}, "Shorten this to 80 characters."),
        ({"given_name": "Pat\x00"}, "Some characters cannot be kept. Please type the text again."),
    ],
)
def test_what_is_wrong_is_said_once_and_in_words_that_say_what_to_do(typed, words):
    assert list(form(**typed).errors.values()) == [[words]]


def test_who_is_under_age_reads_where_the_numbers_are():
    (error,) = form(("27", "2", "2009")).errors["birth_date"]
    assert error.endswith("please call us; our numbers are under “Where we are”.")
