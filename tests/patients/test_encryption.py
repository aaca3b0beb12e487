"""What patients say can be read by this application only, and only where it was written."""

import pytest
from django.db import connection

from patients.encryption import SealBroken, seal, unseal
from patients.models import Answer
from tests import build
from treatments.models import QuestionnaireVersion

SAME = "at, recorded_by_id, patient_id, version_id"


def answer(value: str) -> Answer:
    patient, version = build.patient(), QuestionnaireVersion.objects.create()
    user = build.user()
    return Answer.objects.create(patient=patient, version=version, question="q", value=value, at=build.NOW, recorded_by=user)


def stored(row: Answer) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute("select value from patients_answer where id = %s", [row.pk])
        return bytes(cursor.fetchone()[0])


def copied(row: Answer, value: bytes) -> Answer:
    """A row like `row`, written past the application, with `value` as its ciphertext."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into patients_answer (id, {SAME}, question, value) select gen_random_uuid(), {SAME}, 'copy', %s "
            "from patients_answer where id = %s returning id",
            [value, row.pk],
        )
        return Answer.objects.get(pk=cursor.fetchone()[0])


@pytest.mark.django_db
def test_an_answer_reads_as_it_was_written():
    assert Answer.objects.get(pk=answer("since May").pk).value == "since May"


@pytest.mark.django_db
def test_an_empty_text_stays_an_empty_text():
    assert Answer.objects.get(pk=answer("").pk).value == ""


@pytest.mark.django_db
def test_the_database_holds_nothing_that_can_be_read():
    value = stored(answer("isotretinoin since May"))
    assert b"isotretinoin" not in value
    assert value.startswith(b"k1.")


@pytest.mark.django_db
def test_the_same_words_never_look_the_same():
    first = answer("no")
    assert stored(first) != stored(Answer.objects.create(**fields_of(first)))


def fields_of(row: Answer) -> dict[str, object]:
    return {name: getattr(row, name) for name in ("patient", "version", "question", "at", "recorded_by", "value")}


@pytest.mark.django_db
def test_a_value_that_was_copied_to_another_row_does_not_open():
    row = answer("no")
    swapped = copied(row, stored(row))
    with pytest.raises(SealBroken):
        _ = swapped.value


@pytest.mark.parametrize("at", [0, 3, 14, 15, -1])
def test_a_flipped_bit_does_not_open(at):
    sealed = bytearray(seal("no", "here"))
    sealed[at] ^= 1
    with pytest.raises(SealBroken):
        unseal(bytes(sealed), "here")


def test_an_unknown_key_does_not_open():
    sealed = seal("no", "here")
    with pytest.raises(SealBroken):
        unseal(b"k9" + sealed[2:], "here")


def test_another_column_does_not_open():
    with pytest.raises(SealBroken):
        unseal(seal("no", "patients_answer.value.1"), "patients_phototype.answers.1")


@pytest.mark.parametrize("stored", [b"", b"plain text", b"k1.", b"k1.short"])
def test_what_was_never_sealed_does_not_open(stored):
    with pytest.raises(SealBroken):
        unseal(stored, "here")


def test_a_broken_seal_names_the_place_and_nothing_that_was_kept_there():
    with pytest.raises(SealBroken) as caught:
        unseal(seal("isotretinoin", "there"), "here")
    assert str(caught.value) == "here"
