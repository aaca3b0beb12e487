"""A published version never changes, whatever path writes; a draft does, and only one editor's at a time."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Model

from tests import build
from treatments import operations
from treatments.acting import Actor, acting_as
from treatments.models import RulesVersion, Treatment, TreatmentVersion
from treatments.versions import Version, content, content_hash

pytestmark = pytest.mark.django_db
LATER = build.NOW + timedelta(days=1)
VERSIONS = [model for model in apps.get_app_config("treatments").get_models() if issubclass(model, Version)]
CHILDREN = [getattr(version, name).rel.related_model for version in VERSIONS for name in version.children]


@pytest.fixture
def editor() -> Actor:
    build.knowledge()
    return Actor(user=build.user(roles=("content_admin",)))


@pytest.fixture
def live(editor: Actor) -> TreatmentVersion:
    return TreatmentVersion.objects.get(treatment__code="microneedling")


def save(actor: Actor, of: TreatmentVersion, seen: str = "", **values: object) -> TreatmentVersion:
    return operations.save_draft(
        actor=actor, of=of, seen=seen or content_hash(of), values=values, children={}, now=LATER
    )  # fmt: skip


def published(actor: Actor, draft: Version) -> Version:
    return operations.publish(actor=actor, draft=draft, why="clearer", now=LATER)


def refused(sql: str) -> str:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return refusal.value.__cause__.diag.constraint_name


def test_publishing_numbers_the_draft_and_makes_it_live_from_then_on(editor: Actor, live: TreatmentVersion) -> None:
    made = published(editor, save(editor, live, cost="Ask us."))
    assert (made.number, made.why, made.published_by, made.effective_from) == (2, "clearer", editor.user, LATER)
    ours = TreatmentVersion.objects.filter(treatment=live.treatment)
    assert ours.live(build.NOW).get() == live
    assert ours.live(LATER).get() == made


def test_the_later_beginning_is_live_whatever_the_number(editor: Actor, live: TreatmentVersion) -> None:
    early = save(editor, live, cost="Ask us.")
    TreatmentVersion.objects.filter(pk=early.pk).update(effective_from=build.NOW - timedelta(days=1))
    early.refresh_from_db()
    assert published(editor, early).number == 2
    assert TreatmentVersion.objects.filter(treatment=live.treatment).live(LATER).get() == live


def test_a_draft_copies_everything_that_readers_see(editor: Actor, live: TreatmentVersion) -> None:
    draft = operations.draft_of(actor=editor, live=live)
    assert content(draft) == content(live)
    assert operations.draft_of(actor=editor, live=live) == draft


def test_a_draft_like_the_live_version_is_not_published(editor: Actor, live: TreatmentVersion) -> None:
    with pytest.raises(operations.NothingChanged):
        published(editor, operations.draft_of(actor=editor, live=live))


def test_publishing_asks_why(editor: Actor, live: TreatmentVersion) -> None:
    draft = save(editor, live, cost="Ask us.")
    with pytest.raises(operations.WhyMissing):
        operations.publish(actor=editor, draft=draft, why=" ", now=LATER)


def test_a_published_version_is_neither_published_nor_discarded_again(editor: Actor, live: TreatmentVersion) -> None:
    with pytest.raises(operations.Published):
        published(editor, live)
    with pytest.raises(operations.Published):
        operations.discard(actor=editor, draft=live)


def test_discarding_leaves_the_live_version(editor: Actor, live: TreatmentVersion) -> None:
    operations.discard(actor=editor, draft=save(editor, live, cost="Ask us."))
    assert TreatmentVersion.objects.filter(treatment=live.treatment).get() == live


def test_the_only_version_is_not_discarded() -> None:
    with acting_as(Actor(task="loading")):
        operations.load_knowledge()
    draft = TreatmentVersion.objects.get(treatment__code="microneedling")
    with pytest.raises(operations.NothingPublished):
        operations.discard(actor=Actor(task="loading"), draft=draft)


def test_an_edit_voids_an_approval(editor: Actor, live: TreatmentVersion) -> None:
    draft = save(editor, live, cost="Ask us.")
    operations.approve(actor=editor, draft=draft, now=LATER)
    draft.refresh_from_db()
    assert draft.is_approved
    draft.steps.filter(position=1).update(minutes=10)
    assert not draft.is_approved


def test_what_needs_an_approval_is_not_published_without(editor: Actor) -> None:
    draft = RulesVersion.objects.create()
    with pytest.raises(operations.ApprovalMissing):
        published(editor, draft)
    operations.approve(actor=editor, draft=draft, now=LATER)
    assert published(editor, draft).number


def test_there_is_one_draft_a_treatment(editor: Actor, live: TreatmentVersion) -> None:
    operations.draft_of(actor=editor, live=live)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        TreatmentVersion.objects.create(treatment=live.treatment, name="another", summary="")
    assert refusal.value.__cause__.diag.constraint_name == "treatment_version_one_draft"


def test_saving_replaces_values_and_rows_in_their_order(editor: Actor, live: TreatmentVersion) -> None:
    rows = [{"title": title, "minutes": 5} for title in ("First", "Second")]
    draft = operations.save_draft(
        actor=editor, of=live, seen=content_hash(live), values={"cost": "Ask us."}, children={"steps": rows}, now=LATER
    )
    assert list(draft.steps.values_list("position", "title")) == [(1, "First"), (2, "Second")]
    assert (draft.cost, draft.side_effects.count()) == ("Ask us.", live.side_effects.count())
    live.refresh_from_db()
    assert live.cost != "Ask us."


def test_a_stale_editor_overwrites_nothing(editor: Actor, live: TreatmentVersion) -> None:
    draft = save(editor, live, cost="Ask us.")
    with pytest.raises(operations.DraftChanged):
        save(editor, live, seen=content_hash(live), cost="Guess.")
    draft.refresh_from_db()
    assert draft.cost == "Ask us."


def test_what_changed_after_it_was_looked_at_is_not_published(editor: Actor, live: TreatmentVersion) -> None:
    draft = save(editor, live, cost="Ask us.")
    seen = content_hash(draft)
    save(editor, draft, cost="Guess.")
    with pytest.raises(operations.DraftChanged):
        operations.publish(actor=editor, draft=draft, why="clearer", now=LATER, seen=seen)


def test_going_back_is_a_new_draft_and_never_over_another(editor: Actor, live: TreatmentVersion) -> None:
    published(editor, save(editor, live, cost="Ask us."))
    draft = operations.go_back(actor=editor, to=live)
    assert draft.is_draft
    assert content(draft) == content(live)
    with pytest.raises(operations.DraftExists):
        operations.go_back(actor=editor, to=live)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda model: model._meta.model_name)
def test_a_published_version_refuses_update_and_delete_by_sql(editor: Actor, version: type[Version]) -> None:
    build.consents()
    table = version._meta.db_table
    assert refused(f"update {table} set why = 'x'") == "published_never_changes"
    assert refused(f"update {table} set published_at = null, number = null") == "published_never_changes"
    assert refused(f"delete from {table}") == "published_never_changes"


@pytest.mark.parametrize("child", CHILDREN, ids=lambda model: model._meta.model_name)
def test_the_rows_of_a_published_version_refuse_every_change_by_sql(editor: Actor, child: type[Model]) -> None:
    build.consents()
    table = child._meta.db_table
    assert refused(f"update {table} set position = position + 100") == "published_never_changes"
    assert refused(f"delete from {table}") == "published_never_changes"
    copied = f"select version_id, 99 from {table} limit 1"
    assert refused(f"insert into {table} (version_id, position) {copied}") == "published_never_changes"


@pytest.mark.parametrize("model", [*VERSIONS, *CHILDREN], ids=lambda model: model._meta.model_name)
def test_the_application_may_not_truncate(editor: Actor, model: type[Model]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"truncate {model._meta.db_table} cascade")
    assert Treatment.objects.exists()
