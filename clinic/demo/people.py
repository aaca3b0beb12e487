"""Who is in the demo: the addresses to sign in with, and patients whose names are plainly invented."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

SIGN_INS = {
    "patient": "rowan.sample@demo.example",
    "receptionist": "reception@demo.example",
    "practitioner": "ada@demo.example",
    "content_admin": "content@demo.example",
    "owner": "owner@demo.example",
}

# fmt: off
GIVEN = [
    "Rowan", "Alex", "Bela", "Casey", "Devon", "Ellis", "Farah", "Gael", "Harper", "Imani", "Jules",
    "Kit", "Luca", "Mika", "Noa", "Oakley", "Parker", "Quinn", "Remy", "Sage", "Tobi", "Uma", "Val",
    "Wren", "Xia", "Yael", "Zuri", "Ash", "Blair", "Cyan", "Dara", "Emery", "Finley", "Grey",
    "Hollis", "Indigo", "Jordan", "Kai", "Lane", "Merle",
]
FAMILY = [
    "Sample", "Example", "Specimen", "Placeholder", "Template", "Fiction", "Pretend", "Sketch",
    "Outline", "Pattern",
]
# fmt: on
HOMES = {"london": 40, "new-york": 24}  # patients
TELEPHONES = {"london": "+44 20 7946 0{:03}", "new-york": "+1 212 555 01{:02}"}  # numbers that nobody can have


@dataclass(frozen=True)
class Invented:
    """`online`: books with an account of their own; the others telephone, and every third has no e-mail address."""

    given_name: str
    family_name: str
    birth_date: date
    phone: str
    email: str
    online: bool
    home: str  # slug of a location

    @property
    def details(self) -> dict[str, object]:
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": self.birth_date,
            "phone": self.phone,
        }


def invented(random: Random, today: date) -> list[Invented]:
    """The patients of both towns, Rowan Sample first; all of them grown up on `today`."""
    homes = [home for home, count in HOMES.items() for _ in range(count)]
    return [_person(number, home, random, today) for number, home in enumerate(homes)]


def _person(number: int, home: str, random: Random, today: date) -> Invented:
    given = GIVEN[number % len(GIVEN)]
    family = FAMILY[(number + number // len(GIVEN)) % len(FAMILY)]
    return Invented(
        given_name=given,
        family_name=family,
        birth_date=today - timedelta(days=random.randint(19 * 366, 66 * 365)),
        phone=TELEPHONES[home].format(number + 10),
        email="" if number % 3 == 2 else f"{given}.{family}@demo.example".lower(),
        online=number % 3 == 0,
        home=home,
    )
