"""Guests: whoever came by the link of an assessment. Two cookies, scoped to that assessment alone, say who they are.

The first holds the token of the link, which so leaves the address at the first visit. The second holds a token of
their own, from the moment they said their name; it works without the link, and opens nothing but their own answers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from culture.models import Assessment, Respondent
from raci.screens import guest_links
from raci.screens.guest_links import unlisted
from raci.web.routes import View, anyone
from raci.workspaces.links import digest, find_open, is_known, is_token
from raci.workspaces.models import Link

LINK, OWN, NEW = "answers_link", "answers_own", "answers_new"
OWN_LIFETIME = timedelta(days=90)
GONE = "screens/assessment_link_gone.html"
LINKS = "/answers/"  # where links lead; a copy of the second cookie is kept there, for who comes by a link again


@dataclass(frozen=True, slots=True)
class Guest:
    """`respondent` is None as long as they have not said who they are; `link` is the token they came with, or ""."""

    assessment: Assessment
    respondent: Respondent | None
    link: str


class GuestRequest(HttpRequest):
    """A request of somebody who may be where they are."""

    guest: Guest


def for_guests(view: Callable[Concatenate[Any, ...], HttpResponse]) -> View:
    """For the pages of one assessment outside the workspace. Whoever has no cookie that opens it gets the 410.

    Tokens that are nobody's are counted, in a cookie as in an address.
    """

    @wraps(view)
    def wrapped(request: GuestRequest, assessment: int, *args: Any, **kwargs: Any) -> HttpResponse:
        guest = guest_of(request, assessment)
        if guest is None:
            return unknown(request) if _is_guessing(request) else gone(request)
        request.guest = guest
        return unlisted(view(request, *args, **kwargs))

    return anyone(wrapped)


def guest_of(request: HttpRequest, assessment: int) -> Guest | None:
    """Who it is by their cookies: somebody who has said their name, or somebody with a link that is open."""
    link, own = request.COOKIES.get(LINK, ""), request.COOKIES.get(OWN, "")
    respondent = known(assessment, own)
    if respondent is not None:
        return Guest(respondent.assessment, respondent, link)
    found = opened_by_link(link)
    return Guest(found, None, link) if found is not None and found.pk == assessment else None


def known(assessment: int, own: str) -> Respondent | None:
    """The guest of an assessment with this token of their own."""
    if not is_token(own):
        return None
    guests = Respondent.objects.select_related("assessment__opened_by")
    guests = guests.filter(user=None, assessment__workspace__deleted_at=None)
    return guests.filter(assessment=assessment, digest=digest(own)).first()


def opened_by_link(token: str) -> Assessment | None:
    """The open assessment that a link lets newcomers into."""
    link = find_open(Link.Purpose.ASSESSMENT, token) if is_token(token) else None
    if link is None:
        return None
    return Assessment.objects.select_related("opened_by", "link").filter(link=link, closed_at=None).first()


def came_back(request: HttpRequest, assessment: Assessment) -> bool:
    """Whether somebody at the link of an assessment has said their name there before."""
    return known(assessment.pk, request.COOKIES.get(f"{OWN}_{assessment.pk}", "")) is not None


def _is_guessing(request: HttpRequest) -> bool:
    """Whether a cookie holds a token that nobody was ever given."""
    link, own = request.COOKIES.get(LINK, ""), request.COOKIES.get(OWN, "")
    is_own = not own or Respondent.objects.filter(user=None, digest=digest(own)).exists()
    return not is_own or bool(link and not is_known(Link.Purpose.ASSESSMENT, link))


def remember_link(response: HttpResponse, assessment: Assessment, token: str) -> None:
    """Takes the token out of the address: into a cookie for the pages of this assessment, as long as the link lasts."""
    left = assessment.link.expires_at - timezone.now() if assessment.link else timedelta(0)
    guest_links.keep(response, LINK, token, _place(assessment), left)


def remember_guest(response: HttpResponse, assessment: Assessment, token: str) -> None:
    guest_links.keep(response, OWN, token, _place(assessment), OWN_LIFETIME)
    guest_links.keep(response, f"{OWN}_{assessment.pk}", token, LINKS, OWN_LIFETIME)


def forget_guest(response: HttpResponse, assessment: Assessment) -> None:
    """Whoever uses this browser next says a name of their own; the token of the link stays."""
    guest_links.forget(response, OWN, _place(assessment))
    guest_links.forget(response, f"{OWN}_{assessment.pk}", LINKS)


def show_link_once(response: HttpResponse, token: str, page: str) -> None:
    """Hands the token of a new link to the one page that shows it; with "" that page has shown it."""
    guest_links.show_once(response, NEW, token, page)


def shown_link(request: HttpRequest, assessment: Assessment) -> str:
    """The token that was just made for this assessment, "" where there is none to show."""
    token = request.COOKIES.get(NEW, "")
    is_its_own = assessment.link is not None and assessment.link.digest == digest(token)
    return token if is_its_own else ""


def gone(request: HttpRequest) -> HttpResponse:
    """The same for a link that is unknown, ended, revoked or closed: none of them is told apart."""
    return guest_links.gone(request, GONE)


def unknown(request: HttpRequest) -> HttpResponse:
    """The same for a token that nobody was given, which counts."""
    return guest_links.unknown(request, GONE)


def _place(assessment: Assessment) -> str:
    return reverse("guest_assessment", args=[assessment.pk])
