"""Pictures from files, by the patient and with the clinician."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from clinic.accounts.models import User
from patients.models import CareTeam, Photo
from patients.pictures import files
from tests.build import Clinic
from tests.journeys.people import returning
from tests.patients import corpus

PageOf = Callable[[User], Page]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What somebody has on the phone."""
    (tmp_path / "one.jpg").write_bytes(corpus.jpeg((600, 800), exif=corpus.Image.Exif()))
    (tmp_path / "two.png").write_bytes(corpus.png((800, 600)))
    (tmp_path / "three.heic").write_bytes(corpus.heic())
    (tmp_path / "four.jpg").write_bytes(corpus.large())
    return tmp_path


def card(page: Page, view: str) -> Locator:
    return page.locator(f"#{view}")


def send(page: Page, view: str, file: Path) -> None:
    card(page, view).get_by_label("Choose a file").set_input_files(file)
    card(page, view).get_by_role("button", name="Keep this picture").click()


def test_photos_from_files(page_of: PageOf, open_clinic: Clinic, folder: Path) -> None:
    patient = returning(open_clinic.place, "robin@example.org")
    page = page_of(patient.user)
    page.goto("/record/")
    page.get_by_role("link", name="See or add pictures").click()
    for view, name in (("front", "one.jpg"), ("left", "two.png")):
        send(page, view, folder / name)
        expect(card(page, view).get_by_role("img", name="open the whole picture")).to_be_visible()
    assert sorted(Photo.objects.values_list("view", "width", "height")) == [("front", 600, 800), ("left", 800, 600)]
    for name, words in (("three.heic", "saved this picture as HEIC"), ("four.jpg", "larger than 10 MB")):
        send(page, "right", folder / name)
        expect(page.locator(".error-summary")).to_contain_text("New picture: Right side: ")
        expect(page.locator(".error-summary")).to_contain_text(words)
        expect(page.locator(".error-summary")).to_be_focused()
        expect(card(page, "right").locator(".invalid-feedback")).to_contain_text(words)
    card(page, "front").get_by_role("link", name="open the whole picture").click()
    photo = Photo.objects.get(view="front")
    page.wait_for_url(f"**/photos/{photo.pk}/")
    assert page.request.get(f"/photos/{photo.pk}/").body() == files.jpeg(photo.file, photo.pk)


def test_what_a_clinician_has_seen_is_removed_when_the_clinician_grants_it(
    page_of: PageOf, open_clinic: Clinic, folder: Path
) -> None:
    patient, doctor = returning(open_clinic.place, "robin@example.org"), open_clinic.practitioners[0].user
    CareTeam.objects.create(patient=patient, user=doctor, since=timezone.now() - timedelta(days=1), why="visit")
    own, room = page_of(patient.user), page_of(doctor)
    own.goto("/record/photos/")
    send(own, "front", folder / "one.jpg")
    expect(card(own, "front").get_by_role("img", name="open the whole picture")).to_be_visible()
    room.goto(f"/workspace/patients/{patient.pk}/photos/")
    room.get_by_label("View").select_option("Right side")
    room.get_by_label("Choose a file").set_input_files(folder / "two.png")
    room.get_by_role("button", name="Keep this picture").click()
    expect(room.get_by_role("img", name="open the whole picture")).to_have_count(2)
    own.reload()
    expect(card(own, "right")).to_contain_text("by a colleague")
    card(own, "front").get_by_role("link", name="Take back").click()
    own.get_by_role("button", name="Ask for its removal").click()
    expect(own.get_by_role("status")).to_have_text("We have your request to remove the picture.")
    expect(card(own, "front").locator("figure")).to_have_count(0)
    room.reload()
    room.get_by_role("link", name="Remove for good").click()
    room.get_by_role("button", name="Remove it for good").click()
    expect(room.get_by_role("img", name="open the whole picture")).to_have_count(1)
    own.goto("/record/")
    expect(own.get_by_text("opened your pictures, because of a visit of yours").first).to_be_visible()
