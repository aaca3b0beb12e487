"""The public pages say what is published, all of it and nothing else, in a fixed number of queries."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import build
from treatments import operations
from treatments.acting import Actor, acting_as
from treatments.models import Concern, ConcernVersion, Treatment, TreatmentVersion
from treatments.operations.publish import publish_in
from treatments.versions import Version, content_hash

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]
EDITOR = Actor(task="editing")
PUBLISHED = datetime(2026, 1, 5, 9, tzinfo=UTC)  # before the machine's own clock, which the pages read
PASSAGES = ["effects", "how_it_works", "who_it_suits", "darker_skin", "sensitive_skin", "preparation", "aftercare"]
COMPARED = ["cost", "invasiveness", "speed_of_results", "duration_of_results", "side_effects_summary", "downtime"]
COMPARED += ["sensitive_skin", "darker_skin"]
QUERIES = {
    "/": 2,
    "/treatments/": 1,
    "/treatments/microneedling/": 4,
    "/treatments/compare/": 4,
    "/concerns/": 1,
    "/concerns/acne-scars/": 4,
}


@pytest.fixture
def full() -> None:
    build.knowledge(now=PUBLISHED)


@pytest.fixture
def small() -> None:
    """Two treatments and one concern are published; everything else is a draft."""
    with acting_as(EDITOR) as actor:
        drafts = {str(draft): draft for draft in operations.load_knowledge() if hasattr(draft, "name")}
        for name in ("Microneedling", "Non-ablative fractional laser", "Acne scars"):
            publish_in(actor, drafts[name], "first version", PUBLISHED)


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return unescape(response.content.decode())


def live(code: str) -> TreatmentVersion:
    return TreatmentVersion.objects.get(treatment__code=code, published_at__isnull=False)


def says(page: str, text: str) -> bool:
    return all(paragraph in page for paragraph in text.split("\n\n"))


def publish_change(version: Version, **values: object) -> Version:
    now = timezone.now()
    seen = content_hash(version)
    draft = operations.save_draft(actor=EDITOR, of=version, seen=seen, values=values, children={}, now=now)
    return operations.publish(actor=EDITOR, draft=draft, why="a test", now=now)


@pytest.mark.parametrize("code", ["microneedling", "afl", "pdl", "consultation", "test_patch"])
def test_a_treatment_page_says_everything(client: Client, full: None, code: str) -> None:
    version = live(code)
    page = text_of(client, f"/treatments/{version.treatment.slug}/")
    assert [name for name in ("name", "summary", *PASSAGES) if not says(page, getattr(version, name))] == []
    assert [effect for effect in version.side_effects.all() if not says(page, effect.text)] == []
    assert [effect for effect in version.side_effects.all() if effect.get_permanence_display()[1:] not in page] == []
    assert [source for source in version.references.all() if source.title not in page] == []
    assert "Version 1 of this page, published on 5 January 2026." in page
    assert f'href="/book/{code}/"' in page
    assert f"from £{100 + 10 * version.treatment.position}" in page


def test_the_figures_of_a_treatment_are_in_words(client: Client, full: None) -> None:
    page = text_of(client, "/treatments/microneedling/")
    for figure in ("3 to 6", "90 minutes", "4 to 6 weeks", "1 to 3 days", "from £100"):
        assert f"<dd>{figure}</dd>" in page


def test_the_steps_are_a_story_with_minutes_and_nothing_behind_the_scenes(client: Client, full: None) -> None:
    page = text_of(client, "/treatments/microneedling/")
    places = [
        page.index(f"<h3>{title} ") for title in ("Cleansing", "Numbing cream", "Anaesthetic gel", "Needling", "Soothing")
    ]
    assert places == sorted(places)
    assert "30 minutes" in page
    assert "Setting up" not in page
    assert "Clean down" not in page


def test_the_seams_are_empty_by_default(client: Client, full: None) -> None:
    for address in ("treatments/", "treatments/microneedling/", "treatments/compare/", "concerns/", "concerns/acne-scars/"):
        page = text_of(client, f"/alone/{address}")
        assert "£" not in page
        assert "/book/microneedling/" not in page


def test_the_concern_page_says_everything_with_the_shapes_of_scars(client: Client, full: None) -> None:
    version = ConcernVersion.objects.get(concern__slug="acne-scars")
    page = text_of(client, "/concerns/acne-scars/")
    texts = [version.summary, version.what_they_are, version.why_they_come, version.severity, version.permanence]
    assert [text for text in texts if not says(page, text)] == []
    assert [link for link in version.treatments.all() if link.text not in page] == []
    assert [source for source in version.references.all() if source.title not in page] == []
    for shape in ("Ice-pick", "Boxcar", "Rolling", "Hypertrophic", "Keloid", "Flat red mark"):
        assert shape in page
    assert page.count('<svg class="art" viewBox="0 0 240 150"') == 5


def test_a_concern_names_only_published_treatments(client: Client, small: None) -> None:
    page = text_of(client, "/concerns/acne-scars/")
    assert 'href="/treatments/microneedling/"' in page
    assert "ablative-fractional-laser/" in page
    assert "pulsed-dye-laser" not in page


def test_lists_show_what_is_published(client: Client, small: None) -> None:
    for address in ("/", "/treatments/"):
        page = text_of(client, address)
        assert "Microneedling" in page
        assert "Pulsed dye laser" not in page
    assert "Fine lines" not in text_of(client, "/concerns/")


@pytest.mark.parametrize("address", ["/treatments/pulsed-dye-laser/", "/concerns/fine-lines/", "/treatments/nothing/"])
def test_a_draft_is_not_there_for_the_public(client: Client, small: None, address: str) -> None:
    text_of(client, address, status=404)


def test_a_retired_treatment_is_gone_from_every_page(client: Client, full: None) -> None:
    Treatment.objects.filter(code="microneedling").update(retired_at=timezone.now() - timedelta(minutes=1))
    text_of(client, "/treatments/microneedling/", status=404)
    text_of(client, "/treatments/compare/?a=microneedling", status=404)
    for address in ("/", "/treatments/", "/treatments/compare/", "/concerns/acne-scars/"):
        assert "/treatments/microneedling/" not in text_of(client, address)


def test_a_version_that_begins_later_is_not_shown_yet(client: Client, full: None) -> None:
    soon = timezone.now() + timedelta(hours=1)
    draft = operations.draft_of(actor=EDITOR, live=live("microneedling"))
    TreatmentVersion.objects.filter(pk=draft.pk).update(name="Needling from tomorrow", effective_from=soon)
    operations.publish(actor=EDITOR, draft=draft, why="a test", now=timezone.now())
    assert "Needling from tomorrow" not in text_of(client, "/treatments/microneedling/")


def test_without_a_choice_microneedling_stands_beside_laser(client: Client, full: None) -> None:
    page = text_of(client, "/treatments/compare/")
    assert "Microneedling and Non-ablative fractional laser, side by side" in page
    for code in ("microneedling", "nafl"):
        assert [name for name in COMPARED if not says(page, getattr(live(code), name))] == []
    for words in ("3 to 6", "4 to 6 weeks", "from £100", "from £120"):
        assert words in page


@pytest.mark.parametrize(
    ("query", "pair"),
    [
        ("a=pulsed-dye-laser&b=microneedling", "Pulsed dye laser and Microneedling"),
        ("a=microneedling", "Microneedling and Non-ablative fractional laser"),
        ("a=non-ablative-fractional-laser", "Non-ablative fractional laser and Microneedling"),
        ("b=microneedling", "Non-ablative fractional laser and Microneedling"),
        ("b=pulsed-dye-laser", "Microneedling and Pulsed dye laser"),
        ("a=&b=", "Microneedling and Non-ablative fractional laser"),
    ],
)
def test_the_address_chooses_the_pair(client: Client, full: None, query: str, pair: str) -> None:
    assert f"{pair}, side by side" in text_of(client, f"/treatments/compare/?{query}")


@pytest.mark.parametrize("query", ["a=nothing", "a=consultation&b=microneedling", "b=%00"])
def test_an_unknown_choice_is_said_and_the_usual_pair_shown(client: Client, full: None, query: str) -> None:
    page = text_of(client, f"/treatments/compare/?{query}", status=404)
    assert "We do not offer this treatment. Please choose one from the list." in page
    assert "Microneedling and Non-ablative fractional laser, side by side" in page


def test_the_same_choice_twice_is_said(client: Client, full: None) -> None:
    page = text_of(client, "/treatments/compare/?a=microneedling&b=microneedling")
    assert "Please choose two different treatments." in page
    assert "Microneedling and Non-ablative fractional laser, side by side" in page


@settings(max_examples=50)
@given(one=st.text(), two=st.text())
def test_whatever_is_asked_for_is_answered(one: str, two: str) -> None:
    if not Treatment.objects.exists():
        build.knowledge(now=PUBLISHED)
    answer = Client().get("/treatments/compare/", {"a": one.encode(errors="replace"), "b": two.encode(errors="replace")})
    assert answer.status_code in {200, 404}


@pytest.mark.parametrize("address", ["/", "/treatments/", "/treatments/compare/", "/concerns/"])
def test_an_empty_clinic_still_has_pages(client: Client, address: str) -> None:
    assert "<h1>" in text_of(client, address)


@pytest.mark.parametrize("world", ["small", "full"])
@pytest.mark.parametrize(("address", "queries"), QUERIES.items())
def test_a_page_asks_the_database_a_fixed_number_of_times(
    client: Client, request: pytest.FixtureRequest, django_assert_num_queries, world: str, address: str, queries: int
) -> None:
    request.getfixturevalue(world)
    # the prices of the stand-in are one query more, on every page that shows them
    with django_assert_num_queries(queries + (address != "/concerns/")):
        client.get(address)


@pytest.mark.parametrize("address", QUERIES)
@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_public_pages_only_answer(client: Client, full: None, address: str, method: str) -> None:
    if address != "/":  # the home page is the site's own
        assert getattr(client, method)(address).status_code == 405


def test_a_text_is_plain_paragraphs(client: Client, full: None) -> None:
    publish_change(live("microneedling"), effects="<script>alert(1)</script>\n\nSecond.")
    page = client.get("/treatments/microneedling/").content.decode()
    assert "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>" in page
    assert "<p>Second.</p>" in page


def test_every_concern_and_treatment_has_a_page_without_inline_style(client: Client, full: None) -> None:
    slugs = [f"/treatments/{t.slug}/" for t in Treatment.objects.all()] + [
        f"/concerns/{c.slug}/" for c in Concern.objects.all()
    ]
    for address in [*slugs, *QUERIES]:
        page = text_of(client, address)
        assert " style=" not in page
        assert "onclick" not in page
