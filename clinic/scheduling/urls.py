"""The booking journey and a patient's own visits. Addresses name no treatment."""

from django.urls import path

from clinic.scheduling.views import calls, change, consent, front, journey, month, prices, proposals, times, visits, waiting

app_name = "scheduling"

urlpatterns = [
    path("book/", times.choose, name="choose"),
    path("book/next/", journey.next_step, name="next"),
    path("book/details/", journey.details, name="details"),
    path("book/confirm/", journey.confirm, name="confirm"),
    path("book/keep/", journey.keep, name="keep"),
    path("book/let-go/", journey.let_go, name="let_go"),
    path("book/<int:treatment>/", times.times, name="times"),
    path("book/<int:treatment>/hold/", times.hold, name="hold"),
    path("book/<int:treatment>/first/", front.first, name="first"),
    path("book/<int:treatment>/month/", month.month, name="month"),
    path("prices/", prices.prices, name="prices"),
    path("visits/", visits.visits, name="visits"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/done/", visits.done, name="done"),
    path("visits/<uuid:pk>/questions/", visits.questions, name="questions"),
    path("visits/<uuid:pk>/consent/", consent.consent, name="consent"),
    path("visits/<uuid:pk>/change/", change.change, name="change"),
    path("visits/<uuid:pk>/proposal/", proposals.proposal, name="proposal"),
    path("visits/<uuid:pk>/cancel/", visits.cancel, name="cancel"),
    path("visits/<uuid:pk>/visit.ics", visits.calendar, name="calendar"),
    path("call-me/", calls.call_me, name="call_me"),
    path("waitlist/", waiting.waitlist, name="waitlist"),
    path("waitlist/new/", waiting.join, name="join"),
    path("waitlist/<uuid:pk>/", waiting.wishes, name="wishes"),
    path("waitlist/<uuid:pk>/withdraw/", waiting.withdraw, name="withdraw"),
    path("waitlist/offers/<uuid:pk>/", waiting.offer, name="offer"),
]
