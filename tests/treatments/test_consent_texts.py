"""A consent text: edited as a draft, approved by a clinician, published by whoever keeps the content, and then frozen."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from tests import build
from tests.treatments.test_editing import filled, send
from treatments import operations
from treatments.acting import Actor
from treatments.models import ConsentVersion
from treatments.models.consent import PASSAGES
from treatments.versions import content_hash

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]
PUBLISHED = datetime(2026, 1, 5, 9, tzinfo=UTC)
EDIT = "/editing/consents/microneedling/"
READ = "/editing/clinical/consents/microneedling/"


@pytest.fixture
def admin(client: Client) -> Client:
    build.knowledge(now=PUBLISHED)
    build.consents(now=PUBLISHED)
    client.force_login(build.user(roles=("content_admin",)))
    return client


@pytest.fixture
def clinician(admin: Client) -> Client:
    client = Client()
    client.force_login(build.user(roles=("practitioner",), name="Dr Reader"))
    return client


def change(admin: Client, **values: str) -> ConsentVersion:
    answer = send(admin, EDIT, filled(admin.get(EDIT)) | values)
    assert answer.status_code == 302
    return ConsentVersion.objects.drafts().get()


def publish(admin: Client):
    seen = admin.get(f"{EDIT}publish/").context["seen"]
    return admin.post(f"{EDIT}publish/", {"why": "clearer", "seen": seen})


def approve(clinician: Client, seen: str = ""):
    return clinician.post(f"{READ}approve/", {"seen": seen or clinician.get(READ).context["seen"]})


def test_what_was_edited_while_the_approval_was_on_its_way_is_not_approved(admin: Client, clinician: Client) -> None:
    """The page was compared with the draft before the lock; the edit came between the two."""
    draft = change(admin, limits="Scars become softer.")
    read = content_hash(draft)
    change(admin, limits="Scars vanish.")
    actor = Actor(user=build.user(roles=("practitioner",)))
    with pytest.raises(operations.DraftChanged):
        operations.approve(actor=actor, draft=draft, now=timezone.now(), seen=read)
    assert not ConsentVersion.objects.drafts().get().approved_hash


def test_a_text_is_edited_approved_and_published(admin: Client, clinician: Client) -> None:
    draft = change(admin, limits="Scars become softer.")
    assert "A clinician must approve" in publish(admin).content.decode()
    page = clinician.get(READ).content.decode()
    assert "Scars become softer." in page
    assert "What changes against version 1" in page
    approve(clinician)
    assert publish(admin).status_code == 302
    draft.refresh_from_db()
    assert (draft.number, draft.approved_by.name) == (2, "Dr Reader")
    assert "Version 2, approved by Dr Reader" in clinician.get(READ).content.decode()


def test_what_was_not_read_is_not_approved(admin: Client, clinician: Client) -> None:
    draft = change(admin, limits="Scars become softer.")
    approve(clinician, seen="0" * 64)
    draft.refresh_from_db()
    assert not draft.is_approved


def test_editing_after_the_approval_voids_it(admin: Client, clinician: Client) -> None:
    change(admin, limits="Scars become softer.")
    approve(clinician)
    change(admin, limits="Scars become a little softer.")
    assert not ConsentVersion.objects.drafts().get().is_approved


def test_no_element_may_be_empty(admin: Client) -> None:
    answer = send(admin, EDIT, {**filled(admin.get(EDIT)), **dict.fromkeys(PASSAGES, "")})
    assert answer.status_code == 200
    assert set(answer.context["sheet"].form.errors) == set(PASSAGES)
    assert not ConsentVersion.objects.drafts().exists()


def test_the_pages_are_read_by_clinicians_and_content_admins_only(admin: Client, clinician: Client) -> None:
    desk = Client()
    desk.force_login(build.user(roles=("receptionist",)))
    for path in ("/editing/clinical/consents/", READ):
        assert [who.get(path).status_code for who in (admin, clinician, desk)] == [200, 200, 403]
    assert admin.post(f"{READ}approve/").status_code == 403
    assert clinician.get(EDIT).status_code == 403
    assert clinician.get("/editing/clinical/consents/nothing/").status_code == 404


@pytest.mark.parametrize("page", ["", "preview/", "publish/", "history/", "history/1/"])
def test_a_text_has_the_pages_of_every_other_text(admin: Client, page: str) -> None:
    change(admin, limits="Scars become softer.")
    assert admin.get(f"{EDIT}{page}").status_code == 200


@pytest.mark.parametrize(
    "statement",
    [
        "update treatments_consentversion set limits = 'none' where published_at is not null",
        "delete from treatments_consentversion",
        "update treatments_consentreference set title = 'another'",
        "insert into treatments_consentreference (version_id, position, title, url) "
        "select id, 99, 'x', '' from treatments_consentversion where published_at is not null limit 1",
    ],
)
def test_a_published_text_is_frozen(admin: Client, statement: str) -> None:
    with pytest.raises(IntegrityError, match="never change"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_hash_is_of_every_word_and_source() -> None:
    build.knowledge(now=PUBLISHED)
    version = ConsentVersion.objects.get(treatment__code="microneedling")
    before = content_hash(version)
    for name in ("title", *PASSAGES):
        said = getattr(version, name)
        setattr(version, name, f"{said}.")
        assert content_hash(version) != before, name
        setattr(version, name, said)
    version.references.first().delete()
    assert content_hash(version) != before
