"""The staff pages."""

from django.urls import path

from clinic.workspace.views import booking, change, closures, course, day, places, review, rules, visits, waitlist

app_name = "workspace"

urlpatterns = [
    path("", day.today, name="today"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/move/", visits.move, name="move"),
    path("visits/<uuid:pk>/change/", change.change, name="change"),
    path("visits/<uuid:pk>/adjust/", change.adjust, name="adjust"),
    path("book/", booking.book, name="book"),
    path("book/new/", booking.register, name="register"),
    path("patients/<uuid:pk>/course/", course.plan, name="plan"),
    path("courses/<uuid:pk>/", course.course, name="course"),
    path("courses/<uuid:pk>/<int:position>/", course.reflow, name="reflow"),
    path("closures/", closures.closures, name="closures"),
    path("closures/new/", closures.close, name="close"),
    path("closures/<int:pk>/", closures.closure, name="closure"),
    path("closures/<int:pk>/propose/", closures.propose, name="propose"),
    path("closures/<int:pk>/<uuid:visit>/accept/", closures.accept, name="accept_proposal"),
    path("closures/<int:pk>/reopen/", closures.reopen, name="reopen"),
    path("places/", places.places, name="places"),
    path("places/limits/", places.limits, name="limits"),
    path("places/<slug:slug>/holidays/", places.holidays, name="holidays"),
    path("places/<slug:slug>/<int:pk>/", places.hours, name="hours"),
    path("review/", review.review, name="review"),
    path("review/<uuid:pk>/", review.answers, name="answers"),
    path("rules/try/", rules.try_rules, name="try_rules"),
    path("rules/visits/", rules.touched, name="touched"),
    path("waitlist/", waitlist.waitlist, name="waitlist"),
    path("waitlist/new/", waitlist.join, name="waitlist_join"),
    path("waitlist/times/", waitlist.times, name="waitlist_times"),
    path("waitlist/<uuid:pk>/withdraw/", waitlist.withdraw, name="waitlist_withdraw"),
    path("waitlist/offers/<uuid:pk>/", waitlist.answer, name="waitlist_answer"),
]
