"""What all who come by an unguessable link have in common: its token moves from the address into a cookie for the pages
it opens, those pages are kept by nobody, a dead link is a 410, and tokens that nobody was given are counted."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from raci.web import limits
from raci.workspaces.links import is_known
from raci.workspaces.models import Link

NEW_LIFETIME = timedelta(minutes=10)


def keep(response: HttpResponse, name: str, token: str, place: str, lifetime: timedelta) -> None:
    """Puts a token into a cookie that is sent to `place`, and what is below it, alone."""
    response.set_cookie(
        name,
        token,
        max_age=lifetime,
        path=place,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def forget(response: HttpResponse, name: str, place: str) -> None:
    response.delete_cookie(name, path=place, samesite="Lax")


def show_once(response: HttpResponse, name: str, token: str, page: str) -> None:
    """Hands the token of a new link to the one page that shows it; with "" that page has shown it."""
    if token:
        keep(response, name, token, page, NEW_LIFETIME)
    else:
        forget(response, name, page)
        response.headers["Cache-Control"] = "no-store"


def without_address(response: HttpResponse) -> HttpResponse:
    """The answer to an address with a token in it: nobody is told where the visitor came from."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return unlisted(response)


def unlisted(response: HttpResponse) -> HttpResponse:
    """Kept by nobody, and in no search. Another site is not told where its reader came from; this one is, or no form of
    the page would be taken (a browser that may tell nobody calls the origin of a form “null”)."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def gone(request: HttpRequest, template: str) -> HttpResponse:
    """The 410 of a link, the same whatever made it end."""
    return unlisted(render(request, template, status=410))


def turned_away(request: HttpRequest, purpose: Link.Purpose, token: str, template: str) -> HttpResponse:
    """The 410 for a link that is unknown, ended or revoked alike; a token that nobody was given counts as a guess."""
    if not token or is_known(purpose, token):
        return gone(request, template)
    return unknown(request, template)


def unknown(request: HttpRequest, template: str) -> HttpResponse:
    """The same for a token that nobody was given, which counts: only so many are looked at from one address."""
    return gone(request, template) if limits.count(request, "wrong_link") else unlisted(limits.too_many(request))
