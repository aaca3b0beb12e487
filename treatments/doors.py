"""Who may open a page. Every URL says so, or `manage.py check` fails.

It stands in the lowest app because all three use it. Objects behind a page are guarded by `patients/access.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

if TYPE_CHECKING:
    from clinic.accounts.models import User

View = Callable[..., HttpResponseBase]

PUBLIC = "public"


def public(view: View) -> View:
    """Everybody may open it, signed in or not."""
    return _with_door(view, PUBLIC, lambda request: True)


def needs(permission: str) -> Callable[[View], View]:
    """Only users with `permission` ("app.codename") may open it; others sign in first, or are refused with 403."""
    return lambda view: _with_door(view, permission, lambda request: request.user.has_perm(permission))


def door_of(view: object) -> str | None:
    """What `view` asks for: "public", a permission, or None when nobody has said."""
    return cast("str | None", getattr(view, "door", None))


def user_of(request: HttpRequest) -> "User":
    """The user whom a view's door has let in. Raises PermissionDenied for nobody."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def _with_door(view: View, door: str, opens: Callable[[HttpRequest], bool]) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if opens(request):
            return view(request, *args, **kwargs)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.get_full_path())

    guarded.door = door  # type: ignore[attr-defined]  # read by door_of; functions take attributes
    return guarded
