"""Whoever was sent a letter: the personal link in it opens one version, with what is theirs, and a button to say that
they have read it. A cookie for the pages of that one receipt holds the token, which so leaves the address at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from raci.grid.levels import Notation
from raci.publishing import receipts
from raci.publishing.models import Receipt
from raci.publishing.news import news_for
from raci.publishing.telling import LIFETIME, version_before
from raci.publishing.versions import grids_of

from . import guest_links
from .readers_page import Part, parts_of
from .reading import ReadCard

LINK = "letter_link"
GONE = "screens/letter_link_gone.html"


@dataclass(frozen=True, slots=True)
class Mine:
    """What a version says for one role of its reader: `changed` since the version before, and all that is theirs."""

    name: str
    changed: Sequence[str]
    is_first: bool
    parts: Sequence[Part]


def receipt_of(request: HttpRequest, receipt: int) -> Receipt | None:
    """The receipt, if the token in this reader's cookie still opens it."""
    return receipts.opened_by(request.COOKIES.get(LINK, ""), receipt)


def remember(response: HttpResponse, receipt: Receipt, token: str) -> None:
    """Takes the token out of the address; the link is looked at again with every request."""
    guest_links.keep(response, LINK, token, reverse("received", args=[receipt.pk]), LIFETIME)


def turned_away(request: HttpRequest, token: str) -> HttpResponse:
    """The 410 for a link that is unknown, ended or revoked alike; a token that nobody was given counts as a guess."""
    if not token or receipts.is_known(token):
        return guest_links.gone(request, GONE)
    return guest_links.unknown(request, GONE)


def card_of(receipt: Receipt) -> ReadCard:
    """“Have you read it?”, for who came by a personal link; one query."""
    told, read = receipts.totals(receipt.version)
    publisher = receipt.version.published_by
    return ReadCard(
        action=reverse("received_read", args=[receipt.pk]),
        asker=str(publisher) if publisher else "",
        read_at=receipt.read_at,
        read=read,
        told=told,
    )


def mine(receipt: Receipt, notation: Notation) -> list[Mine]:
    """What the version says for each role that the letter told its reader of, in the order of the columns."""
    wanted, version = set(receipt.roles), receipt.version
    if not wanted:
        return []
    before = version_before(version)
    grids = grids_of([version, before] if before else [version])
    grid = grids[version.pk]

    def changed(role: int) -> Sequence[str]:
        return news_for(grids[before.pk], grid, role, notation) if before else ()

    return [
        Mine(role.name, changed(role.id), before is None, parts_of(grid, role.id, notation))
        for role in grid.roles
        if role.id in wanted
    ]
