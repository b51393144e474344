"""Middleware without domain: body limits, cache headers, and the answer to a refusal."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode

from .errors import busy, is_htmx, refusal_response
from .refusals import Busy, Gone, Refused, SignedOut, TooLarge

VERBS = ("GET", "HEAD", "OPTIONS", "POST")
GetResponse = Callable[[HttpRequest], HttpResponse]


def plain_verbs(get_response: GetResponse) -> GetResponse:
    """405 for what no link and no form of ours sends: class-based views of libraries would take a PUT for a POST."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method not in VERBS:
            return HttpResponseNotAllowed(VERBS)
        return get_response(request)

    return middleware


def refuse_large_bodies(get_response: GetResponse) -> GetResponse:
    """413 by Content-Length before anything, the CSRF check included, reads the body.

    A body without a length is read only up to what DATA_UPLOAD_MAX_MEMORY_SIZE allows.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit():
            return render(request, "400.html", status=400)
        if int(length) > settings.MAX_BODY_BYTES:
            return (
                refusal_response(request, TooLarge()) if is_htmx(request) else render(request, "413.html", status=413)
            )
        return get_response(request)

    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """Pages are their reader's own: no shared cache keeps them, and htmx and full answers are told apart."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-cache")
        if not request.path.startswith("/static/"):
            response.headers["Vary"] = ", ".join(filter(None, [response.headers.get("Vary"), "HX-Request"]))
        return response

    return middleware


class RefusalMiddleware:
    """Turns a `Refused` raised anywhere below into its answer: a toast for htmx, a page otherwise."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        match exception:
            case Busy() | OperationalError():
                return busy(request)
            case Refused():
                return refusal_response(request, exception)
            case Http404() if is_htmx(request):  # its page would land inside the one that asked
                return refusal_response(request, Gone())
        return None


class SignInMiddleware(LoginRequiredMiddleware):
    """Sends visitors to sign in, except where a route is open to anyone.

    htmx would put the sign-in page into whatever it wanted to swap; it is told to leave the page instead.
    """

    def process_view(
        self, request: HttpRequest, view_func: Callable[..., HttpResponse], *args: Any
    ) -> HttpResponse | None:
        try:
            answer: HttpResponse | None = super().process_view(request, view_func, *args)
        except OperationalError:  # who it is stands in the database
            return busy(request)
        return answer

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., HttpResponse]) -> HttpResponse:
        if not is_htmx(request):
            return super().handle_no_permission(request, view_func)
        page: str | None = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
        response = refusal_response(request, SignedOut())
        sign_in = resolve_url(settings.LOGIN_URL)
        response.headers["HX-Redirect"] = f"{sign_in}?{urlencode({'next': page})}" if page else sign_in
        return response
