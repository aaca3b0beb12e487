"""Pictures in databases of their own: they come, and go, at the same moment; and one where the trail is full."""

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from patients.models import Gone, Patient, Photo
from patients.operations import NoSuchPhoto, add_photo, take_back_photo
from patients.pictures.refusals import EnoughForToday
from tests import build
from tests.patients import corpus
from tests.patients.world import person, user_of
from treatments.acting import Actor

pytestmark = pytest.mark.race
NOW = build.NOW


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_DIR = tmp_path / "pictures"
    return settings.MEDIA_DIR


def add(patient: Patient) -> Photo:
    actor = Actor(user=user_of(patient))
    return add_photo(actor=actor, patient=patient, view="front", content=corpus.jpeg(), now=NOW)


def at_once(do: Callable[[], None]) -> None:
    threads = [Thread(target=do) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_two_at_once_are_counted_one_after_the_other(cloned, folder):
    pat = person()
    for _ in range(11):
        add(pat)
    together, refused = Barrier(4), []

    def send() -> None:
        try:
            together.wait()
            add(pat)
        except EnoughForToday:
            refused.append(1)
        finally:
            connections.close_all()

    at_once(send)
    assert (Photo.objects.count(), len(refused)) == (12, 3)
    assert len(list(folder.iterdir())) == 12


def test_two_clicks_take_it_back_once(cloned, folder):
    pat = person()
    photo, together, said = add(pat), Barrier(4), []

    def take_back() -> None:
        try:
            together.wait()
            said.append(take_back_photo(actor=Actor(user=user_of(pat)), photo=photo.pk, now=NOW))
        except NoSuchPhoto:
            said.append(None)
        finally:
            connections.close_all()

    at_once(take_back)
    assert sorted(said, key=str) == [None, None, None, Gone.ERASED]
    assert list(folder.iterdir()) == []


@pytest.mark.urls("tests.patients.urls")
def test_where_no_line_of_the_trail_can_be_written_no_picture_is_shown(cloned):
    pat = person()
    photo, browser = add(pat), Client(raise_request_exception=False)
    browser.force_login(user_of(pat))
    assert browser.get(f"/photos/{photo.pk}/").status_code == 200
    with connections["owner"].cursor() as cursor:
        cursor.execute("revoke insert on patients_trailentry from clinic_app")
    for path in (f"/photos/{photo.pk}/", "/record/photos/"):
        answer = browser.get(path)
        assert answer.status_code == 500
        assert b"JFIF" not in answer.content
        assert b"data:image" not in answer.content
