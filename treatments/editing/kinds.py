"""What can be edited: treatments, concerns and consent texts, each with its version model, its forms and its public page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from treatments import queries
from treatments.editing import consent_forms, forms
from treatments.editing.differences import Spoken, spoken
from treatments.models import ConcernVersion, ConsentVersion, TreatmentVersion
from treatments.versions import Version


@dataclass(frozen=True)
class Kind:
    code: str  # as in addresses
    title: str | Promise
    model: type[Version]
    form: type[forms.ContentForm]
    rows: Mapping[str, type[forms.Rows]]  # by the name of the children
    page: str = ""  # the template of the public page, for what has one
    public_name: str = ""  # of its URL
    extras: Callable[[Any], dict[str, Any]] = lambda version: {}  # what the page needs beside the version


def _concern_page(version: ConcernVersion) -> dict[str, Any]:
    return {"help": queries.what_may_help(version), "scar_types": queries.scar_types()}


KINDS = {
    kind.code: kind
    for kind in (
        Kind(
            "treatments",
            _("Treatments"),
            TreatmentVersion,
            forms.TreatmentForm,
            {"steps": forms.Steps, "side_effects": forms.SideEffects, "references": forms.References},
            "treatments/detail.html",
            "treatments:detail",
        ),
        Kind(
            "concerns",
            _("What we treat"),
            ConcernVersion,
            forms.ConcernForm,
            {"treatments": forms.Links, "references": forms.ConcernReferences},
            "treatments/concern.html",
            "treatments:concern",
            _concern_page,
        ),
        Kind(
            "consents",
            _("Consent texts"),
            ConsentVersion,
            consent_forms.ConsentForm,
            {"references": consent_forms.ConsentReferences},
            "editing/consent.html",
            "editing:consent",
        ),
    )
}


class Sheet:
    """One form and its rows, filled from a version or from what somebody sent."""

    def __init__(self, kind: Kind, version: Version, data: QueryDict | None = None) -> None:
        names = kind.form.base_fields
        self.form = kind.form(data, initial={name: getattr(version, name) for name in names})
        self.form.version = version
        self.rows = {name: rows(data, prefix=name, initial=_stored(version, name, data)) for name, rows in kind.rows.items()}

    def is_valid(self) -> bool:
        return all([self.form.is_valid(), *(rows.is_valid() for rows in self.rows.values())])  # every error at once

    @property
    def values(self) -> dict[str, Any]:
        return dict(self.form.cleaned_data)

    @property
    def children(self) -> dict[str, list[dict[str, Any]]]:
        return {name: rows.values for name, rows in self.rows.items()}


def typed(sheet: Sheet) -> Spoken:
    """What a valid sheet says, to compare it with what stands there."""
    return spoken(sheet.form.instance, {name: [row.instance for row in rows.kept] for name, rows in sheet.rows.items()})


def _stored(version: Version, name: str, data: QueryDict | None) -> list[dict[str, Any]] | None:
    """The rows to start from. None for a sent form: its own counters say how many rows it began with."""
    if data is not None:
        return None
    rows = getattr(version, name).all()
    return [{field.name: getattr(row, field.name) for field in row._meta.concrete_fields} for row in rows]
