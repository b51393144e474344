"""Error pages and the one answer to a refusal."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from .refusals import Busy, Malformed, Refused


def is_htmx(request: HttpRequest) -> bool:
    """True where htmx asked, so that the answer is a fragment and not a page; known before any middleware ran."""
    return request.headers.get("HX-Request") == "true"


def refusal_response(request: HttpRequest, refusal: Refused) -> HttpResponse:
    template = "web/refusal.htmx.html" if is_htmx(request) else "web/refusal.html"
    response = render(request, template, {"refusal": refusal}, status=refusal.status)
    if refusal.kind == "rate_limited":
        response.headers["Retry-After"] = "60"
    return response


def busy(request: HttpRequest) -> HttpResponse:
    """503, without a look at the database: it may be the very thing that does not answer."""
    if is_htmx(request):
        response = refusal_response(request, Busy())
    else:
        response = HttpResponse(render_to_string("503.html"), status=503)
    response.headers["Retry-After"] = "2"
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Django refused to read the request, for example for its 1,001 fields."""
    if is_htmx(request):
        return refusal_response(request, Malformed())
    return render(request, "400.html", status=400)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page's token is old, usually because of a sign-in elsewhere. A reload mends it."""
    if is_htmx(request):
        refusal = Refused("This page is out of date. Reload it, then try again.", "forbidden", 403)
        return render(request, "web/refusal.htmx.html", {"refusal": refusal, "reload": True}, status=403)
    return render(request, "403_csrf.html", status=403)
