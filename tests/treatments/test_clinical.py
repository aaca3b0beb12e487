"""Questions, rules and intervals: read, approved by a clinician, then published; and only so."""

import pytest
from django.test import Client
from django.utils import timezone

from tests.build import user
from treatments.acting import Actor, acting_as
from treatments.models import RulesVersion, ScarWeightsVersion
from treatments.operations import load_knowledge

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.treatments.addresses")]
PAGE = "/editing/clinical/rules/"


@pytest.fixture
def draft() -> RulesVersion:
    with acting_as(Actor(task="test")):
        load_knowledge()
    return RulesVersion.objects.get()


def signed_in(*roles: str) -> Client:
    client = Client()
    client.force_login(user(roles=roles))
    return client


def seen(client: Client) -> str:
    return client.get(PAGE).context["seen"]


def test_a_clinician_reads_approves_and_a_content_admin_publishes(draft: RulesVersion) -> None:
    clinician, admin = signed_in("practitioner"), signed_in("content_admin")
    assert "isotretinoin" in clinician.get(PAGE).content.decode()
    clinician.post(f"{PAGE}approve/", {"seen": seen(clinician)})
    assert admin.post(f"{PAGE}publish/", {"seen": seen(admin), "why": "first rules"}).status_code == 302
    assert RulesVersion.objects.live(timezone.now()).get() == draft


def test_nothing_is_published_without_approval(draft: RulesVersion) -> None:
    admin = signed_in("content_admin")
    answer = admin.post(f"{PAGE}publish/", {"seen": seen(admin), "why": "in a hurry"})
    assert answer.status_code == 409
    draft.refresh_from_db()
    assert draft.is_draft


def test_an_approval_of_something_else_than_what_was_read_is_refused(draft: RulesVersion) -> None:
    clinician = signed_in("practitioner")
    before = seen(clinician)
    rule = draft.rules.first()
    rule.patient_text = "changed meanwhile"
    rule.save()
    clinician.post(f"{PAGE}approve/", {"seen": before})
    draft.refresh_from_db()
    assert not draft.is_approved


def test_a_later_change_voids_the_approval(draft: RulesVersion) -> None:
    clinician = signed_in("practitioner")
    clinician.post(f"{PAGE}approve/", {"seen": seen(clinician)})
    draft.refresh_from_db()
    assert draft.is_approved
    draft.rules.first().delete()
    assert not draft.is_approved


@pytest.mark.parametrize("code", ["questions", "rules", "intervals", "scar-weights"])
def test_each_is_shown_in_full(draft: RulesVersion, code: str) -> None:
    assert signed_in("content_admin").get(f"/editing/clinical/{code}/").status_code == 200
    assert signed_in("receptionist").get(f"/editing/clinical/{code}/").status_code == 403


def test_an_unknown_subject_is_not_found(draft: RulesVersion) -> None:
    assert signed_in("practitioner").get("/editing/clinical/other/").status_code == 404


def test_the_weights_of_scars_count_only_once_a_clinician_has_approved_them(draft: RulesVersion) -> None:
    page = "/editing/clinical/scar-weights/"
    clinician, admin = signed_in("practitioner"), signed_in("content_admin")
    html = clinician.get(page).content.decode()
    assert "Papular, raised" in html
    assert "×3 from 21 (scars)" in html
    assert "to be checked against the paper" in html
    assert admin.post(f"{page}publish/", {"seen": admin.get(page).context["seen"], "why": "soon"}).status_code == 409
    assert not ScarWeightsVersion.objects.live(timezone.now()).exists()
    clinician.post(f"{page}approve/", {"seen": clinician.get(page).context["seen"]})
    admin.post(f"{page}publish/", {"seen": admin.get(page).context["seen"], "why": "held against the paper"})
    assert ScarWeightsVersion.objects.live(timezone.now()).get().number == 1
