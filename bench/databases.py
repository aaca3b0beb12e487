"""One database for each size of history, in a Postgres of the bench's own under var/bench."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timedelta
from random import Random
from typing import NamedTuple

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.operations import ensure_account
from clinic.demo.answers import answer, ticket
from clinic.demo.fresh import as_owner, pointed_at
from clinic.demo.world import Person
from clinic.scheduling.models import Location
from patients.models import Patient
from patients.operations import register
from treatments.acting import Actor
from treatments.models import Treatment

VISITORS = 260
SOON = timedelta(days=30)
FULL_DAYS = 60
"""Every hour of the last location's people that is still free in the next 60 days becomes a visit of its own."""
FILL = """
with span as (
    select h.resource_id as id, tstzmultirange(tstzrange((d + h.opens) at time zone 'Europe/London',
                                                         (d + h.closes) at time zone 'Europe/London')) as m
    from scheduling_hours as h join scheduling_resource as r on r.id = h.resource_id and r.kind = 'practitioner'
    cross join generate_series(current_date - 1, current_date + %(days)s, interval '1 day') as g (at)
    cross join lateral (select g.at::date as d) as day
    where h.location_id = %(place)s and extract(isodow from d) = h.weekday
), gap as (
    select gen_random_uuid() as visit, s.id, w, row_number() over () as n
    from span as s
    cross join lateral (select coalesce(range_agg(c.during), '{}') as m from scheduling_claim as c
                        where c.resource_id = s.id and c.during && range_merge(s.m)) as t
    cross join lateral unnest(s.m - t.m) as w
), model as (select * from scheduling_appointment where location_id = %(place)s limit 1),
person as (
    insert into patients_patient (id, given_name, family_name, birth_date, email, phone, created_at)
    select g.visit, 'Full', 'No ' || g.n, '1990-01-01', '', '', now() from gap as g  -- nobody has two visits at once
    returning id),
visit as (
    insert into scheduling_appointment (id, status, patient_id, location_id, treatment_id, version_id, practitioner_id,
        during, occupied, price_minor, currency, note, created_at, held_for, holder)
    select g.visit, 'booked', g.visit, m.location_id, m.treatment_id, m.version_id, g.id, g.w, g.w, m.price_minor,
           m.currency, '', m.created_at, '', ''
    from gap as g cross join model as m join person as p on p.id = g.visit
    returning id, practitioner_id, during)
insert into scheduling_claim (appointment_id, occupies, resource_id, during)
select id, true, practitioner_id, during from visit
"""


class Visitor(NamedTuple):
    patient: Patient
    session: str  # the cookie


class World(NamedTuple):
    name: str
    claims: int
    now: datetime
    places: list[Location]
    treatment: Treatment
    visitors: Iterator[Visitor]
    desk: Visitor
    reception: User
    port: int  # of its server

    def inside(self) -> AbstractContextManager[None]:
        """With this one as the default database."""
        return pointed_at(self.name)


@contextmanager
def database(claims: int, port: int) -> Iterator[World]:
    """A new database with that many claims and with people to ask it; dropped at the end."""
    name = f"bench_{claims}"
    as_owner("drop database if exists {} with (force)", name)
    as_owner("create database {}", name)
    try:
        with pointed_at(name):
            print(f"\n{claims:,} claims", flush=True)
            call_command("migrate", verbosity=0)
            call_command("load_history", claims=claims)
            world = _peopled(name, claims, port)
        yield world
    finally:
        as_owner("drop database if exists {} with (force)", name)


def fill(place: Location, days: int = FULL_DAYS) -> None:
    """No practitioner of `place` has a free minute in the next `days` days."""
    with connection.cursor() as cursor:
        cursor.execute(FILL, {"place": place.pk, "days": days})


def _peopled(name: str, claims: int, port: int) -> World:
    """Receptionist and patients, who are signed in; the patients' answers are valid for any visit of the next weeks."""
    now, random = timezone.now(), Random(1)  # chance in a story
    treatment = Treatment.objects.get(code="microneedling")
    places = list(Location.objects.order_by("slug"))
    visitors = [_visitor(number, treatment, places[0], random, now) for number in range(VISITORS)]
    reception = User.objects.get(email="history.desk@demo.example")
    desk = Visitor(visitors[0].patient, _signed_in(reception))
    return World(name, claims, now, places, treatment, iter(visitors), desk, reception, port)


def _visitor(number: int, treatment: Treatment, place: Location, random: Random, now: datetime) -> Visitor:
    email = f"visitor.{number}@demo.example"
    ensure_account(email)
    user = User.objects.get(email=email)
    details = {"given_name": "Visitor", "family_name": f"No {number}", "birth_date": date(1990, 1, 1), "phone": ""}
    row = register(actor=Actor(user=user), user=user, details=details, now=now)
    for day in (now.date() + timedelta(days=1), now.date() + SOON):
        answer(Person(row, place.slug, online=True), ticket(treatment, place, day), {}, random, now)
    return Visitor(row, _signed_in(user))


def _signed_in(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value
