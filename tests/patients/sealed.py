"""A row in every place that keeps sealed content, and keyrings to seal it anew under."""

import secrets
from collections import Counter
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.conf import settings

from clinic.scheduling.models import Closure
from patients.encryption import EncryptedTextField
from patients.models import Answer, Photo
from patients.pictures import files
from patients.pictures.reading import read
from patients.resealing import stores
from tests.build import NOW, Clinic
from tests.factors import set_up
from tests.patients import corpus
from tests.scheduling.test_constraints import World, span
from treatments.models import QuestionnaireVersion

ANSWERS = 300


def filled() -> World:
    """Something sealed in every store; many answers, so that sealing them anew takes a while."""
    world = World(Clinic(practitioners=2, rooms=2, pens=2, screening=True))
    Closure.objects.create(location=world.clinic.place, during=span(NOW), reason="painters")
    set_up(world.clinic.reception)
    said = {"patient": world.pat, "at": NOW, "recorded_by": world.clinic.reception}
    version = QuestionnaireVersion.objects.get()
    picture(world)
    Answer.objects.bulk_create(
        Answer(**said, version=version, question=f"q{n}", value=f"answer {n}") for n in range(ANSWERS)
    )
    return world


def picture(world: World) -> Photo:
    """With its sealed file."""
    row, made = uuid4(), read(corpus.jpeg())
    with files.keeping(made, row) as name:
        size = {"width": made.width, "height": made.height}
        said = {"patient": world.pat, "at": NOW, "recorded_by": world.clinic.reception}
        return Photo.objects.create(id=row, view="front", file=name, **size, **said)


def ring(current: str, **keys: bytes) -> dict[str, Any]:
    """The tests' own key as k1, and others."""
    return {"current": current, "keys": {"k1": settings.KEYRING["keys"]["k1"], **keys}}


def new_key() -> bytes:
    return secrets.token_bytes(32)


def by_key() -> Counter[str]:
    return sum((store.count() for store in stores()), Counter())


def everything() -> dict[str, str]:
    """Every sealed text, opened. Raises SealBroken."""
    texts = {}
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, EncryptedTextField):
                texts |= {f"{field.place} {row.pk}": getattr(row, field.name) for row in model._default_manager.all()}
    return texts
