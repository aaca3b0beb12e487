"""A person's own record: found or made when a signed-in user says who they are, and kept up to date."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet

from patients.models import Patient
from patients.queries.people import like
from treatments.acting import Actor, acting_as

if TYPE_CHECKING:
    from clinic.accounts.models import User

CONTACTS = ("given_name", "family_name", "phone")


def register(*, actor: Actor, user: "User", details: Mapping[str, Any], now: datetime) -> Patient:
    """The record of `user`, whose address the sign-in code has verified; the same one again for a repeated request.

    A record that staff made is linked when address and date of birth agree and no other record agrees as well. Else a new
    one is made, marked as a possible duplicate when the address, or name and date of birth, agree with another.
    """
    with acting_as(actor):
        get_user_model().objects.select_for_update(no_key=True).get(pk=user.pk)  # a double click finds the first one's row
        own = Patient.objects.filter(user=user).first()
        return own or _linked(user, details) or _new(user, details)


def register_by_staff(*, actor: Actor, details: Mapping[str, Any]) -> Patient:
    """A new record without an account, for somebody who telephones; marked when it looks like another one.

    Raises PermissionDenied.
    """
    if actor.user is None or not actor.may("patients.edit_contacts"):
        raise PermissionDenied
    given, family, born, email = (details[name] for name in ("given_name", "family_name", "birth_date", "email"))
    with acting_as(actor):
        twin = next(iter(like(actor.user, given, family, born, email)), None)
        contacts = {name: details[name] for name in (*CONTACTS, "birth_date", "email")}
        return Patient.objects.create(**contacts, possible_duplicate_of=twin)


def change_contacts(*, actor: Actor, patient: Patient, details: Mapping[str, Any]) -> Patient:
    """Name and telephone, by the person or by staff who may. Raises PermissionDenied."""
    own = actor.user is not None and patient.user_id == actor.user.pk
    if not own and not actor.may("patients.edit_contacts"):
        raise PermissionDenied
    with acting_as(actor):
        return _with_contacts(patient, details)


def _linked(user: "User", details: Mapping[str, Any]) -> Patient | None:
    free = Patient.objects.select_for_update().filter(user=None, birth_date=details["birth_date"])
    found = list(free.filter(email__iexact=user.email)[:2])
    if len(found) != 1:  # twins who share an address: a person decides
        return None
    found[0].user = user
    found[0].save(update_fields=["user"])
    return _with_contacts(found[0], details)


def _new(user: "User", details: Mapping[str, Any]) -> Patient:
    contacts = {name: details[name] for name in CONTACTS}
    return Patient.objects.create(
        user=user,
        email=user.email,
        birth_date=details["birth_date"],
        possible_duplicate_of=_alike(user, details).order_by("created_at", "id").first(),
        **contacts,
    )


def _alike(user: "User", details: Mapping[str, Any]) -> QuerySet[Patient]:
    same_name = Q(given_name__iexact=details["given_name"], family_name__iexact=details["family_name"])
    return Patient.objects.filter(Q(email__iexact=user.email) | same_name & Q(birth_date=details["birth_date"]))


def _with_contacts(patient: Patient, details: Mapping[str, Any]) -> Patient:
    for name in CONTACTS:
        setattr(patient, name, details[name])
    patient.save(update_fields=CONTACTS)
    return patient
