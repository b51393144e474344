"""Error pages and the one answer to a refusal."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from .refusals import Refused


def is_htmx(request: HttpRequest) -> bool:
    """True where htmx asked, so that the answer is a fragment and not a page."""
    return bool(cast("HtmxDetails | None", getattr(request, "htmx", None)))


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    template = "web/refusal.htmx.html" if is_htmx(request) else "web/refusal.html"
    response = render(request, template, {"refusal": refusal}, status=refusal.status)
    if refusal.status == 503:
        response.headers["Retry-After"] = "2"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page's token is old, usually because of a sign-in elsewhere. A reload mends it."""
    if request.headers.get("HX-Request"):
        refusal = Refused("This page is out of date. Reload it, then try again.", "forbidden", 403)
        return render(request, "web/refusal.htmx.html", {"refusal": refusal, "reload": True}, status=403)
    return render(request, "403_csrf.html", status=403)
