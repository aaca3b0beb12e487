"""The pages of this app alone; the addresses that the base page links to lead nowhere."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from patients.models import Patient
from treatments.doors import public

saved: list[Patient] = []  # whom `after_save` was called for, oldest first


def after_save(request: HttpRequest, patient: Patient) -> None:
    saved.append(patient)


@public
def elsewhere(request: HttpRequest) -> HttpResponse:
    return HttpResponse("elsewhere")


def named(app: str, *names: str) -> tuple[list[object], str]:
    return [path(f"{app}/{name}/", elsewhere, name=name) for name in names], app


ABOVE = ("home", "start", "places", "mailbox", "account_logout", "account_request_login_code")

urlpatterns = [
    *(path(f"above/{name}/", elsewhere, name=name) for name in ABOVE),
    path("", include(named("treatments", "index", "compare"))),
    path("", include(named("scheduling", "choose", "visits"))),
    path("", include(named("workspace", "today", "review"))),
    path("", include(named("editing", "index"))),
    path("", include("patients.urls"), {"after_save": after_save}),
]
