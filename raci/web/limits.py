"""How often something may be tried from one address. Counted in the cache, by the same means as the tries to sign in.

A whole company may sit behind one address, so what many do at once in good faith has a wide limit.
"""

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

LIMITS = {
    "wrong_link": "30/m/ip",
    "join": "120/m/ip",  # a full hall, within a few minutes
    "letter": "120/h/ip",  # lists of recipients looked at, and sent to
}


def count(request: HttpRequest, action: str) -> bool:
    """Counts one more; False where that is too many."""
    return bool(ratelimit.consume(request, app="remit", action=action, config=LIMITS, limit_get=True))


def too_many(request: HttpRequest) -> HttpResponse:
    response = render(request, "429.html", status=429)
    response.headers["Retry-After"] = "60"
    return response
