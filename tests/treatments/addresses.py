"""The treatments' own addresses, with stand-ins for what lies above, so that these tests run alone."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from treatments import queries
from treatments.doors import public
from treatments.models import Treatment


def prices() -> dict[int, str]:
    return {treatment.pk: f"from £{100 + 10 * treatment.position}" for treatment in Treatment.objects.all()}


def book_url(treatment: Treatment) -> str:
    return f"/book/{treatment.code}/"


@public
def home(request: HttpRequest) -> HttpResponse:
    shown = {"treatments": queries.live_treatments(), "concerns": queries.live_concerns(), "prices": prices()}
    return render(request, "home.html", shown)


@public
def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse("elsewhere")


ABOVE = ("places", "start", "account_logout", "account_request_login_code", "mailbox")
scheduling = [path(f"{name}/", elsewhere, name=name) for name in ("choose", "visits", "prices")]
workspace = [
    path(f"{name}/", elsewhere, name=name)
    for name in ("today", "review", "book", "waitlist", "calls", "closures", "places", "try_rules")
]

urlpatterns = [
    path("", home, name="home"),
    *(path(f"{name}/", elsewhere, name=name) for name in ABOVE),
    path("", include("treatments.urls"), {"prices": prices, "book_url": book_url}),
    path("editing/", include("treatments.editing.urls")),
    path("alone/", include(("treatments.urls", "alone"))),
    path("", include((scheduling, "scheduling"))),
    path("workspace/", include((workspace, "workspace"))),
]
