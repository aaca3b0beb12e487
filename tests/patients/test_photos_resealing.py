"""A new key takes over the files of pictures too."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connections, transaction
from django.test import override_settings

from patients.models import Patient, Photo, PhotoRemoval
from patients.pictures import files
from patients.pictures.resealing import Files
from tests.build import NOW, Clinic
from tests.patients.sealed import new_key, picture, ring
from tests.scheduling.test_constraints import World


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Path:
    settings.MEDIA_DIR = tmp_path / "pictures"
    return settings.MEDIA_DIR


@pytest.fixture
def world(cloned: str) -> World:
    return World(Clinic(practitioners=2, rooms=2, pens=2))


@pytest.fixture
def key() -> bytes:
    return new_key()


def reencrypt() -> str:
    said = StringIO()
    call_command("reencrypt", stdout=said)
    return said.getvalue()


def seen(*photos: Photo) -> list[tuple[bytes, bytes]]:
    return [(files.jpeg(photo.file, photo.pk), files.preview(photo.file, photo.pk)) for photo in photos]


def test_all_are_sealed_anew_and_need_the_old_key_no_more(world, key, folder):
    photos = [picture(world) for _ in range(3)]
    before = seen(*photos)
    with override_settings(KEYRING=ring("k2", k2=key)):
        assert Files().count() == {"k1": 3}
        assert "patients_photo.file                      k2 3" in reencrypt()
    with override_settings(KEYRING={"current": "k2", "keys": {"k2": key}}):
        assert seen(*photos) == before
    assert {path.name for path in folder.iterdir()} == {photo.file for photo in photos}


def test_what_is_under_the_new_key_already_is_not_written_again(world, key, folder):
    with override_settings(KEYRING=ring("k2", k2=key)):
        path = folder / picture(world).file
        before = path.stat().st_ino
        reencrypt()
        assert path.stat().st_ino == before


def test_a_missing_file_stops_nothing(world, key, folder):
    kept, lost = picture(world), picture(world)
    (folder / lost.file).unlink()
    with override_settings(KEYRING=ring("k2", k2=key)):
        reencrypt()
        assert Files().count() == {"k2": 1}
        assert seen(kept)


def test_an_altered_file_stops_it_and_is_named(world, key, folder):
    photo = picture(world)
    path = folder / photo.file
    path.write_bytes(path.read_bytes()[:-1])
    with override_settings(KEYRING=ring("k2", k2=key)), pytest.raises(CommandError, match=f"file.{photo.pk} does not open"):
        reencrypt()


def test_what_is_being_taken_back_at_this_moment_does_not_come_back(world, key, folder):
    photo = picture(world)
    with override_settings(KEYRING=ring("k2", k2=key)):
        with transaction.atomic():
            Patient.objects.select_for_update(no_key=True).get(pk=world.pat.pk)
            assert sum(Files().reseal(500)) == 0
            PhotoRemoval.objects.create(photo=photo, kind="erased", at=NOW, recorded_by=world.clinic.reception)
        files.remove(photo.file)
        assert sum(Files().reseal(500)) == 0
        assert Files().count() == {}
    connections["owner"].close()
    assert list(folder.iterdir()) == []
