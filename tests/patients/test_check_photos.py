"""Rows and files that no longer agree are found, and only what nobody needs is removed."""

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command

from patients.models import Patient, Photo, PhotoRemoval
from tests.patients.test_photos import NOW, add
from tests.patients.world import person, user_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_DIR = tmp_path / "pictures"
    with time_machine.travel(NOW, tick=False):
        yield settings.MEDIA_DIR


@pytest.fixture
def pat() -> Patient:
    return person()


def told(**options: object) -> list[str]:
    said = StringIO()
    call_command("check_photos", stdout=said, **options)
    return said.getvalue().splitlines()


def from_yesterday(path: Path) -> Path:
    path.touch()
    os.utime(path, (NOW.timestamp() - 86_400,) * 2)
    return path


def test_without_pictures_there_is_nothing_to_tell():
    assert told() == ["Pictures that do not open: 0. Files that no picture needs: 0."]


def test_what_does_not_open_is_named(pat, folder):
    lost, altered, fine = add(pat), add(pat), add(pat)
    (folder / lost.file).unlink()
    (folder / altered.file).write_bytes((folder / fine.file).read_bytes())
    assert sorted(told()) == [
        "Pictures that do not open: 2. Files that no picture needs: 0.",
        *sorted(f"does not open: patients_photo.file.{photo.pk}" for photo in (lost, altered)),
    ]


def test_files_that_no_picture_needs_are_named_and_removed_when_told_to(pat, folder):
    fine, erased = add(pat), add(pat)
    PhotoRemoval.objects.create(photo=erased, kind="erased", at=NOW, recorded_by=user_of(pat))
    for name in (fine.file, erased.file, "0" * 32, "1" * 32 + ".abcd"):
        from_yesterday(folder / name)
    (folder / ("2" * 32)).touch()
    os.utime(folder / ("2" * 32), (NOW.timestamp(),) * 2)
    left_over = sorted([erased.file, "0" * 32, "1" * 32 + ".abcd"])
    assert told()[:-1] == [f"no picture needs: {name}" for name in left_over]
    assert len(list(folder.iterdir())) == 5
    assert told(remove=True)[:-1] == [f"removed: {name}" for name in left_over]
    assert {path.name for path in folder.iterdir()} == {fine.file, "2" * 32}
    assert Photo.objects.count() == 2
