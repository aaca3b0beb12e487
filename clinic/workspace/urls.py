"""The staff pages."""

from django.urls import path

from clinic.workspace.views import booking, day, review, visits

app_name = "workspace"

urlpatterns = [
    path("", day.today, name="today"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/move/", visits.move, name="move"),
    path("book/", booking.book, name="book"),
    path("book/new/", booking.register, name="register"),
    path("review/", review.review, name="review"),
    path("review/<uuid:pk>/", review.answers, name="answers"),
]
