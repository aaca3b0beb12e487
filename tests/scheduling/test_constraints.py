"""Every named constraint of ours refuses what it is there to refuse, and says its name. One without a case fails."""

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from clinic.messaging.models import Envelope
from clinic.scheduling import operations
from clinic.scheduling.models import (
    AnswerRequest,
    Appointment,
    AppointmentEvent,
    BookingPolicy,
    CallBack,
    Claim,
    Closure,
    Course,
    CourseItem,
    Cover,
    Hours,
    IdempotencyKey,
    Offer,
    Resource,
    WaitlistEntry,
    WaitlistOffer,
)
from clinic.scheduling.operations import Booking, Choice
from clinic.scheduling.refusals import constraint_of
from patients.models import (
    Answer,
    CareTeam,
    Consent,
    ConsentConfirmation,
    ConsentReading,
    ConsentWithdrawal,
    EmergencyAccess,
    Evaluation,
    Patient,
    Photo,
    PhotoRemoval,
    Phototype,
    PurposeConsent,
    ScarAssessment,
    ScarFinding,
    ScarGrade,
    SunExposure,
    TrailEntry,
)
from tests import build
from tests.build import NOW, Clinic
from treatments.acting import Actor
from treatments.models import (
    ConcernReference,
    ConcernTreatment,
    ConcernVersion,
    ConsentReference,
    ConsentVersion,
    Interval,
    IntervalsVersion,
    Prerequisite,
    Question,
    QuestionnaireVersion,
    Reference,
    Rule,
    RulesVersion,
    ScarWeight,
    ScarWeightsVersion,
    SideEffect,
    Step,
    TreatmentVersion,
)

pytestmark = pytest.mark.django_db(databases=["default", "owner"])

OURS = [app.label for app in apps.get_app_configs() if app.name.split(".")[0] in {"clinic", "patients", "treatments"}]
NAMES = """
with ours as (
    select oid from pg_class where relnamespace = 'public'::regnamespace and relname ~ %(ours)s
), named as (
    select conname::text as name from pg_constraint where conrelid in (select oid from ours) and contype <> 't'
    union
    select indexrelid::regclass::text from pg_index where indrelid in (select oid from ours) and indisunique
    union
    select (regexp_matches(p.prosrc, 'constraint = ''(\\w+)''', 'g'))[1] from pg_trigger as t
    join pg_proc as p on p.oid = t.tgfoid where t.tgrelid in (select oid from ours) and not t.tgisinternal
)
select name from named where name !~ %(ours)s  -- the names that Django makes up begin with the app's label
"""
HOLDS_BY_ITSELF = {"appointment_occupies"}  # contains the primary key; it is there for `claim_visit` to point at


class World:
    """A clinic with one patient of each kind of fact, and two visits at the same time; committed once for all cases."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.pat, self.other = build.patient(), build.patient(given="Other")
        self.visit, self.rival = self.book(self.pat, 0), self.book(self.other, 1)
        self.holds = [self.hold("one", "12:15"), self.hold("two", "14:15")]
        said = {"patient": self.pat, "at": NOW, "recorded_by": clinic.reception}
        self.course = Course.objects.create(
            patient=self.pat, location=clinic.place, planned_by=clinic.reception, created_at=NOW
        )
        self.item = CourseItem.objects.create(course=self.course, position=1, treatment=clinic.microneedling)
        self.entry = WaitlistEntry.objects.create(
            patient=self.pat,
            treatment=clinic.microneedling,
            location=clinic.place,
            days=DateRange(NOW.date(), NOW.date() + timedelta(days=30)),
            created_at=NOW,
        )
        self.offer = WaitlistOffer.objects.create(
            entry=self.entry,
            practitioner=clinic.practitioners[0],
            start=clinic.at("12:15"),
            offered_at=NOW,
            expires_at=NOW + timedelta(hours=1),
        )
        self.request = AnswerRequest.objects.create(
            appointment=self.visit, asked_by=clinic.reception, asked_at=NOW, questions=["smoker"], note="please"
        )
        self.cover = Cover.objects.create(
            practitioner=clinic.practitioners[0], user=clinic.reception, since=NOW, until=NOW + timedelta(days=1)
        )
        self.call = CallBack.objects.create(
            patient=self.pat, location=clinic.place, phone="020 7946 0001", asked_at=NOW, due_at=NOW, note="rang twice"
        )
        self.phototype = Phototype.objects.create(
            **said, provenance="clinician_confirmed", type=3, variant="x", score=9, answers="{}"
        )
        self.assessment = ScarAssessment.objects.create(**said, visibility="speaking", bother=3)
        self.finding = ScarFinding.objects.create(assessment=self.assessment, zone="chin", type="rolling")
        self.sun = SunExposure.objects.create(**said, last=NOW.date(), asked_on=NOW.date())
        self.grade = ScarGrade.objects.create(
            **said, scale="goodman-baron-qualitative", scale_version="2006", grade=2, note="raking light", counts="{}"
        )
        self.photo = Photo.objects.create(**said, view="front", width=3, height=4, file="0" * 32)
        PhotoRemoval.objects.create(photo=self.photo, at=NOW, recorded_by=clinic.reception, kind="asked")
        Answer.objects.create(**said, version=QuestionnaireVersion.objects.get(), question="q", value="no")
        Evaluation.objects.create(patient=self.pat, treatment=clinic.microneedling, at=NOW, on=NOW, document="{}")
        self.emergency = EmergencyAccess.objects.create(
            patient=self.pat, user=clinic.reception, during=span(NOW), reason="fainted"
        )
        TrailEntry.objects.create(at=NOW, user=clinic.reception, roles=[], patient=self.pat, verb="opened", fields=[])
        self._consents(said)

    def _consents(self, said: dict[str, Any]) -> None:
        build.consents()
        text = {"version": ConsentVersion.objects.get(treatment=self.clinic.microneedling), "text_hash": "0" * 64}
        fact = {"at": NOW, "recorded_by": self.clinic.reception}
        self.reading = ConsentReading.objects.create(**said, **text)
        self.consent = Consent.objects.create(**said, **text, name="Pat Example", how="tablet")
        self.confirmation = ConsentConfirmation.objects.create(**fact, consent=self.consent, name="Dr A")
        self.withdrawal = ConsentWithdrawal.objects.create(**fact, consent=self.consent)
        self.purpose = PurposeConsent.objects.create(**said, purpose="teaching", given=True)

    def book(self, whose: Patient, who: int) -> Appointment:
        choice = Choice(
            self.clinic.microneedling, self.clinic.place, self.clinic.at("10:00"), self.clinic.practitioners[who].pk
        )
        actor = Actor(user=self.clinic.reception)
        return operations.book(actor=actor, booking=Booking(choice, whose), key=uuid4(), now=NOW)

    def hold(self, holder: str, clock: str) -> Appointment:
        choice = Choice(self.clinic.microneedling, self.clinic.place, self.clinic.at(clock))
        return operations.hold(holder=holder, address=None, choice=choice, key=uuid4(), now=NOW)


@pytest.fixture(scope="module")
def world(template: str, django_db_blocker) -> Iterator[World]:
    with (
        django_db_blocker.unblock(),
        build.filled(template, practitioners=2, rooms=2, pens=2, screening=True) as (name, clinic),
    ):
        with build.pointed_at(name):
            world = World(clinic)
        with build.pointed_at(name):
            yield world


def change(row: models.Model, **values: object) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**values)


def again(row: models.Model, **values: object) -> Any:
    """The same row once more, with other `values` and a key of its own."""
    twin = copy.copy(row)
    twin._state = copy.copy(row._state)
    twin._state.adding = True
    twin.pk = uuid4() if isinstance(row._meta.pk, models.UUIDField) else None
    for name, value in values.items():
        setattr(twin, name, value)
    twin.save(force_insert=True)
    return twin


def draft(model: type[models.Model], **values: object) -> Any:
    blank = {"number": None, "published_at": None, "published_by": None, "effective_from": None}
    return again(model._default_manager.first(), **blank | values)


def child_twice(model: type[models.Model], **values: object) -> None:
    """Two children of one draft, alike in all but `values`."""
    row = model._default_manager.first()
    version = draft(type(row.version))
    again(row, version=version)
    again(row, version=version, **values)


def changed_child(model: type[models.Model], **values: object) -> None:
    row = model._default_manager.first()
    again(row, version=draft(type(row.version)), **values)


def span(first: datetime, hours: float = 1, bounds: str = "[)") -> DateTimeTZRange:
    return DateTimeTZRange(first, first + timedelta(hours=hours), bounds)


EMPTY = DateTimeTZRange(empty=True)
ENDLESS = DateTimeTZRange(NOW, None)

VERSIONS = {
    "treatment_version": TreatmentVersion,
    "concern_version": ConcernVersion,
    "intervals_version": IntervalsVersion,
    "questionnaire_version": QuestionnaireVersion,
    "rules_version": RulesVersion,
    "scar_weights_version": ScarWeightsVersion,
    "consent_version": ConsentVersion,
}
CASES: dict[str, Callable[[World], object]] = {
    # --- people
    "user_email_in_lower_case": lambda w: change(w.clinic.reception, email="Rec@Clinic.Example"),
    "user_roles_known": lambda w: change(w.clinic.reception, roles=["emperor"]),
    "patient_has_a_name": lambda w: change(w.pat, given_name=""),
    "patient_birth_date_plausible": lambda w: change(w.pat, birth_date=date(1900, 1, 1)),
    "care_team_once": lambda w: again(CareTeam.objects.first()),
    "care_team_since_before_until": lambda w: change(CareTeam.objects.first(), since=NOW, until=NOW),
    "emergency_during_whole": lambda w: again(w.emergency, during=EMPTY),
    "one_emergency_at_a_time": lambda w: again(w.emergency, during=span(NOW + timedelta(minutes=59))),
    "phototype_one_to_six": lambda w: again(w.phototype, type=7),
    "phototype_self_reported_has_score": lambda w: again(w.phototype, provenance="self_reported", score=None),
    "scar_bother_zero_to_ten": lambda w: again(w.assessment, bother=11),
    "scar_finding_once": lambda w: again(w.finding),
    "scar_grade_one_to_four": lambda w: again(w.grade, grade=5, zone="chin"),
    "scar_grade_scale_known": lambda w: again(w.grade, scale_version="", zone="chin"),
    "scar_grade_total_has_weights": lambda w: again(w.grade, total=7, zone="chin"),
    "scar_grade_zone_once": lambda w: again(w.grade),
    "sun_exposure_not_to_come": lambda w: again(w.sun, last=NOW.date() + timedelta(days=1)),
    "photo_view_known": lambda w: again(w.photo, file="1" * 32, view="behind"),
    "photo_has_a_size": lambda w: again(w.photo, file="1" * 32, width=0),
    "photo_file_is_a_plain_name": lambda w: again(w.photo, file="../../etc/passwd"),
    "photo_file_once": lambda w: again(w.photo),
    "photo_removal_kind_known": lambda w: again(PhotoRemoval.objects.first(), kind="regretted"),
    "photo_removal_once": lambda w: again(PhotoRemoval.objects.first()),
    # --- consents
    "consent_reading_once": lambda w: again(w.reading),
    "consent_reading_hash": lambda w: again(w.reading, patient=w.other, text_hash="0" * 63),
    "consent_hash": lambda w: again(w.consent, text_hash="Z" * 64),
    "consent_how_known": lambda w: again(w.consent, how="paper"),
    "consent_confirmed_once": lambda w: again(w.confirmation),
    "consent_confirmed_by_name": lambda w: again(w.confirmation, consent=again(w.consent), name=""),
    "consent_withdrawn_once": lambda w: again(w.withdrawal),
    "purpose_consent_purpose_known": lambda w: again(w.purpose, purpose="anything"),
    # --- places
    "resource_place_by_kind": lambda w: change(w.clinic.practitioners[0], location=w.clinic.place),
    "resource_device_kind": lambda w: change(w.clinic.pens[0], device_kind=""),
    "resource_only_devices_fixed": lambda w: change(w.clinic.rooms[0], fixed_in=w.clinic.rooms[1]),
    "resource_user_practises": lambda w: change(w.clinic.rooms[0], user=w.clinic.reception),
    "hours_open_before_they_close": lambda w: change(Hours.objects.first(), opens=time(9), closes=time(9)),
    "hours_iso_weekday": lambda w: change(Hours.objects.first(), weekday=0),
    "hours_valid_some_time": lambda w: change(Hours.objects.first(), valid=DateRange(NOW.date(), NOW.date())),
    "closure_of_place_or_resource": lambda w: Closure.objects.create(during=span(NOW)),
    "closure_during_whole": lambda w: Closure.objects.create(during=ENDLESS, location=w.clinic.place),
    "offer_once_a_moment": lambda w: again(Offer.objects.first()),
    "offer_currency_iso": lambda w: change(Offer.objects.first(), currency="gbp"),
    "policy_grid_known": lambda w: BookingPolicy.objects.create(grid_minutes=7),
    "policy_horizon_in_range": lambda w: BookingPolicy.objects.create(horizon_days=0),
    "policy_once": lambda w: (BookingPolicy.objects.create(), BookingPolicy.objects.create()),
    # --- visits
    "appointment_during_whole": lambda w: change(w.visit, during=EMPTY),
    "appointment_occupied_whole": lambda w: change(w.visit, occupied=DateTimeTZRange(w.visit.occupied.lower, None)),
    "appointment_occupied_contains_during": lambda w: change(w.visit, during=span(w.visit.occupied.lower, 5)),
    "appointment_expires_while_proposed": lambda w: change(w.visit, expires_at=NOW),
    "appointment_hold_has_no_patient": lambda w: change(w.visit, patient=None),
    "appointment_status_known": lambda w: change(w.visit, status="vanished"),
    "appointment_one_hold_per_holder": lambda w: change(w.holds[0], holder=w.holds[1].holder),
    "appointment_held_for_one": lambda w: change(w.holds[0], held_for="waitlist"),
    "appointment_held_for_while_proposed": lambda w: change(w.visit, held_for="session", holder="one more"),
    "appointment_one_proposal_per_visit": lambda w: held_for(w, "closure", held_for_visit=w.visit),
    "appointment_one_offer_per_entry": lambda w: held_for(w, "waitlist", held_for_entry=w.entry),
    "patient_once": lambda w: change(w.rival, patient=w.pat),
    "claim_occupies": lambda w: change(w.visit.claims.first(), occupies=False),
    "claim_during_whole": lambda w: change(w.visit.claims.first(), during=span(w.visit.during.lower, 1, "[]")),
    "claim_visit": lambda w: change(w.visit, status="cancelled"),
    "one_claim": lambda w: w.visit.claims.filter(resource__kind="room").update(
        resource=w.rival.claims.get(resource__kind="room").resource
    ),
    "occupying_visit_has_claims": lambda w: w.visit.claims.all().delete(),
    "claims_inside_occupied": lambda w: change(w.visit.claims.first(), during=span(w.clinic.at("20:00"))),
    "event_number_once": lambda w: again(w.visit.events.first()),
    "event_by_user_or_task": lambda w: again(w.visit.events.first(), number=2, user=None, task=""),
    "idempotency_once": lambda w: again(IdempotencyKey.objects.first()),
    "course_position_once": lambda w: again(w.item),
    # --- the waitlist
    "waitlist_days_whole": lambda w: change(w.entry, days=DateRange(NOW.date(), None)),
    "waitlist_from_before_until": lambda w: change(w.entry, from_time=time(9), to_time=time(9)),
    "waitlist_closed_when_not_waiting": lambda w: change(w.entry, outcome="booked"),
    "waitlist_once": lambda w: again(w.entry),
    "offer_expires_later": lambda w: change(w.offer, expires_at=NOW),
    "offer_one_open_per_entry": lambda w: again(w.offer),
    # --- the review, and calls
    "answer_request_one_open_per_visit": lambda w: again(w.request),
    "answer_request_asked_before_answered": lambda w: change(w.request, answered_at=NOW - timedelta(seconds=1)),
    "answer_request_answered_or_withdrawn": lambda w: change(w.request, answered_at=NOW, withdrawn_at=NOW),
    "answer_request_asks_something": lambda w: change(w.request, questions=[]),
    "cover_once": lambda w: again(w.cover),
    "cover_since_before_until": lambda w: change(w.cover, until=w.cover.since),
    "call_back_one_open_per_patient": lambda w: again(w.call),
    "call_back_due_after_asked": lambda w: change(w.call, due_at=NOW - timedelta(seconds=1)),
    "call_back_done_by_somebody": lambda w: change(w.call, done_at=NOW),
    # --- letters
    "envelope_done_when_not_waiting": lambda w: change(Envelope.objects.first(), state="sent"),
    # --- what is published
    **{f"{name}_numbered_when_published": lambda w, m=m: draft(m, number=7) for name, m in VERSIONS.items()},
    **{f"{name}_number_once": lambda w, m=m: again(m.objects.first()) for name, m in VERSIONS.items()},
    **{f"{name}_one_draft": lambda w, m=m: (draft(m), draft(m)) for name, m in VERSIONS.items()},
    "treatment_version_from_before_to": lambda w: draft(TreatmentVersion, sessions_min=3, sessions_max=2),
    "step_position_once": lambda w: child_twice(Step),
    "step_minutes_in_range": lambda w: changed_child(Step, minutes=4),
    "step_occupies_something": lambda w: changed_child(Step, practitioner=False, room=False, device_kind=""),
    "side_effect_position_once": lambda w: child_twice(SideEffect),
    "reference_position_once": lambda w: child_twice(Reference),
    "concern_reference_position_once": lambda w: child_twice(ConcernReference),
    "consent_reference_position_once": lambda w: child_twice(ConsentReference),
    "concern_treatment_position_once": lambda w: child_twice(ConcernTreatment),
    "interval_position_once": lambda w: child_twice(Interval, after=w.clinic.consultation),
    "interval_pair_once": lambda w: child_twice(Interval, position=999),
    "interval_days_in_range": lambda w: changed_child(Interval, days=0),
    "prerequisite_position_once": lambda w: child_twice(Prerequisite, treatment=w.clinic.microneedling),
    "prerequisite_once": lambda w: child_twice(Prerequisite, position=999),
    "prerequisite_visit_names_treatment": lambda w: changed_child(Prerequisite, kind="visit", first=None),
    "prerequisite_valid_after_lead": lambda w: changed_child(Prerequisite, lead_days=7, valid_days=7),
    "question_position_once": lambda w: child_twice(Question, code="another"),
    "question_code_once": lambda w: child_twice(Question, position=999),
    "rule_position_once": lambda w: child_twice(Rule, code="another"),
    "rule_code_once": lambda w: child_twice(Rule, position=999),
    "scar_weight_position_once": lambda w: child_twice(ScarWeight, code="another"),
    "scar_weight_code_once": lambda w: child_twice(ScarWeight, position=999),
    "scar_weight_points_in_range": lambda w: changed_child(ScarWeight, points=0),
    "published_never_changes": lambda w: change(TreatmentVersion.objects.first(), name="Other"),
    "only_grows": lambda w: as_owner("update scheduling_appointmentevent set verb = 'x'"),
}


def held_for(world: World, purpose: str, **what: object) -> None:
    """Both holds for the same."""
    for hold in world.holds:
        change(hold, held_for=purpose, holder="", **what)


def as_owner(statement: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


@contextmanager
def refused_as(name: str) -> Iterator[None]:
    """The database refuses what the block does, at the latest when its transaction would end, and names `name`."""
    said = "nothing"
    try:
        with transaction.atomic(), transaction.atomic(using="owner"):
            yield
            with connection.cursor() as cursor:
                cursor.execute("set constraints all immediate")
    except IntegrityError as error:
        said = constraint_of(error)
    assert said == name


def test_every_named_constraint_has_a_case(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute(NAMES, {"ours": f"^({'|'.join(OURS)})_"})
        names = {name for (name,) in cursor.fetchall()}
    assert names - HOLDS_BY_ITSELF == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_it_forbids_is_refused_by_its_name(world: World, name: str) -> None:
    with refused_as(name):
        CASES[name](world)


def guarded(trigger: str) -> list[str]:
    """The tables with `trigger`, as the migrations wrote them."""
    with connection.cursor() as cursor:
        cursor.execute("select tgrelid::regclass::text from pg_trigger where tgname = %s order by 1", [trigger])
        return [table for (table,) in cursor.fetchall()]


@pytest.mark.parametrize("change", ["update {} set id = id", "delete from {}", "truncate {} cascade"])
@pytest.mark.parametrize("trigger", ["only_grows", "published_never_changes"])
def test_not_even_the_owner_rewrites_a_guarded_table(world: World, trigger: str, change: str) -> None:
    tables = guarded(trigger)
    assert tables
    for table in tables:
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"select exists (select from {table})")
            assert cursor.fetchone() == (True,), f"{table} is empty: nothing is proved"
        with refused_as(trigger):
            as_owner(change.format(table))


@pytest.mark.parametrize(
    "model",
    [
        *(Step, SideEffect, Reference, ConcernTreatment, ConcernReference, ConsentReference),
        *(Interval, Prerequisite, Question, Rule, ScarWeight),
    ],
)
def test_a_published_version_gets_no_new_child(world: World, model: type[models.Model]) -> None:
    with refused_as("published_never_changes"):
        again(model._default_manager.first(), position=999)


def test_a_claim_moved_to_another_visit_leaves_no_visit_without_claims(world: World) -> None:
    with refused_as("occupying_visit_has_claims"):
        Claim.objects.filter(appointment=world.visit).update(appointment=world.rival)


def test_a_visit_that_no_longer_occupies_needs_no_claims(world: World) -> None:
    world.visit.claims.all().delete()
    change(world.visit, status="cancelled")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert not Appointment.objects.get(pk=world.visit.pk).occupies


def test_two_visits_may_follow_each_other_without_a_gap(world: World) -> None:
    room = Resource.objects.get(pk=world.visit.claims.get(resource__kind="room").resource_id)
    claim = world.visit.claims.get(resource=room)
    end = claim.during.upper
    change(world.rival, during=span(end, 0.5), occupied=span(end, 0.5))
    world.rival.claims.all().delete()
    Claim.objects.create(appointment=world.rival, resource=room, during=span(end, 0.5))
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert AppointmentEvent.objects.filter(appointment=world.rival).count() == 1
