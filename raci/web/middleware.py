"""Middleware without domain: body limits, cache headers, and the answer to a refusal."""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import urlencode

from .errors import busy, is_htmx, refusal_response
from .refusals import Busy, Gone, Refused, SignedOut, TooLarge
from .trouble import may_pass

logger = logging.getLogger(__name__)
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

    Under ASGI Django has read it by then, unless `raci.web.asgi` cut it off; WSGI reads nothing beyond that length.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal():
            return render(request, "400.html", status=400)
        if int(length) > settings.MAX_BODY_BYTES:
            return (
                refusal_response(request, TooLarge()) if is_htmx(request) else render(request, "413.html", status=413)
            )
        return get_response(request)

    return middleware


def private_pages(get_response: GetResponse) -> GetResponse:
    """Pages are their reader's own: no shared cache keeps them, and htmx and full answers are told apart.

    Pages of the account are kept nowhere, and signing out clears what the browser kept of the others.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        about_account = request.path.startswith("/account/")
        response.headers.setdefault("Cache-Control", "no-store" if about_account else "private, no-cache")
        if request.method == "POST" and request.path == reverse("account_logout"):
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
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
        trouble = exception.__cause__ if isinstance(exception, Busy) else exception
        if isinstance(trouble, OperationalError):
            return _busy(request, trouble)
        match exception:
            case Busy():
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
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase], *args: Any
    ) -> HttpResponseBase | None:
        try:
            answer = super().process_view(request, view_func, *args)
        except OperationalError as error:  # who it is stands in the database
            if response := _busy(request, error):
                return response
            raise
        if answer is not None and is_htmx(request):
            return _signed_out(request)
        if answer is not None and request.method not in ("GET", "HEAD"):
            return redirect(settings.LOGIN_URL)  # what was posted is no page to come back to
        return answer


def _busy(request: HttpRequest, error: OperationalError) -> HttpResponse | None:
    """503 for trouble that may pass; anything else is a 500, which Django answers and logs itself."""
    if not may_pass(error):
        return None
    logger.exception("The database did not answer %s %s", request.method, request.path, exc_info=error)
    return busy(request)


def _signed_out(request: HttpRequest) -> HttpResponse:
    page: str | None = request.htmx.current_url_abs_path  # type: ignore[attr-defined]
    sign_in = resolve_url(settings.LOGIN_URL)
    response = refusal_response(request, SignedOut())
    response.headers["HX-Redirect"] = f"{sign_in}?{urlencode({'next': page})}" if page else sign_in
    return response
