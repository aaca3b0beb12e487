"""The staff pages."""

from django.urls import path

from clinic.workspace.views import booking, course, day, review, visits

app_name = "workspace"

urlpatterns = [
    path("", day.today, name="today"),
    path("visits/<uuid:pk>/", visits.visit, name="visit"),
    path("visits/<uuid:pk>/move/", visits.move, name="move"),
    path("book/", booking.book, name="book"),
    path("book/new/", booking.register, name="register"),
    path("patients/<uuid:pk>/course/", course.plan, name="plan"),
    path("courses/<uuid:pk>/", course.course, name="course"),
    path("courses/<uuid:pk>/<int:position>/", course.reflow, name="reflow"),
    path("review/", review.review, name="review"),
    path("review/<uuid:pk>/", review.answers, name="answers"),
]
