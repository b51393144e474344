"""Whoever was sent a letter: the personal link in it opens one version, with what is theirs, and a button to say that
they have read it. A cookie for the pages of that one receipt holds the token, which so leaves the address at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from raci.grid.grid import Role
from raci.grid.levels import Notation
from raci.publishing import receipts
from raci.publishing.lineage import lineage_between
from raci.publishing.models import Receipt, Version
from raci.publishing.news import gone_roles, news_for
from raci.publishing.personal import LIFETIME
from raci.publishing.versions import grids_of
from raci.workspaces.models import Link, Member

from . import guest_links
from .readers_page import Part, parts_of
from .reading import ReadCard

LINK = "letter_link"
GONE = "screens/letter_link_gone.html"


@dataclass(frozen=True, slots=True)
class Mine:
    """What a version says for one role of its reader: `changed` since the version before, and all that is theirs. A
    role that `is_gone` has nothing in it any more."""

    name: str
    changed: Sequence[str]
    is_first: bool = False
    is_gone: bool = False
    parts: Sequence[Part] = ()


def receipt_of(request: HttpRequest, receipt: int) -> Receipt | None:
    """The receipt, if the token in this reader's cookie still opens it."""
    return receipts.opened_by(request.COOKIES.get(LINK, ""), receipt)


def remember(response: HttpResponse, receipt: Receipt, token: str) -> None:
    """Takes the token out of the address; the link is looked at again with every request."""
    guest_links.keep(response, LINK, token, reverse("received", args=[receipt.pk]), LIFETIME)


def turned_away(request: HttpRequest, token: str) -> HttpResponse:
    """The 410 for a link that is unknown, ended or revoked alike; a token that nobody was given counts as a guess."""
    return guest_links.turned_away(request, Link.Purpose.LETTER, token, GONE)


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
    """What the version says for each role that the letter told its reader of: in the order of the columns, then those
    that it has no more."""
    wanted, version = set(receipt.roles), receipt.version
    if not wanted:
        return []
    before = version.before
    grids = grids_of([version, before] if before else [version])
    former, grid = grids[before.pk] if before else None, grids[version.pk]
    lineage = lineage_between(before, version)

    def of(role: Role, *, is_gone: bool) -> Mine:
        changed = news_for(former, grid, role.id, notation, lineage)
        parts = () if is_gone else parts_of(grid, role.id, notation)
        return Mine(role.name, changed, former is None, is_gone, parts)

    standing = [of(role, is_gone=False) for role in grid.roles if role.id in wanted]
    return [*standing, *(of(role, is_gone=True) for role in gone_roles(former, grid) if role.id in wanted)]


def place_of(reader: AbstractBaseUser | AnonymousUser, version: Version) -> str:
    """Where a member finds the version in their workspace; "" for anybody else, and no query without an account."""
    workspace = version.matrix.workspace_id
    if not reader.is_authenticated or not Member.objects.filter(workspace=workspace, user=reader.pk).exists():
        return ""
    return reverse("version", args=[workspace, version.matrix_id, version.number])
