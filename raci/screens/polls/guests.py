"""Whoever answers a poll, with an account or without. Two cookies, scoped to that poll alone, say who they are.

The first holds the token of the poll's link. The second holds a token that is one person's: that of the link in their
mail, or one of their own from the moment they said where they work; it opens nothing but their own answers, and works
as an address too, to go on with another device. Both so leave the address at the first visit.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from raci.notices.addresses import said_by
from raci.reviews.models import Poll, Respondent
from raci.screens import guest_links
from raci.screens.guest_links import unlisted
from raci.web.routes import View, anyone
from raci.workspaces.links import digest, find_open, is_known, is_open, is_token
from raci.workspaces.models import Link, Member, Workspace

LINK, OWN, NEW = "poll_link", "poll_own", "poll_new"
OWN_LIFETIME = timedelta(days=120)  # longer than any poll is open
GONE = "screens/poll_link_gone.html"
LINKS = "/polls/"  # where links lead; a copy of the second cookie is kept there, for who comes by a link again


@dataclass(frozen=True, slots=True)
class Guest:
    """`respondent` is None as long as nobody knows who they are; `link` is the token of the poll that they came with,
    or "", and `own` the one that is theirs."""

    poll: Poll
    respondent: Respondent | None
    link: str = ""
    own: str = ""


class GuestRequest(HttpRequest):
    """A request of somebody who may be where they are."""

    guest: Guest


def for_guests(view: Callable[Concatenate[Any, ...], HttpResponse]) -> View:
    """For the pages of one poll outside the workspace. Whoever has no cookie that opens it gets the 410.

    Tokens that are nobody's are counted, in a cookie as in an address.
    """

    @wraps(view)
    def wrapped(request: GuestRequest, poll: int, *args: Any, **kwargs: Any) -> HttpResponse:
        guest = guest_of(request, poll)
        if guest is None:
            return _turned_away(request)
        request.guest = guest
        return unlisted(view(request, *args, **kwargs))

    return anyone(wrapped)


def guest_of(request: HttpRequest, poll: int) -> Guest | None:
    """Who it is by their cookies: somebody who is known, or somebody with the link of a poll that is open."""
    link, own = request.COOKIES.get(LINK, ""), request.COOKIES.get(OWN, "")
    respondent = known(own, poll)
    if respondent is not None:
        return Guest(respondent.poll, respondent, link, own)
    found = opened_by_link(link)
    return Guest(found, None, link) if found is not None and found.pk == poll else None


def known(token: str, poll: int | None = None) -> Respondent | None:
    """The one whose own token, or personal link, this is. A link in a mail works while the poll is open and it was not
    revoked; afterwards it still tells those who can be known by it that the poll is closed."""
    if not is_token(token):
        return None
    rows = _respondents() if poll is None else _respondents().filter(poll=poll)
    found = rows.filter(digest=digest(token)).first()
    if found is not None:
        return found
    link = Link.objects.filter(purpose=Link.Purpose.POLL, digest=digest(token)).first()
    found = rows.filter(link=link).first() if link else None
    return None if link is None or found is None or (found.poll.is_open and not is_open(link)) else found


def stops(token: str) -> tuple[Workspace, str] | None:
    """The workspace and the address of a mail that says how to get no more; also when its poll has forgotten it."""
    said = said_by(token)
    workspace = Workspace.objects.filter(pk=said[0], deleted_at=None).first() if said else None
    return (workspace, said[1]) if said and workspace else None


def opened_by_link(token: str) -> Poll | None:
    """The open poll that a link lets newcomers into."""
    link = find_open(Link.Purpose.POLL, token) if is_token(token) else None
    return _polls().filter(link=link).first() if link else None


def came_back(request: HttpRequest, poll: Poll) -> bool:
    """Whether somebody at the link of a poll is known there from before."""
    return known(request.COOKIES.get(f"{OWN}_{poll.pk}", ""), poll.pk) is not None


def remember_link(response: HttpResponse, poll: Poll, token: str) -> None:
    """Takes the token out of the address: into a cookie for the pages of this poll, as long as the link lasts."""
    left = poll.link.expires_at - timezone.now() if poll.link else timedelta(0)
    guest_links.keep(response, LINK, token, _place(poll), left)


def remember_guest(response: HttpResponse, poll: Poll, token: str) -> None:
    guest_links.keep(response, OWN, token, _place(poll), OWN_LIFETIME)
    guest_links.keep(response, f"{OWN}_{poll.pk}", token, LINKS, OWN_LIFETIME)


def forget_guest(response: HttpResponse, poll: Poll) -> None:
    """Whoever uses this browser next says where they work themselves; the token of the link stays."""
    guest_links.forget(response, OWN, _place(poll))
    guest_links.forget(response, f"{OWN}_{poll.pk}", LINKS)


def let_answer(respondent: Respondent, token: str) -> HttpResponse:
    """Leads a member who wants to answer to the pages of the poll (see answering.join_as_member)."""
    answer = redirect("guest_poll", poll=respondent.poll_id)
    remember_guest(answer, respondent.poll, token)
    return answer


def show_link_once(response: HttpResponse, token: str, page: str) -> None:
    """Hands the token of a new link to the one page that shows it; with "" that page has shown it."""
    guest_links.show_once(response, NEW, token, page)


def shown_link(request: HttpRequest, poll: Poll) -> str:
    """The address of the link that was just made for this poll, "" where there is none to show."""
    token = request.COOKIES.get(NEW, "")
    is_its_own = poll.link is not None and poll.link.digest == digest(token)
    return address_of(token) if is_its_own else ""


def address_of(token: str) -> str:
    """Where a token leads, to be copied."""
    return f"{settings.SITE_URL}{reverse('poll_link', args=[token])}" if token else ""


def gone(request: HttpRequest) -> HttpResponse:
    """The same for a link that is unknown, ended, revoked or of a poll that closed: none of them is told apart."""
    return guest_links.gone(request, GONE)


def turned_away(request: HttpRequest, token: str) -> HttpResponse:
    """The 410 for a link; a token that nobody was given counts as a guess."""
    return guest_links.turned_away(request, Link.Purpose.POLL, token, GONE)


def _turned_away(request: HttpRequest) -> HttpResponse:
    """The same for a page, by the cookies."""
    link, own = request.COOKIES.get(LINK, ""), request.COOKIES.get(OWN, "")
    is_own = not own or is_known(Link.Purpose.POLL, own) or Respondent.objects.filter(digest=digest(own)).exists()
    is_guess = not is_own or bool(link and not is_known(Link.Purpose.POLL, link))
    return guest_links.unknown(request, GONE) if is_guess else gone(request)


def _polls() -> QuerySet[Poll]:
    return Poll.objects.select_related("opened_by", "link").defer("result").filter(matrix__workspace__deleted_at=None)


def _respondents() -> QuerySet[Respondent]:
    """Everyone who may still answer: a member only as long as they are one."""
    members = Member.objects.filter(workspace=OuterRef("poll__matrix__workspace"), user=OuterRef("user"))
    rows = Respondent.objects.select_related("poll__opened_by", "poll__link", "user").defer("poll__result")
    return rows.filter(Q(user=None) | Exists(members), poll__matrix__workspace__deleted_at=None)


def _place(poll: Poll) -> str:
    return reverse("guest_poll", args=[poll.pk])
