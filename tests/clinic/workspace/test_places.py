"""Hours, public holidays and limits on the owner's pages."""

from datetime import timedelta

import pytest
from django.test import Client

from clinic.scheduling.models import BookingPolicy, Closure, Hours
from clinic.scheduling.queries.policy import policy_for
from tests.build import MONDAY, Clinic
from tests.clinic.workspace.conftest import someone

DAY = timedelta(days=1)


@pytest.fixture
def owner(clinic: Clinic, clock: object) -> Client:
    return someone("owner")


def test_everything_that_has_hours_is_listed(clinic: Clinic, owner: Client) -> None:
    html = owner.get("/workspace/places/").content.decode()
    assert all(name in html for name in ("Dr A", "Room 1", "Pen 1"))


def week(clinic: Clinic, owner: Client, **more: str):
    data = {"since": (MONDAY + 7 * DAY).isoformat(), "opens_1_1": "08:00", "closes_1_1": "12:00", **more}
    return owner.post(f"/workspace/places/{clinic.place.slug}/{clinic.practitioners[0].pk}/", data)


def test_a_new_week_is_saved_from_its_day_on(clinic: Clinic, owner: Client) -> None:
    assert week(clinic, owner, opens_1_2="13:00", closes_1_2="18:00").status_code == 302
    rows = Hours.objects.filter(resource=clinic.practitioners[0], valid__contains=MONDAY + 7 * DAY)
    assert [(row.weekday, f"{row.opens:%H:%M}") for row in rows] == [(1, "08:00"), (1, "13:00")]
    html = owner.get(f"/workspace/places/{clinic.place.slug}/{clinic.practitioners[0].pk}/").content.decode()
    assert "Other hours are set from a later day on: Monday 8 March 2027" in " ".join(html.split())


def test_hours_that_make_no_sense_are_refused_and_nothing_is_lost(clinic: Clinic, owner: Client) -> None:
    for wrong in (
        {"since": ""},
        {"until": MONDAY.isoformat()},
        {"closes_1_1": ""},
        {"closes_1_1": "07:00"},
        {"opens_1_2": "11:00", "closes_1_2": "13:00"},
        {"opens_1_1": "noon"},
    ):
        answer = week(clinic, owner, **wrong)
        assert answer.status_code == 422, wrong
        assert "error-summary" in answer.content.decode()
    assert not Hours.objects.exclude(valid__startswith__isnull=True).exists()


def test_ticked_holidays_are_closed_and_unticked_ones_open_again(clinic: Clinic, owner: Client) -> None:
    address = f"/workspace/places/{clinic.place.slug}/holidays/"
    assert "Good Friday" in owner.get(address).content.decode()
    owner.post(address, {"days": ["2027-03-26", "2027-12-25"]})
    assert [(row.reason, row.kind) for row in Closure.objects.order_by("during")] == [
        ("Good Friday", "holiday"),
        ("Christmas Day", "holiday"),
    ]
    first = Closure.objects.order_by("during").first()
    assert (first.during.lower, first.during.upper) == tuple(clinic.at("00:00", day=MONDAY + n * DAY) for n in (25, 26))
    owner.post(address, {"days": ["2027-03-26"]})
    assert Closure.objects.get().reason == "Good Friday"
    assert owner.post(address, {"days": ["2027-03-02"]}).status_code == 422


def test_a_country_without_known_holidays_says_so(clinic: Clinic, owner: Client) -> None:
    type(clinic.place).objects.update(jurisdiction="XX")
    assert (
        "We know no public holidays for XX" in owner.get(f"/workspace/places/{clinic.place.slug}/holidays/").content.decode()
    )


def test_the_most_specific_limit_counts_value_by_value(clinic: Clinic, owner: Client) -> None:
    code, slug = clinic.microneedling.code, clinic.place.slug
    owner.post("/workspace/places/limits/", {"notice_to_book_hours": 1, "open_visits": 9, "grid_minutes": 30})
    owner.post(f"/workspace/places/limits/?place={slug}", {"notice_to_book_hours": 2})
    owner.post(f"/workspace/places/limits/?treatment={code}", {"notice_to_book_hours": 3, "open_visits": 5})
    owner.post(f"/workspace/places/limits/?treatment={code}&place={slug}", {"notice_to_book_hours": 4})
    found = policy_for(clinic.place, clinic.microneedling)
    assert (found.notice_to_book_hours, found.open_visits, found.grid_minutes, found.horizon_days) == (4, 5, 30, 90)
    assert policy_for(clinic.place, clinic.consultation).notice_to_book_hours == 2


def test_an_empty_row_is_no_row(clinic: Clinic, owner: Client) -> None:
    owner.post("/workspace/places/limits/", {"open_visits": 9})
    owner.post("/workspace/places/limits/", {})
    assert BookingPolicy.objects.count() == 0


def test_absurd_limits_are_refused_in_words(clinic: Clinic, owner: Client) -> None:
    for wrong in ({"horizon_days": 0}, {"horizon_days": 9999}, {"grid_minutes": 7}, {"open_visits": "many"}):
        answer = owner.post("/workspace/places/limits/", wrong)
        assert answer.status_code == 422, wrong
    assert owner.get("/workspace/places/limits/?place=moon").status_code == 404
