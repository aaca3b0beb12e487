"""A new price counts from now on; what is booked keeps its own."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from clinic.scheduling import operations
from clinic.scheduling.models import Offer
from clinic.scheduling.operations import Booking, Choice
from tests.build import Clinic, patient, user
from treatments.acting import Actor

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Clinic:
    return Clinic(now=timezone.now() - timedelta(days=1))


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(user(roles=("content_admin",)))
    return client


def offer(clinic: Clinic) -> Offer:
    return Offer.objects.filter(treatment=clinic.microneedling).latest("valid_from")


def test_an_admin_sets_a_price_and_public_pages_say_it(admin: Client, clinic: Clinic) -> None:
    answer = admin.post("/prices/", {"offer": offer(clinic).pk, "price": "195.50"})
    assert answer.status_code == 302
    assert offer(clinic).price_minor == 19550
    assert "£195.50" in Client().get("/treatments/microneedling/").content.decode()


def test_a_booked_visit_keeps_its_price(admin: Client, clinic: Clinic) -> None:
    day = timezone.localdate() + timedelta(days=7 - timezone.localdate().weekday())
    choice = Choice(clinic.microneedling, clinic.place, clinic.at("10:00", day=day))
    visit = operations.book(
        actor=Actor(user=clinic.reception), booking=Booking(choice, patient()), key=uuid4(), now=timezone.now()
    )
    admin.post("/prices/", {"offer": offer(clinic).pk, "price": "999"})
    visit.refresh_from_db()
    assert visit.price_minor == 18000


@pytest.mark.parametrize("price", ["", "-1", "free", "1.234", "1e9", "NaN", "\x00"])
def test_a_price_that_is_none_is_refused_beside_its_field(admin: Client, clinic: Clinic, price: str) -> None:
    answer = admin.post("/prices/", {"offer": offer(clinic).pk, "price": price})
    assert answer.status_code == 422
    assert "Please look at this again" in answer.content.decode()
    assert offer(clinic).price_minor == 18000


def test_the_same_price_again_changes_nothing(admin: Client, clinic: Clinic) -> None:
    before = Offer.objects.count()
    admin.post("/prices/", {"offer": offer(clinic).pk, "price": "180"})
    assert Offer.objects.count() == before
