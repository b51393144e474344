"""A page looks as its reader has chosen: times in their zone, and the theme."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from .models import User
from .zones import zone_of


class OwnLookMiddleware:
    """Sets the time zone of whoever is signed in, and `request.theme`, which base.html prints.

    Who it is has been asked by then, but on pages that are open to anyone; those are asked where there is a session.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Also for an error page, which no view has asked for: looked up once it is printed.
        request.theme = SimpleLazyObject(lambda: _theme(request))  # type: ignore[attr-defined]
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()  # the thread goes on to serve somebody else

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        user = _user(request)
        zone = None if user is None else zone_of(user)
        if zone is not None:
            timezone.activate(zone)


def _theme(request: HttpRequest) -> str:
    user = _user(request)
    return "" if user is None else user.theme


def _user(request: HttpRequest) -> User | None:
    """Who is signed in. A visitor without a session costs no query; a database in trouble says so elsewhere."""
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        with suppress(OperationalError):
            return request.user if request.user.is_authenticated else None
    return None
