"""The page of one's own pictures, and the address of each, as a browser meets them."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from patients.models import CareTeam, Patient, Photo, PhotoRemoval
from patients.operations import open_photo
from patients.pictures import files, protocol
from tests import build
from tests.patients import corpus
from tests.patients.test_photos import HOUR, NOW, add, trail_of
from tests.patients.world import person, user_of
from treatments.acting import Actor

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.patients.urls")]
PAGE = "/record/photos/"


@pytest.fixture(autouse=True)
def folder(settings, tmp_path: Path) -> Iterator[Path]:
    settings.MEDIA_DIR = tmp_path / "pictures"
    with time_machine.travel(NOW, tick=False):
        yield settings.MEDIA_DIR


@pytest.fixture
def pat() -> Patient:
    return person()


@pytest.fixture
def browser(pat: Patient) -> Client:
    return signed_in(pat)


def signed_in(patient: Patient) -> Client:
    client = Client()
    client.force_login(user_of(patient))
    return client


def sent(browser: Client, content: bytes = b"", name: str = "a.jpg", view: str = "left", kind: str = "image/jpeg", **more):
    data = {"view": view, "picture": SimpleUploadedFile(name, content or corpus.jpeg(), kind)}
    return browser.post(PAGE, data | more)


def said(answer) -> str:
    """What the page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def test_each_of_the_five_views_has_a_drawing_words_and_a_form_of_its_own(browser):
    page = browser.get(PAGE).text
    for guide in protocol.guides():
        card = page.split(f'id="{guide.view}"')[1].split("</li>")[0]
        assert guide.text in unescape(card)
        assert card.count("<svg") == card.count("<form") == 1
        assert card.count('accept="image/jpeg,image/png"') == 2
        assert card.count('capture="user"') == 1
    assert [text for text in protocol.manners() if text not in unescape(page)] == []


def test_a_picture_is_kept_and_shown_small_with_its_day(browser, pat):
    answer = sent(browser, corpus.with_everything())
    assert (answer.status_code, answer["Location"]) == (302, f"{PAGE}#left")
    photo = Photo.objects.get()
    assert (photo.patient, photo.view) == (pat, "left")
    page = browser.get(PAGE).text
    assert "26 February 2027" in page.split('id="left"')[1].split("</li>")[0]
    assert page.count("data:image/jpeg;base64,") == 1
    assert f"/photos/{photo.pk}/" in page


REFUSALS = {
    "empty": (SimpleUploadedFile("a.jpg", b""), "This file is empty."),
    "eleven megabytes": (SimpleUploadedFile("a.jpg", corpus.large()), "larger than 10 MB"),
    "a HEIC that lies": (SimpleUploadedFile("a.jpg", corpus.heic(), "image/jpeg"), "saved this picture as HEIC"),
    "an SVG": (SimpleUploadedFile("a.svg", corpus.SVG, "image/svg+xml"), "Send a photograph"),
    "a page that lies": (SimpleUploadedFile("a.jpg", corpus.HTML, "image/jpeg"), "Send a photograph"),
    "a GIF that lies": (SimpleUploadedFile("a.jpg", corpus.animated("GIF"), "image/jpeg"), "Send a photograph"),
    "60,000 × 60,000": (SimpleUploadedFile("a.png", corpus.png_saying(60_000, 60_000)), "more than 40 million pixels"),
    "half": (SimpleUploadedFile("a.jpg", corpus.truncated()), "broken or not whole"),
    "no file at all": ("", "Take a picture, or choose a file."),
    "a text instead of a file": ("hello", "Take a picture, or choose a file."),
}


@pytest.mark.parametrize(("what", "words"), REFUSALS.values(), ids=REFUSALS)
def test_a_refusal_is_told_above_and_beside_the_field(browser, folder, what, words):
    answer = browser.post(PAGE, {"view": "left", "picture": what})
    assert answer.status_code == 422
    assert said(answer).count(words) == 2
    assert '<a href="#left_picture_0">New picture: Left side: ' in answer.text
    assert words in answer.text.split('id="left"')[1].split("</li>")[0]
    assert not folder.exists()
    assert not Photo.objects.exists()


def test_the_thirteenth_is_told_on_the_page(browser):
    for _ in range(12):
        sent(browser)
    assert "Please send the others tomorrow." in said(sent(browser))
    assert Photo.objects.count() == 12


def as_browsers_do(browser: Client, *chosen: tuple[str, bytes]):
    """The two ways to the field, byte by byte: one that was not used has an empty name and no content."""
    parts = [b'Content-Disposition: form-data; name="view"\r\n\r\nleft']
    for name, content in chosen:
        head = f'Content-Disposition: form-data; name="picture"; filename="{name}"\r\nContent-Type: text/html\r\n\r\n'
        parts.append(head.encode() + content)
    body = b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"
    return browser.post(PAGE, body, content_type="multipart/form-data; boundary=frontier")


@pytest.mark.parametrize("used", [0, 1])
def test_of_the_two_ways_to_a_picture_the_one_that_was_used_counts(browser, used):
    chosen = [("", b""), ("", b"")]
    chosen[used] = ("image.jpg", corpus.jpeg())
    assert as_browsers_do(browser, *chosen).status_code == 302
    assert Photo.objects.get().view == "left"


NAMES = ["../../x.jpg", "a.jpg.php", "a\x00.jpg", "x" * 300 + ".jpg", "\u202egpj.exe", "", "/", "C:\\a.jpg"]


@pytest.mark.parametrize("name", NAMES)
def test_what_a_file_is_called_is_nobodys_business(browser, folder, name):
    answer = as_browsers_do(browser, (name, corpus.jpeg()))
    assert answer.status_code in (302, 422)  # a file without a name was not chosen at all
    kept = {path.name for path in folder.iterdir()} if folder.exists() else set()
    assert kept == set(Photo.objects.values_list("file", flat=True))
    assert len(kept) == (answer.status_code == 302)


def test_names_are_written_nowhere(browser, folder):
    sent(browser, name="secretname.jpg")
    assert "secretname" not in browser.get(PAGE).text
    assert not any("secretname" in path.name for path in folder.rglob("*"))


@pytest.mark.parametrize("view", ["behind", "", "\x00", "x" * 7000])
def test_an_unknown_view_is_refused_in_words(browser, view):
    answer = sent(browser, view=view)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert not Photo.objects.exists()


def test_three_files_at_once_are_no_form_of_ours(browser):
    several = [SimpleUploadedFile("a.jpg", corpus.jpeg()) for _ in range(3)]
    assert browser.post(PAGE, {"view": "left", "picture": several}).status_code == 400
    assert not Photo.objects.exists()


def test_nothing_of_what_is_sent_touches_the_disk_on_its_way(browser, settings, tmp_path):
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "nowhere")  # writing there fails
    large = corpus.jpeg() + b"\0" * 5_000_000
    assert sent(browser, large).status_code == 302
    assert "larger than 10 MB" in said(sent(browser, corpus.large()))


def test_somebody_without_a_record_is_told_what_comes_first():
    client = Client()
    client.force_login(build.user())
    for answer in (client.get(PAGE), sent(client)):
        assert "Your record begins with your first visit" in answer.text
    assert not Photo.objects.exists()


# --- opening


def test_the_whole_picture_comes_alone_and_is_kept_nowhere(browser, pat):
    photo = add(pat, content=corpus.with_everything())
    answer = browser.get(f"/photos/{photo.pk}/")
    assert answer.content == files.jpeg(photo.file, photo.pk)
    assert [marker for marker in corpus.MARKERS if marker in answer.content] == []
    assert {name: answer[name] for name in (*answer.headers,) if name in EXPECTED} == EXPECTED
    assert "no-store" in answer["Cache-Control"]


EXPECTED = {
    "Content-Type": "image/jpeg",
    "Content-Disposition": 'inline; filename="picture.jpg"',
    "Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def test_each_opening_is_one_line_and_a_page_of_many_pictures_too(browser, pat):
    photos = [add(pat, view=guide.view) for guide in protocol.guides()]
    browser.get(PAGE)
    assert len(trail_of(pat)) == 1
    browser.get(f"/photos/{photos[0].pk}/")
    assert trail_of(pat) == [(user_of(pat), ["photos"], "own record")] * 2
    assert "You opened your answers, skin type, scars and pictures." in said(browser.get("/record/"))


@pytest.mark.parametrize("role", ["receptionist", "content_admin", "owner", "practitioner", None])
def test_for_everybody_else_there_is_none(pat, role):
    photo = add(pat)
    client = Client()
    client.force_login(build.user(roles=(role,)) if role else user_of(person(given="Sam")))
    known = files.preview(photo.file, photo.pk)
    for path in (f"/photos/{photo.pk}/", f"{PAGE}{photo.pk}/take-back/"):
        for answer in (client.get(path), client.head(path)):
            assert answer.status_code == 404
            assert known[:50] not in answer.content
    assert client.get(f"/photos/{uuid4()}/").status_code == 404
    assert trail_of(pat) == []


def test_nobody_is_sent_to_sign_in(pat):
    photo = add(pat)
    answer = Client().get(f"/photos/{photo.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/above/account_request_login_code/?next=/photos/{photo.pk}/")


@pytest.mark.parametrize("path", ["/media/{}", "/photos/{}", "/photos/..%2f{}", "/var/photos/{}", "/static/../{}", "/{}"])
def test_no_other_address_leads_to_a_file(browser, pat, path):
    assert browser.get(path.format(add(pat).file)).status_code == 404


def test_no_page_shows_another_patients_pictures(browser, pat):
    other = person(given="Sam")
    mine, theirs = add(pat, content=corpus.jpeg((90, 60))), add(other, content=corpus.jpeg((60, 90)))
    page = browser.get(PAGE).text
    assert str(mine.pk) in page
    assert str(theirs.pk) not in page
    assert page.count("data:image/jpeg;base64,") == 1


def test_a_picture_that_does_not_open_is_said_calmly_and_the_others_are_shown(browser, pat, folder, caplog):
    lost, kept = add(pat), add(pat, view="left")
    (folder / lost.file).write_bytes((folder / kept.file).read_bytes())
    answer = browser.get(f"/photos/{lost.pk}/")
    assert (answer.status_code, "This picture cannot be opened" in said(answer)) == (404, True)
    assert trail_of(pat) == []
    page = browser.get(PAGE)
    assert page.status_code == 200
    assert page.text.count("data:image/jpeg;base64,") == 1
    assert "This picture cannot be opened at the moment." in said(page)
    assert caplog.text.count(f"does not open: patients_photo.file.{lost.pk}") == 2


# --- taking back


def taken_back(browser: Client, photo: Photo):
    path = f"{PAGE}{photo.pk}/take-back/"
    return browser.get(path), browser.post(path)


def test_what_nobody_has_seen_is_removed_for_good(browser, pat, folder):
    asked, done = taken_back(browser, add(pat))
    assert "It is removed for good" in said(asked)
    assert done["Location"] == PAGE
    page = browser.get(PAGE)
    assert "Your picture is removed." in said(page)
    assert "data:image/jpeg" not in page.text
    assert list(folder.iterdir()) == []


def test_what_a_clinician_has_seen_is_hidden_and_asked_for(browser, pat):
    doctor = build.user(roles=("practitioner",))
    CareTeam.objects.create(patient=pat, user=doctor, since=NOW - HOUR, why="visit")
    photo = add(pat)
    open_photo(actor=Actor(user=doctor), photo=photo.pk, now=NOW)
    asked, _ = taken_back(browser, photo)
    assert "your clinician is told that you ask for its removal" in said(asked)
    assert PhotoRemoval.objects.get().kind == "asked"
    assert "We have your request" in said(browser.get(PAGE))
    assert browser.get(f"/photos/{photo.pk}/").status_code == 404
    assert browser.post(f"{PAGE}{photo.pk}/take-back/").status_code == 404


def test_the_page_asks_as_many_questions_for_ten_pictures_as_for_one(browser, pat, django_assert_num_queries):
    add(pat)
    browser.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        browser.get(PAGE)
    for _ in range(9):
        add(pat)
    with django_assert_num_queries(len(one)):
        browser.get(PAGE)
