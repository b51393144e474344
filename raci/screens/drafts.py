"""Visitors of a draft: whoever came by its link. A cookie for the pages of that one matrix holds the token, which so
leaves the address at the first visit, and the link is looked at again with every request."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from raci.matrices import drafts
from raci.matrices.models import DraftLink
from raci.workspaces.models import Link

from . import guest_links

LINK, NEW = "draft_link", "draft_new"
GONE = "screens/draft_link_gone.html"


def draft_of(request: HttpRequest, matrix: int) -> DraftLink | None:
    """The link that lets this visitor look at the matrix now, with the matrix; None where nothing does. One query."""
    return drafts.opened_by(request.COOKIES.get(LINK, ""), matrix)


def remember(response: HttpResponse, draft: DraftLink, token: str) -> None:
    """Takes the token out of the address, for as long as the link lasts."""
    place, left = reverse("draft", args=[draft.matrix_id]), draft.link.expires_at - timezone.now()
    guest_links.keep(response, LINK, token, place, left)


def turned_away(request: HttpRequest, token: str) -> HttpResponse:
    """The 410 for a link that is unknown, ended or revoked alike; a token that nobody was given counts as a guess."""
    return guest_links.turned_away(request, Link.Purpose.DRAFT, token, GONE)
