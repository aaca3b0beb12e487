"""The questions before a visit, and a person's own record."""

from django.urls import path

from patients import views

app_name = "patients"

urlpatterns = [
    path("questions/", views.questions, name="questions"),
    path("questions/review/", views.answers, name="answers"),  # above the pages, which would take it for one of them
    path("questions/<slug:page>/", views.question_page, name="question_page"),
    path("record/", views.record, name="record"),
    path("record/contacts/", views.contacts, name="contacts"),
    path("record/photos/", views.photos, name="photos"),
    path("record/photos/<uuid:photo>/take-back/", views.take_back, name="take_back"),
    path("photos/<uuid:photo>/", views.photo, name="photo"),
    path("record/consents/", views.consents, name="consents"),
    path("record/consents/<uuid:pk>/", views.consent, name="consent"),
]
