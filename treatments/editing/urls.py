"""Editing: `kind` is "treatments", "concerns" or "consents"."""

from django.urls import path

from treatments.editing import clinical, consents, matrix, views

app_name = "editing"
urlpatterns = [
    path("", views.index, name="index"),
    path("clinical/", clinical.clinical, name="clinical"),
    path("clinical/intervals/edit/", matrix.edit, name="matrix"),
    path("clinical/consents/", consents.consents, name="consents"),
    path("clinical/consents/<slug:slug>/", consents.consent, name="consent"),
    path("clinical/consents/<slug:slug>/approve/", consents.approve, name="consent_approve"),
    path("clinical/<slug:code>/", clinical.subject, name="clinical_subject"),
    path("clinical/<slug:code>/approve/", clinical.approve, name="clinical_approve"),
    path("clinical/<slug:code>/publish/", clinical.publish, name="clinical_publish"),
    path("<slug:kind>/<slug:slug>/", views.edit, name="edit"),
    path("<slug:kind>/<slug:slug>/preview/", views.preview, name="preview"),
    path("<slug:kind>/<slug:slug>/publish/", views.publish, name="publish"),
    path("<slug:kind>/<slug:slug>/discard/", views.discard, name="discard"),
    path("<slug:kind>/<slug:slug>/history/", views.history, name="history"),
    path("<slug:kind>/<slug:slug>/history/<int:number>/", views.version, name="version"),
    path("<slug:kind>/<slug:slug>/history/<int:number>/back/", views.go_back, name="go_back"),
]
