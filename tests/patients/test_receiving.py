"""What comes in stays in memory, and what is too much is not even kept there."""

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory


def received(size: int):
    sent = SimpleUploadedFile("a.jpg", b"x" * size)
    return RequestFactory().post("/", {"picture": sent}).FILES["picture"]


def test_up_to_the_limit_it_is_all_there():
    file = received(settings.PHOTO_BYTES)
    assert (file.size, len(file.read())) == (settings.PHOTO_BYTES, settings.PHOTO_BYTES)
    assert not hasattr(file, "temporary_file_path")


def test_beyond_it_only_the_size_is_known():
    for size in (settings.PHOTO_BYTES + 1, 3 * settings.PHOTO_BYTES):
        file = received(size)
        assert (file.size, file.read()) == (size, b"")


def test_each_file_of_a_request_has_its_own_content():
    both = {name: SimpleUploadedFile(f"{name}.jpg", name.encode() * 5) for name in ("one", "two")}
    files = RequestFactory().post("/", both).FILES
    assert {name: file.read() for name, file in files.items()} == {"one": b"one" * 5, "two": b"two" * 5}
