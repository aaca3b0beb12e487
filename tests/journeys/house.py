"""A clinic that has one of each, and what to write into the gaps of its addresses."""

from datetime import timedelta
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.utils import timezone

from clinic.accounts.models import User
from clinic.accounts.roles import PATIENT, Role
from clinic.scheduling import operations
from clinic.scheduling.models import Appointment, CallBack, Closure, Course, Resource, WaitlistOffer
from clinic.scheduling.operations import Choice, Closing, Joining, NewCourse, Planned
from clinic.scheduling.policies.matching import Wishes
from clinic.scheduling.queries.asking import asked_anew
from patients.models import CareTeam, ConsentConfirmation, EmergencyAccess, Photo, Phototype
from patients.operations import add_photo, open_photo, take_back_photo
from patients.queries import intake
from patients.tickets import Ticket
from tests import build
from tests.build import Clinic
from tests.factors import set_up
from tests.journeys.day import acknowledged, around_noon, booked, minutes_from_now, moved, on_day
from tests.journeys.people import answering, returning, signed_consent
from tests.journeys.reviewing import asked, declined, pending, to_be_called
from tests.patients import corpus
from treatments.acting import Actor, acting_as
from treatments.models import ConcernVersion, ConsentVersion, IntervalsVersion, RulesVersion, Treatment, TreatmentVersion
from treatments.operations import approve, draft_of, publish

NOBODY, NEWCOMER = "nobody", "newcomer"  # not signed in; signed in for the first time
VISITORS = (NOBODY, NEWCOMER, PATIENT, *Role.values)

FOR_A_FACTOR = {  # these are there for whoever has set up a second factor
    "account/again/",
    "account/second-factor/ask-again/",
    "account/second-factor/app/remove/",
    "account/second-factor/codes/",
}
TOKEN = "of the patient's browser"  # it holds a time

Where = dict[str, list[str]]  # a route of the URLconf → addresses


class House:
    """Visits of today in every state, drafts and old versions; every role with a record and visits of their own."""

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = around_noon(clinic)
        self.laser = self._laser()
        self.people = {NEWCOMER: build.user(), PATIENT: self._patient(), **{role: self._staff(role) for role in Role.values}}
        set_up(self.people[Role.OWNER])
        known = [who for who in self.people if who != NEWCOMER]
        self.own = {who: self._own_visits(self.people[who], nth) for nth, who in enumerate(known)}
        self._hold()
        self.pending = self._pending()
        self.today = [self.pending, *self._today()]
        self.course = self._course()
        self.closure = self._closure()
        self.offer = self._waiting()
        self.emergency = self._emergency()
        self.call = self._review()
        self.signed = self._consents()
        self._versions()
        self._clinical()
        self.photos = self._photos()

    def _laser(self) -> Treatment:
        """Offered too, with what comes first."""
        laser, patch = (Treatment.objects.get(code=code) for code in ("nafl", "test_patch"))
        build.resource("device", self.clinic.place, treatments=[], device_kind="nafl_laser")
        for treatment in (laser, patch):
            build.offer(self.clinic.place, treatment)
            for resource in (*self.clinic.practitioners, *self.clinic.rooms):
                resource.treatments.add(treatment)
        return laser

    def _patient(self) -> User:
        """Has answered everything; of a skin type for which a test patch comes before laser."""
        patient = returning(self.clinic.place, "patient@example.org", open_page="")
        sure = Phototype.Provenance.CLINICIAN_CONFIRMED
        who = self.clinic.practitioners[1].user
        Phototype.objects.create(patient=patient, provenance=sure, type=5, at=timezone.now(), recorded_by=who, answers="")
        return patient.user

    def _staff(self, role: str) -> User:
        user = build.user(email=f"{role}@clinic.example", roles=(role,), name=role.title())
        build.patient(given=role.title(), user=user, email=user.email)
        if role == Role.PRACTITIONER:
            Resource.objects.filter(pk=self.clinic.practitioners[0].pk).update(user=user)
            self.clinic.practitioners[0].refresh_from_db()
        return user

    def _own_visits(self, user: User, nth: int) -> list[Appointment]:
        patient = user.patient
        coming = booked(self.clinic, patient, on_day(self.clinic, 3 + nth))
        called_off = booked(self.clinic, patient, on_day(self.clinic, 3 + nth, "14:00"))
        return [coming, moved(self.clinic, called_off, "cancel")]

    def _hold(self) -> None:
        """The patient is about to confirm."""
        choice = Choice(self.clinic.microneedling, self.clinic.place, on_day(self.clinic, 12))
        operations.hold(
            holder=sha256(TOKEN.encode()).hexdigest(), address=None, choice=choice, key=uuid4(), now=timezone.now()
        )

    def _pending(self) -> Appointment:
        """Waits for a clinician, and the practitioner has opened the answers already."""
        patient = returning(self.clinic.place, "pending@example.org")
        answering(patient, self.clinic.place, breastfeeding="yes")
        visit = booked(self.clinic, patient, on_day(self.clinic, 9), treatment=self.clinic.microneedling, ago=0)
        actor = Actor(user=self.people[Role.PRACTITIONER])
        operations.open_review(actor=actor, visit=visit.pk, now=timezone.now())
        return visit

    def _review(self) -> CallBack:
        """The patient is asked something, and asked to a consultation; one visit is near; one patient is to be called."""
        patient, doctor = self.people[PATIENT].patient, self.people[Role.PRACTITIONER]
        waiting = [pending(self.clinic, patient, on_day(self.clinic, day, "14:00")) for day in (120, 121)]
        self.asked = asked(waiting[0], doctor, "smoker", "pih_history")
        self.own[PATIENT] += [self.asked, declined(waiting[1], doctor)]
        pending(self.clinic, build.patient(given="Near"), on_day(self.clinic, 1))
        return to_be_called(self.clinic, patient)

    def _course(self) -> Course:
        """Two booked sessions and one to be planned; the patient's own."""
        starts = [on_day(self.clinic, 20), on_day(self.clinic, 55), None]
        sessions = tuple(Planned(self.clinic.microneedling, start) for start in starts)
        course = NewCourse(self.people[PATIENT].patient, self.clinic.place, sessions)
        actor = Actor(user=self.clinic.reception)
        return operations.book_course(actor=actor, course=course, key=uuid4(), now=timezone.now())

    @property
    def course_visit(self) -> UUID:
        """One that can be changed."""
        return self.course.items.get(position=1).appointment_id

    def _closure(self) -> Closure:
        """The day of the pending visit; its patient has been offered another time."""
        first = on_day(self.clinic, 9, "00:00")
        closing = Closing(first, first + timedelta(days=1), self.clinic.place)
        actor = Actor(user=self.clinic.reception)
        made = operations.close(actor=actor, closing=closing, now=timezone.now())
        operations.propose(actor=actor, visit=self.pending.pk, now=timezone.now())
        return made

    def _emergency(self) -> EmergencyAccess:
        """The owner has opened the record of whoever waits for a clinician."""
        wish = operations.Emergency(self.pending.patient_id, "Fainted in the waiting room")
        return operations.break_glass(actor=Actor(user=self.people[Role.OWNER]), emergency=wish, now=timezone.now())

    def _waiting(self) -> WaitlistOffer:
        """The patient waits for a consultation and is offered a time; somebody else waits for a needling."""
        actor, today = Actor(user=self.clinic.reception), timezone.localdate()
        wishes = Wishes(today, today + timedelta(days=20), weekdays=(1, 2), note="by bus")
        for who, what in ((self.people[PATIENT].patient, "consultation"), (self.today[-1].patient, "microneedling")):
            joining = Joining(who, getattr(self.clinic, what), self.clinic.place, wishes)
            operations.join(actor=actor, joining=joining, now=timezone.now())
        operations.offer_times(now=timezone.now())
        return WaitlistOffer.objects.get(entry__patient=self.people[PATIENT].patient)

    def _wish(self) -> dict[str, object]:
        """What a course's form asks for."""
        place, first = self.clinic.place.slug, f"{on_day(self.clinic, 90):%Y-%m-%d}"
        what = {"what_1": self.clinic.consultation.pk, "times_1": 1, "what_2": self.clinic.microneedling.pk, "times_2": 2}
        return {"patient": self.course.patient_id, "place": place, "first": first, **what}

    def _today(self) -> list[Appointment]:
        """One after another with Dr A, who is the practitioner, and with Dr B."""
        fates = {
            (0, -170): ("arrive", "start", "complete"),
            (0, -5): ("arrive", "start"),
            (0, 60): ("arrive",),
            (0, 120): (),
            (1, -170): ("noshow",),
            (1, -100): ("cancel",),
            (1, -5): ("wrong-entry",),
        }
        visits = []
        for (who, minutes), verbs in fates.items():
            patient = build.patient(
                given=verbs[-1].title() if verbs else "Booked", email="pat@example.org", phone="020 7946 0003"
            )
            visits.append(moved(self.clinic, booked(self.clinic, patient, minutes_from_now(minutes), who=who), *verbs))
        return visits

    def _consents(self) -> dict[str, UUID]:
        """Texts in force; a visit at which only the patient has signed yet; the patient's own, signed by both."""
        build.consents(now=timezone.now() - timedelta(days=1))
        doctor, start = self.people[Role.PRACTITIONER], minutes_from_now(-100)
        guest = build.patient(given="Signing")
        visit = acknowledged(booked(self.clinic, guest, start, who=1, treatment=self.clinic.microneedling))
        moved(self.clinic, visit, "arrive")
        CareTeam.objects.create(patient=guest, user=doctor, why="review", since=timezone.now() - timedelta(days=1))
        own = self.people[PATIENT].patient
        signed = [signed_consent(guest, self.clinic.microneedling, doctor), signed_consent(own, self.laser, doctor)]
        ConsentConfirmation.objects.create(consent=signed[1], name=str(doctor), at=timezone.now(), recorded_by=doctor)
        draft_of(actor=Actor(user=doctor), live=ConsentVersion.objects.get(treatment=self.laser))
        return {"visit": visit.pk, "waits": signed[0].pk, "own": signed[1].pk}

    def _versions(self) -> None:
        """Of one treatment and one concern: two versions, and a draft."""
        actor = Actor(user=self.people[Role.CONTENT_ADMIN])
        for model in (TreatmentVersion, ConcernVersion):
            live = model.objects.filter(**{f"{model.subject}__slug": self._slug(model)}).get()
            for words in ("Said anew.", "Said once more."):
                draft = draft_of(actor=actor, live=live)
                with acting_as(actor):
                    draft.summary = f"{draft.summary} {words}"
                    draft.save()
                if words == "Said anew.":
                    live = publish(actor=actor, draft=draft, why="clearer", now=timezone.now())

    def _clinical(self) -> None:
        """A draft of the rules, approved, which would touch the pending visit; and one of the intervals, which is not."""
        doctor = Actor(user=self.people[Role.PRACTITIONER])
        draft = draft_of(actor=doctor, live=RulesVersion.objects.get())
        draft.rules.filter(code="breastfeeding").update(tier="block")
        approve(actor=doctor, draft=draft, now=timezone.now())
        draft_of(actor=doctor, live=IntervalsVersion.objects.get())

    def _photos(self) -> list[Photo]:
        """The patient's, of two views; and one that its patient wants removed after the practitioner has seen it."""
        now, doctor = timezone.now(), Actor(user=self.people[Role.PRACTITIONER])
        patients = [self.people[PATIENT].patient] * 3 + [self.pending.patient] * 2
        made = [
            add_photo(actor=Actor(user=who.user), patient=who, view=view, content=corpus.jpeg((600, 800)), now=now)
            for who, view in zip(patients, ["front", "front", "left", "right", "left_oblique"], strict=True)
        ]
        open_photo(actor=doctor, photo=made[-1].pk, now=now)
        take_back_photo(actor=Actor(user=self.pending.patient.user), photo=made[-1].pk, now=now)
        return made

    def _open_photos(self, who: str) -> list[UUID]:
        """Which picture somebody may open by itself."""
        return {PATIENT: [self.photos[0].pk], Role.PRACTITIONER: [self.photos[-1].pk]}.get(who, [])

    def _slug(self, model: type) -> str:
        return "microneedling" if model is TreatmentVersion else "acne-scars"

    def addresses(self, route: str, who: str) -> list[str]:
        """Where to find the pages of a route: itself, or with its gaps filled from real rows; nowhere if there are none."""
        if route in FOR_A_FACTOR and who != Role.OWNER:
            return []
        found = self._where(who).get(route, [f"/{route}"])
        assert not any("<" in address for address in found), f"{route}: say here what to write into its gaps"
        return found

    def _where(self, who: str) -> Where:
        clinic, microneedling = self.clinic, self.clinic.microneedling.pk
        editing = [
            "/editing/treatments/microneedling/",
            "/editing/concerns/acne-scars/",
            f"/editing/consents/{self.laser.slug}/",
        ]
        consent = f"/workspace/visits/{self.signed['visit']}/consent/"
        own = [f"/visits/{visit.pk}/" for visit in self.own.get(who, [])]
        visits = [f"/workspace/visits/{visit.pk}/" for visit in self.today]
        wish = {"patient": self.today[-1].patient_id, "treatment": microneedling, "day": f"{on_day(clinic, 5):%Y-%m-%d}"}
        waits = {"treatment": microneedling, "place": clinic.place.slug}
        own_photos = [f"/record/photos/{self.photos[0].pk}/take-back/"]
        settled = wish | {"start": on_day(clinic, 5).isoformat()}
        return {
            "treatments/compare/": ["/treatments/compare/", "/treatments/compare/?a=microneedling&b=microneedling"],
            "treatments/<slug:slug>/": ["/treatments/microneedling/", "/treatments/consultation/"],
            "concerns/<slug:slug>/": ["/concerns/acne-scars/", "/concerns/fine-lines/"],
            "editing/<slug:kind>/<slug:slug>/": editing,
            **{
                f"editing/<slug:kind>/<slug:slug>/{end}/": [f"{page}{end}/" for page in editing]
                for end in ("preview", "publish", "history", "discard")
            },
            "editing/<slug:kind>/<slug:slug>/history/<int:number>/": [f"{page}history/1/" for page in editing],
            "editing/<slug:kind>/<slug:slug>/history/<int:number>/back/": [f"{editing[0]}history/1/back/"],
            "editing/clinical/<slug:code>/": [
                f"/editing/clinical/{code}/" for code in ("questions", "rules", "intervals", "scar-weights")
            ],
            "editing/clinical/<slug:code>/approve/": ["/editing/clinical/rules/approve/"],
            "editing/clinical/<slug:code>/publish/": ["/editing/clinical/rules/publish/"],
            "editing/clinical/consents/<slug:slug>/": [
                f"/editing/clinical/consents/{slug}/" for slug in ("microneedling", self.laser.slug)
            ],
            "editing/clinical/consents/<slug:slug>/approve/": [f"/editing/clinical/consents/{self.laser.slug}/approve/"],
            **self._drafting(),
            "record/consents/<uuid:pk>/": [f"/record/consents/{self.signed['own']}/"] if who == PATIENT else [],
            "visits/<uuid:pk>/consent/": [f"/visits/{self.course_visit}/consent/"] if who == PATIENT else [],
            "workspace/visits/<uuid:pk>/consent/": [consent, f"{visits[3]}consent/"],
            **{f"workspace/visits/<uuid:pk>/consent/{end}/": [f"{consent}{end}/"] for end in ("tablet", "back", "again")},
            **{
                f"workspace/visits/<uuid:pk>/consent/<uuid:consent>/{end}": [f"{consent}{self.signed['waits']}/{end}"]
                for end in ("", "withdraw/")
            },
            "questions/": ["/questions/", self._ticket().url()],
            "questions/review/": ["/questions/review/", self._ticket().url_of_answers()],
            "questions/<slug:page>/": self._question_pages(who),
            "photos/<uuid:photo>/": [f"/photos/{pk}/" for pk in self._open_photos(who)],
            "record/photos/<uuid:photo>/take-back/": own_photos if who == PATIENT else [],
            "book/<int:treatment>/": [
                f"/book/{microneedling}/",
                f"/book/{clinic.consultation.pk}/?day={on_day(clinic, 4):%Y-%m-%d}",
            ],
            "book/<int:treatment>/first/": [f"/book/{self.laser.pk}/first/"],
            "book/<int:treatment>/month/": [f"/book/{microneedling}/month/"],
            "book/<int:treatment>/hold/": [f"/book/{microneedling}/hold/"],
            "visits/<uuid:pk>/": own,
            **{
                f"visits/<uuid:pk>/{end}": [f"{page}{end}" for page in own[:1]]
                for end in ("done/", "questions/", "change/", "proposal/", "cancel/", "visit.ics")
            },
            "waitlist/new/": [f"/waitlist/new/?{urlencode(waits)}"],
            "waitlist/<uuid:pk>/": [f"/waitlist/{self.offer.entry_id}/"] if who == PATIENT else [],
            "waitlist/<uuid:pk>/withdraw/": [f"/waitlist/{self.offer.entry_id}/withdraw/"],
            "waitlist/offers/<uuid:pk>/": [f"/waitlist/offers/{self.offer.pk}/"] if who == PATIENT else [],
            "workspace/waitlist/new/": [
                f"/workspace/waitlist/new/?{urlencode(waits | {'patient': self.course.patient_id})}"
            ],
            "workspace/waitlist/times/": [f"/workspace/waitlist/times/?{urlencode(waits)}"],
            "workspace/waitlist/<uuid:pk>/withdraw/": [f"/workspace/waitlist/{self.offer.entry_id}/withdraw/"],
            "workspace/waitlist/offers/<uuid:pk>/": [f"/workspace/waitlist/offers/{self.offer.pk}/"],
            "workspace/": ["/workspace/", f"/workspace/?day={on_day(clinic, 60):%Y-%m-%d}"],
            "workspace/visits/<uuid:pk>/": visits,
            "workspace/visits/<uuid:pk>/change/": [f"/workspace/visits/{self.course_visit}/change/"],
            "workspace/visits/<uuid:pk>/adjust/": [f"{visits[2]}adjust/"],
            "workspace/visits/<uuid:pk>/move/": [f"{visits[4]}move/?verb=wrong-entry&page=today"],
            "workspace/book/": [
                "/workspace/book/",
                "/workspace/book/?q=example",
                "/workspace/book/?q=zzz",
                f"/workspace/book/?{urlencode(wish)}",
                f"/workspace/book/?{urlencode(settled)}",
            ],
            "workspace/patients/<uuid:pk>/course/": [
                f"/workspace/patients/{self.course.patient_id}/course/",
                f"/workspace/patients/{self.course.patient_id}/course/?{urlencode(self._wish())}",
            ],
            **{
                f"workspace/patients/<uuid:pk>/{page}/": [f"/workspace/patients/{self.pending.patient_id}/{page}/"]
                for page in ("skin", "skin/sun", "scars")
            },
            "workspace/patients/<uuid:pk>/photos/": [f"/workspace/patients/{self.pending.patient_id}/photos/"],
            "workspace/patients/<uuid:pk>/photos/<uuid:photo>/erase/": [
                f"/workspace/patients/{self.pending.patient_id}/photos/{self.photos[-1].pk}/erase/"
            ],
            "workspace/patients/<uuid:pk>/record/": [f"/workspace/patients/{self.pending.patient_id}/record/"],
            "workspace/patients/<uuid:pk>/emergency/": [f"/workspace/patients/{self.today[-1].patient_id}/emergency/"],
            "workspace/emergencies/<uuid:pk>/": [f"/workspace/emergencies/{self.emergency.pk}/"],
            "workspace/courses/<uuid:pk>/": [f"/workspace/courses/{self.course.pk}/"],
            "workspace/courses/<uuid:pk>/<int:position>/": [
                f"/workspace/courses/{self.course.pk}/2/",
                f"/workspace/courses/{self.course.pk}/2/?{urlencode({'start': on_day(clinic, 63).isoformat()})}",
            ],
            "workspace/closures/<int:pk>/": [f"/workspace/closures/{self.closure.pk}/"],
            "workspace/closures/<int:pk>/propose/": [f"/workspace/closures/{self.closure.pk}/propose/"],
            "workspace/closures/<int:pk>/reopen/": [f"/workspace/closures/{self.closure.pk}/reopen/"],
            "workspace/closures/<int:pk>/<uuid:visit>/accept/": [
                f"/workspace/closures/{self.closure.pk}/{self.pending.pk}/accept/"
            ],
            "workspace/places/<slug:slug>/holidays/": [f"/workspace/places/{clinic.place.slug}/holidays/"],
            "workspace/places/<slug:slug>/<int:pk>/": [
                f"/workspace/places/{clinic.place.slug}/{clinic.practitioners[0].pk}/"
            ],
            "workspace/review/": [f"/workspace/review/{which}" for which in ("", "?of=mine", "?of=covered")],
            "workspace/review/<uuid:pk>/": [f"/workspace/review/{pk}/" for pk in (self.pending.pk, self.asked.pk)],
            "workspace/review/<uuid:pk>/ask/": [f"/workspace/review/{self.pending.pk}/ask/"],
            "workspace/call-backs/<uuid:pk>/": [f"/workspace/call-backs/{self.call.pk}/"],
        }

    def _drafting(self) -> Where:
        """The pages of clinical content: whole, and one row of each kind."""
        content = "/editing/clinical/"
        rows = [f"{content}rules/edit/row/{code}/" for code in ("isotretinoin_recent", "age_under_18", "phototype_iv_vi")]
        rows += [f"{content}questions/edit/row/{code}/" for code in ("diabetes", "cold_sore")]
        edited = [f"{content}{code}/edit/" for code in ("questions", "rules", "intervals")]
        subject = "editing/clinical/<slug:code>/"
        return {
            f"{subject}discard/": [f"{content}rules/discard/"],
            f"{subject}edit/": edited,
            f"{subject}edit/about/": [f"{edited[0]}about/"],
            f"{subject}edit/add/": [f"{page}add/" for page in edited[:2]],
            f"{subject}edit/row/<slug:row>/": rows,
            f"{subject}edit/row/<slug:row>/remove/": [f"{rows[0]}remove/"],
            f"{subject}history/": [f"{content}{code}/history/" for code in ("questions", "rules", "intervals")],
            f"{subject}history/<int:number>/": [f"{content}rules/history/1/"],
            f"{subject}history/<int:number>/back/": [f"{content}questions/history/1/back/"],
            "workspace/rules/try/": ["/workspace/rules/try/", "/workspace/rules/try/?treatment=afl"],
        }

    def _ticket(self) -> Ticket:
        on = timezone.localdate() + timedelta(days=9)
        return Ticket("microneedling", on, self.clinic.place.jurisdiction, "/book/next/")

    def _question_pages(self, who: str) -> list[str]:
        """All of them for the patient, who may change what was answered; the first, unanswered, for others."""
        patient, ticket = self.people[PATIENT].patient, self._ticket()
        anew = asked_anew(self.asked.answer_requests.get(), self.asked)
        both = [(found, page) for found in (ticket, anew) for page in intake.pages(patient, found, timezone.now())]
        pages = [found.url(page.code) for found, page in both]
        return pages if who == PATIENT else pages[:1]
