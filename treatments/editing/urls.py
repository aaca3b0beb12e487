"""Editing: `kind` is "treatments", "concerns" or "consents"; `code` names clinical content (`subjects.py`)."""

from django.urls import path

from treatments.editing import clinical, consents, drafting, views

app_name = "editing"
urlpatterns = [
    path("", views.index, name="index"),
    path("clinical/", clinical.clinical, name="clinical"),
    path("clinical/consents/", consents.consents, name="consents"),
    path("clinical/consents/<slug:slug>/", consents.consent, name="consent"),
    path("clinical/consents/<slug:slug>/approve/", consents.approve, name="consent_approve"),
    path("clinical/<slug:code>/", clinical.subject, name="clinical_subject"),
    path("clinical/<slug:code>/approve/", clinical.approve, name="clinical_approve"),
    path("clinical/<slug:code>/publish/", clinical.publish, name="clinical_publish"),
    path("clinical/<slug:code>/discard/", clinical.discard, name="clinical_discard"),
    path("clinical/<slug:code>/edit/", drafting.edit, name="clinical_edit"),
    path("clinical/<slug:code>/edit/about/", drafting.about, name="clinical_about"),
    path("clinical/<slug:code>/edit/add/", drafting.add, name="clinical_add"),
    path("clinical/<slug:code>/edit/row/<slug:row>/", drafting.row, name="clinical_row"),
    path("clinical/<slug:code>/edit/row/<slug:row>/remove/", drafting.remove, name="clinical_remove"),
    path("clinical/<slug:code>/history/", clinical.history, name="clinical_history"),
    path("clinical/<slug:code>/history/<int:number>/", clinical.version, name="clinical_version"),
    path("clinical/<slug:code>/history/<int:number>/back/", clinical.go_back, name="clinical_back"),
    path("<slug:kind>/<slug:slug>/", views.edit, name="edit"),
    path("<slug:kind>/<slug:slug>/preview/", views.preview, name="preview"),
    path("<slug:kind>/<slug:slug>/publish/", views.publish, name="publish"),
    path("<slug:kind>/<slug:slug>/discard/", views.discard, name="discard"),
    path("<slug:kind>/<slug:slug>/history/", views.history, name="history"),
    path("<slug:kind>/<slug:slug>/history/<int:number>/", views.version, name="version"),
    path("<slug:kind>/<slug:slug>/history/<int:number>/back/", views.go_back, name="go_back"),
]
