"""Pictures as facts: who may add, open and take back what, and where the bytes are meanwhile."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.test import override_settings

from clinic.accounts.models import User
from patients.access import photos_visible_to
from patients.encryption import SealBroken
from patients.models import CareTeam, Gone, Patient, Photo, PhotoRemoval, TrailEntry
from patients.operations import NoSuchPhoto, add_photo, open_photo, take_back_photo
from patients.pictures import files
from patients.pictures.reading import read
from patients.pictures.refusals import EnoughForToday, NotWhole
from tests import build
from tests.patients import corpus
from tests.patients.sealed import new_key
from tests.patients.world import person, user_of
from treatments.acting import Actor

pytestmark = pytest.mark.django_db
NOW, SENT = build.NOW, corpus.jpeg()
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_DIR = tmp_path / "pictures"
    with time_machine.travel(NOW, tick=False):
        yield settings.MEDIA_DIR


@pytest.fixture
def pat() -> Patient:
    return person()


@pytest.fixture
def doctor(pat: Patient) -> User:
    user = build.user(roles=("practitioner",), name="Dr Care")
    CareTeam.objects.create(patient=pat, user=user, since=NOW - HOUR, why="visit")
    return user


def add(patient: Patient, *, by: User | None = None, view: str = "front", content: bytes = SENT, now=NOW) -> Photo:
    return add_photo(actor=Actor(user=by or user_of(patient)), patient=patient, view=view, content=content, now=now)


def opened(photo: Photo, user: User) -> bytes:
    return open_photo(actor=Actor(user=user), photo=photo.pk, now=NOW)


def taken_back(photo: Photo, user: User) -> Gone:
    return take_back_photo(actor=Actor(user=user), photo=photo.pk, now=NOW)


def trail_of(patient: Patient) -> list[tuple[User, list[str], str]]:
    return [(row.user, row.fields, row.why) for row in TrailEntry.objects.filter(patient=patient).order_by("id")]


# --- adding


def test_a_patient_adds_a_picture_and_what_is_kept_is_not_what_was_sent(pat, folder):
    photo = add(pat, content=corpus.with_everything())
    row = Photo.objects.get()
    assert (row.patient, row.recorded_by, row.at, row.view) == (pat, user_of(pat), NOW, "front")
    assert (row.width, row.height) == (40, 60)
    assert files.jpeg(photo.file, photo.pk).startswith(b"\xff\xd8\xff")
    (path,) = folder.iterdir()
    assert path.name == photo.file
    assert path.stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [mark for mark in (*corpus.MARKERS, b"JFIF", b"\xff\xd8\xff") if mark in path.read_bytes()] == []


def test_the_same_picture_twice_has_nothing_in_common_on_disk(pat, folder):
    assert add(pat).file != add(pat).file
    first, second = (path.read_bytes() for path in folder.iterdir())
    assert first[:3] == second[:3] == b"k1."
    assert first[3:50] != second[3:50]


def test_a_clinician_of_the_care_team_adds_one(pat, doctor):
    assert add(pat, by=doctor).recorded_by == doctor


@pytest.mark.parametrize("role", ["receptionist", "content_admin", "owner", "practitioner", None])
def test_nobody_else_adds_one(pat, folder, role):
    with pytest.raises(PermissionDenied):
        add(pat, by=build.user(roles=(role,)) if role else user_of(person(given="Sam")))
    with pytest.raises(PermissionDenied):
        add_photo(actor=Actor(task="sweep"), patient=pat, view="front", content=SENT, now=NOW)
    assert not folder.exists()


def test_a_colleague_on_the_care_team_without_the_permission_adds_and_opens_none(pat):
    desk = build.user(roles=("receptionist",))
    CareTeam.objects.create(patient=pat, user=desk, since=NOW - HOUR, why="visit")
    photo = add(pat)
    with pytest.raises(PermissionDenied):
        add(pat, by=desk)
    with pytest.raises(NoSuchPhoto):
        opened(photo, desk)


def test_what_is_refused_leaves_nothing_behind(pat, folder):
    with pytest.raises(NotWhole):
        add(pat, content=corpus.truncated())
    assert not folder.exists()
    assert Photo.objects.count() == 0


def test_the_thirteenth_of_a_day_is_refused_and_the_next_day_it_is_not(pat, doctor, folder):
    for nth in range(12):
        add(pat, now=NOW + nth * HOUR)
    late = NOW + 23 * HOUR
    with pytest.raises(EnoughForToday, match="12 pictures"):
        add(pat, now=late)
    assert len(list(folder.iterdir())) == Photo.objects.count() == 12
    add(pat, by=doctor, now=late)
    add(person(given="Sam"), now=late)
    assert add(pat, now=NOW + 24 * HOUR)


def test_taking_back_makes_no_room_for_more(pat):
    for _ in range(12):
        taken_back(add(pat), user_of(pat))
    with pytest.raises(EnoughForToday):
        add(pat)


def fails_when_there_is(folder: Path) -> None:
    with files.keeping(read(SENT), uuid4()) as name:
        assert [path.name for path in folder.iterdir()] == [name]
        raise RuntimeError


def test_what_fails_after_the_file_was_written_takes_it_away_again(folder):
    with pytest.raises(RuntimeError):
        fails_when_there_is(folder)
    assert list(folder.iterdir()) == []


def test_a_row_that_the_database_refuses_leaves_no_file(pat, folder):
    with pytest.raises(Exception, match="photo_view_known"):
        add(pat, view="behind")
    assert list(folder.iterdir()) == []


def test_a_disk_that_takes_nothing_leaves_no_row(pat, folder):
    folder.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="exists"):
        add(pat)
    assert Photo.objects.count() == 0


# --- opening


def test_the_patient_and_the_care_team_open_it_and_each_time_is_one_line(pat, doctor):
    photo = add(pat)
    for user, why in ((user_of(pat), "own record"), (doctor, "the care team")):
        before = len(trail_of(pat))
        assert opened(photo, user) == files.jpeg(photo.file, photo.pk)
        assert trail_of(pat)[before:] == [(user, ["photos"], why)]


@pytest.mark.parametrize("role", ["receptionist", "content_admin", "owner", "practitioner", None])
def test_for_everybody_else_there_is_no_such_picture(pat, role):
    photo = add(pat)
    other = build.user(roles=(role,)) if role else user_of(person(given="Sam"))
    with pytest.raises(NoSuchPhoto):
        opened(photo, other)
    with pytest.raises(NoSuchPhoto):
        open_photo(actor=Actor(task="sweep"), photo=photo.pk, now=NOW)
    assert trail_of(pat) == []


def test_a_care_team_that_has_ended_opens_nothing_more(pat, doctor):
    photo = add(pat)
    CareTeam.objects.update(until=NOW)
    with pytest.raises(NoSuchPhoto):
        opened(photo, doctor)


def altered(path: Path, where: int) -> None:
    content = bytearray(path.read_bytes())
    content[where] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("where", [3, 20, 1000, -1])
def test_a_flipped_bit_opens_nothing_and_leaves_no_line(pat, folder, where):
    photo = add(pat)
    altered(folder / photo.file, where)
    with pytest.raises(SealBroken, match=f"patients_photo.file.{photo.pk}"):
        opened(photo, user_of(pat))
    assert trail_of(pat) == []


def test_swapped_files_open_neither(pat, folder):
    one, two = add(pat), add(pat, view="left")
    first, second = (folder / one.file), (folder / two.file)
    kept = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(kept)
    for photo in (one, two):
        with pytest.raises(SealBroken):
            opened(photo, user_of(pat))


def test_a_missing_file_a_cut_off_one_and_an_unknown_key_open_nothing(pat, folder):
    for spoil in (Path.unlink, lambda path: path.write_bytes(b""), lambda path: path.write_bytes(path.read_bytes()[:-1])):
        photo = add(pat)
        spoil(folder / photo.file)
        with pytest.raises(SealBroken):
            opened(photo, user_of(pat))
    photo = add(pat)
    with override_settings(KEYRING={"current": "k2", "keys": {"k2": new_key()}}), pytest.raises(SealBroken):
        opened(photo, user_of(pat))


def test_the_key_of_fields_opens_no_file_and_the_other_way_round():
    from patients.encryption import seal, seal_file, unseal, unseal_file

    with pytest.raises(SealBroken):
        unseal_file(seal("text", "place"), "place")
    with pytest.raises(SealBroken):
        unseal(seal_file(b"text", "place"), "place")
    assert unseal_file(seal_file(b"", "place"), "place") == b""


# --- taking back


def test_what_nobody_at_the_clinic_has_seen_is_erased(pat, doctor, folder):
    photo, other = add(pat), add(pat, view="left")
    opened(photo, user_of(pat))
    assert taken_back(photo, user_of(pat)) == Gone.ERASED
    assert [path.name for path in folder.iterdir()] == [other.file]
    assert list(PhotoRemoval.objects.values_list("photo", "kind", "recorded_by")) == [(photo.pk, "erased", user_of(pat).pk)]
    for user in (user_of(pat), doctor):
        assert list(photos_visible_to(user, NOW)) == [other]
        with pytest.raises(NoSuchPhoto):
            opened(photo, user)


def test_once_a_clinician_has_looked_removal_is_asked_for_and_only_the_patient_no_longer_sees_it(pat, doctor, folder):
    photo = add(pat)
    opened(photo, doctor)
    assert taken_back(photo, user_of(pat)) == Gone.ASKED
    assert len(list(folder.iterdir())) == 1
    assert opened(photo, doctor)
    with pytest.raises(NoSuchPhoto):
        opened(photo, user_of(pat))


def test_a_look_before_it_came_does_not_count(pat, doctor):
    TrailEntry.objects.create(
        at=NOW - HOUR, user=doctor, roles=[], patient=pat, verb="opened", fields=["photos"], why="before"
    )
    assert taken_back(add(pat), user_of(pat)) == Gone.ERASED


def test_a_look_at_other_facts_does_not_count(pat, doctor):
    photo = add(pat)
    TrailEntry.objects.create(at=NOW, user=doctor, roles=[], patient=pat, verb="opened", fields=["answers"], why="after")
    assert taken_back(photo, user_of(pat)) == Gone.ERASED


def test_what_the_clinic_took_can_only_be_asked_for(pat, doctor):
    assert taken_back(add(pat, by=doctor), user_of(pat)) == Gone.ASKED


def test_twice_is_once(pat):
    photo = add(pat)
    taken_back(photo, user_of(pat))
    with pytest.raises(NoSuchPhoto):
        taken_back(photo, user_of(pat))
    assert PhotoRemoval.objects.count() == 1


def test_nobody_takes_back_what_is_not_their_own(pat, doctor):
    photo = add(pat)
    for user in (doctor, user_of(person(given="Sam")), build.user(roles=("owner",))):
        with pytest.raises(NoSuchPhoto):
            taken_back(photo, user)
    assert PhotoRemoval.objects.count() == 0


def test_a_clinician_who_is_a_patient_too_takes_back_an_own_picture_and_sees_it_no_more():
    user = build.user(roles=("practitioner",))
    own = build.patient(user=user)
    photo = add(own, by=user)
    assert taken_back(photo, user) == Gone.ERASED
    with pytest.raises(NoSuchPhoto):
        opened(photo, user)
