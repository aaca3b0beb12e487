"""The page of the local mailbox. It exists only where no mail server is set, and answers only this machine."""

from ipaddress import ip_address

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clinic.messaging import mailbox
from treatments.doors import public


@public
@never_cache
@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    if not ip_address(request.META["REMOTE_ADDR"] or "127.0.0.1").is_loopback:
        raise Http404
    return render(request, "messaging/mailbox.html", {"letters": mailbox.newest()})
