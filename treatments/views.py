"""The public pages. `prices` and `book_url` are handed in from above; each has a default of nothing."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from treatments import queries
from treatments.doors import public
from treatments.forms import CompareForm
from treatments.models import Treatment, TreatmentVersion

Prices = Callable[[], Mapping[int, str]]  # treatment id → words such as “from £180”
BookUrl = Callable[[Treatment], str | None]
USUAL_PAIR = ("microneedling", "nafl")  # codes of what most people weigh against each other


def no_prices() -> Mapping[int, str]:
    return {}


def nowhere(treatment: Treatment) -> None:
    return None


@public
@require_safe
def index(request: HttpRequest, prices: Prices = no_prices, book_url: BookUrl = nowhere) -> HttpResponse:
    return render(request, "treatments/index.html", {"treatments": queries.live_treatments(), "prices": prices()})


@public
@require_safe
def detail(request: HttpRequest, slug: str, prices: Prices = no_prices, book_url: BookUrl = nowhere) -> HttpResponse:
    version = get_object_or_404(queries.whole(queries.live_treatments()), treatment__slug=slug)
    context = {"version": version, "prices": prices(), "book_url": book_url(version.treatment)}
    return render(request, "treatments/detail.html", context)


@public
@require_safe
def compare(request: HttpRequest, prices: Prices = no_prices, book_url: BookUrl = nowhere) -> HttpResponse:
    """Two treatments side by side: those asked for, else the usual pair. 404 where the address names an unknown one."""
    known = {version.treatment.slug: version for version in queries.whole(queries.comparable_treatments())}
    usual = _usual_pair(known)
    form = CompareForm(known, _asked(request, usual), initial=usual)
    chosen = form.cleaned_data if form.is_valid() else usual
    pair = [(known[slug], book_url(known[slug].treatment)) for slug in chosen.values()]
    status = HTTPStatus.NOT_FOUND if form.names_unknown else HTTPStatus.OK
    context = {"form": form, "pair": pair, "prices": prices()}
    return render(request, "treatments/compare.html", context, status=status)


@public
@require_safe
def concerns(request: HttpRequest, prices: Prices = no_prices, book_url: BookUrl = nowhere) -> HttpResponse:
    return render(request, "treatments/concerns.html", {"concerns": queries.live_concerns()})


@public
@require_safe
def concern(request: HttpRequest, slug: str, prices: Prices = no_prices, book_url: BookUrl = nowhere) -> HttpResponse:
    version = get_object_or_404(queries.whole(queries.live_concerns()), concern__slug=slug)
    context = {
        "version": version,
        "help": queries.what_may_help(version),
        "scar_types": queries.scar_types(),
        "prices": prices(),
    }
    return render(request, "treatments/concern.html", context)


def _asked(request: HttpRequest, usual: Mapping[str, str]) -> dict[str, str] | None:
    """The pair that the address names; a missing half is filled from the usual pair. None where it names nothing."""
    asked = {name: request.GET[name] for name in ("a", "b") if request.GET.get(name)}
    if not asked or not usual:
        return None
    spare = {name: [s for s in (usual[name], *usual.values()) if s not in asked.values()] for name in ("a", "b")}
    return {name: asked.get(name) or spare[name][0] for name in ("a", "b")}


def _usual_pair(known: Mapping[str, TreatmentVersion]) -> dict[str, str]:
    """The usual pair by slug, filled up with whatever else there is; empty where there are not two."""
    usual_first = sorted(known.items(), key=lambda item: item[1].treatment.code not in USUAL_PAIR)
    slugs = [slug for slug, _ in usual_first][:2]
    return dict(zip(("a", "b"), slugs, strict=True)) if len(slugs) == 2 else {}
