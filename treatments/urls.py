"""The public pages: what we treat, with what, and side by side."""

from django.urls import path

from treatments import views

app_name = "treatments"
urlpatterns = [
    path("treatments/", views.index, name="index"),
    path("treatments/compare/", views.compare, name="compare"),
    path("treatments/<slug:slug>/", views.detail, name="detail"),
    path("concerns/", views.concerns, name="concerns"),
    path("concerns/<slug:slug>/", views.concern, name="concern"),
]
