"""Visitors of what is published: whoever came by the link of a shared page. A cookie for that one page holds the token,
which so leaves the address at the first visit, and the link is looked at again with every request."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from raci.grid.levels import Notation
from raci.publishing import pages
from raci.publishing.models import SharedPage
from raci.web.unchanged import unless_known
from raci.workspaces.links import note_look
from raci.workspaces.models import Link

from . import guest_links
from .asked import notation
from .sheet import Facts, Sheet, facts_of, sheet

LINK, NEW = "shared_link", "shared_new"
GONE = "screens/shared_link_gone.html"
KEPT = timedelta(days=400)  # no browser keeps a cookie longer


def page_of(request: HttpRequest, page: int) -> SharedPage | None:
    """The page this visitor may read now, with its matrix and version; None where nothing lets them. One query."""
    return pages.opened_by(request.COOKIES.get(LINK, ""), SharedPage.Kind.PAGE, page)


def remember(response: HttpResponse, page: SharedPage, token: str) -> None:
    """Takes the token out of the address, for as long as the link lasts."""
    left = min(page.link.expires_at - timezone.now(), KEPT)
    guest_links.keep(response, LINK, token, reverse("shared", args=[page.pk]), left)


def turned_away(request: HttpRequest, token: str) -> HttpResponse:
    """The 410 for a link that is unknown, ended or revoked alike; a token that nobody was given counts as a guess."""
    return guest_links.turned_away(request, Link.Purpose.SHARED, token, GONE)


def words(request: HttpRequest) -> Notation:
    """That of the address, so that nothing is kept of a visitor; else what this browser shows elsewhere."""
    asked = request.GET.get("notation", "")
    return Notation(asked) if asked in tuple(Notation) else notation(request)


def shown(request: HttpRequest, page: SharedPage, make: Callable[[Sheet], HttpResponse], *about: Any) -> HttpResponse:
    """What a page shows, or 304 where this visitor has it already. `about` says which part of it, where it has several.

    Nobody else keeps it, no search lists it, and no address is told where its reader came from.
    """
    version, look = pages.version_of(page), words(request)
    facts = facts_of(version, shows_people=page.shows_people)

    def made() -> HttpResponse:
        return make(sheet(version, notation=look, shows_people=page.shows_people, facts=facts))

    answer = unless_known(request, (*_deciding(request, page, facts, look), *about), made)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    note_look(page.link)
    return answer


def _deciding(request: HttpRequest, page: SharedPage, facts: Facts, look: Notation) -> tuple[Any, ...]:
    """All that decides what a shared page says, beside the code."""
    version = pages.version_of(page)
    before = facts.before.digest if facts.before else ""
    known = (facts.publisher, facts.latest, before, facts.next_review, facts.is_archived)
    people = (sorted(facts.people.items()), sorted(facts.signed.items()))
    reader = (str(look), request.get_full_path(), request.get_host(), str(getattr(request, "theme", "")))
    place = (page.pk, page.kind, page.shows_people, page.matrix.workspace.name, timezone.get_current_timezone_name())
    return (version.pk, version.digest, *known, *people, *reader, *place)
