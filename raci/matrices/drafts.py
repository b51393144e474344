"""Read-only links to a draft: for whoever has one, without an account, until it ends or is revoked.

A link dies with its maker's access and with the workspace (see raci.workspaces.links). A matrix that is archived can
still be read by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.http import Http404
from django.utils import timezone

from raci.grid.grid import Grid
from raci.web.refusals import Forbidden, Refused
from raci.workspaces import audit
from raci.workspaces.access import lock, still
from raci.workspaces.links import digest, is_open, is_token, make_link, open_links, revoke
from raci.workspaces.models import Access, Link, Member

from .models import DraftLink, Matrix
from .operations import checked_line

LIFETIME = timedelta(days=30)
LONGEST = timedelta(days=366)  # to the end of the day a year from now
MOST_OPEN = 50  # of a matrix
MOST_ENDED = 20  # that are listed


@dataclass(frozen=True, slots=True)
class Made:
    """A link and its token, which is not kept; "" where the link had been made by this submission before."""

    draft: DraftLink
    token: str


@dataclass(frozen=True, slots=True)
class Links:
    """The links to one matrix, newest first: those that can be used, and the latest of those that cannot any more."""

    open: Sequence[DraftLink]
    ended: Sequence[DraftLink]


@transaction.atomic
def make(*, matrix: int, by: Member, until: datetime | None = None, name: str = "", key: str = "") -> Made:
    """A link to end at `until`, or in 30 days; `name` says whom it is for. Sent twice it is made once."""
    title = checked_line(name) if name.strip() else ""
    end = until or timezone.now() + LIFETIME
    if not timezone.now() < end <= timezone.now() + LONGEST:
        raise Refused("A link works for a day at least and a year at most. Choose another day.")
    workspace = lock(by.workspace_id)
    by = still(by, Access.EDITOR)
    row = _matrix(matrix, by)
    made = DraftLink.objects.filter(matrix=row, link__user=by.user_id, key=key).first() if key else None
    if made is not None:
        return Made(made, "")
    if open_links().filter(draft_link__matrix=row).count() >= MOST_OPEN:
        raise Refused(f"A matrix has up to {MOST_OPEN} links that work. Revoke one first.")
    link, token = make_link(purpose=Link.Purpose.DRAFT, workspace=workspace, by=by.user, until=end)
    draft = DraftLink.objects.create(matrix=row, link=link, name=title, key=key)
    audit.record(workspace, "draft.shared", by=by.user, matrix=row.name, until=f"{timezone.localdate(end):%Y-%m-%d}")
    return Made(draft, token)


@transaction.atomic
def revoke_draft(*, matrix: int, draft: int, by: Member) -> DraftLink:
    """From now on the link leads nowhere. Who made it may, as an editor, and every owner; again, nothing changes."""
    by = still(by, Access.EDITOR)
    rows = DraftLink.objects.select_for_update(of=("self",), no_key=True).select_related("link")
    row = rows.filter(pk=draft, matrix=_matrix(matrix, by)).first()
    if row is None:
        raise Http404
    if not may_revoke(row, by):
        raise Forbidden("Only who made this link, or an owner, can revoke it. Ask one of them.")
    if is_open(row.link):
        revoke(row.link)
        audit.record(by.workspace, "draft.revoked", by=by.user, matrix=_matrix(matrix, by).name)
    return row


def may_revoke(draft: DraftLink, member: Member) -> bool:
    own = draft.link.user_id == member.user_id and member.may(Access.EDITOR)
    return own or member.may(Access.OWNER)


def links_to(matrix: Matrix) -> Links:
    """Its links with who made them, in two queries: however many ended since, each that works is there."""
    works = Exists(open_links().filter(pk=OuterRef("link")))
    newest = DraftLink.objects.filter(matrix=matrix).select_related("link__user").order_by("-pk")
    return Links(list(newest.filter(works)), list(newest.exclude(works)[:MOST_ENDED]))


def opened_by(token: str, matrix: int | None = None) -> DraftLink | None:
    """The link with this token if it can be used, with its matrix; with `matrix`, if it leads there. One query."""
    if not is_token(token):
        return None
    found = open_links().filter(purpose=Link.Purpose.DRAFT, digest=digest(token))
    rows = DraftLink.objects.select_related("matrix", "link").filter(link__in=found)
    return rows.filter(matrix=matrix).first() if matrix is not None else rows.first()


def for_visitors(grid: Grid) -> Grid:
    """The grid without what is the team's own: people, headcounts, notes, decisions."""
    roles = (replace(role, contact="", people=(), members=(), answers=None, headcount=None) for role in grid.roles)
    rows = (replace(row, description="", notes="", people=(), departures=()) for row in grid.activities)
    return replace(grid, roles=tuple(roles), activities=tuple(rows))


def _matrix(matrix: int, by: Member) -> Matrix:
    row = Matrix.objects.filter(pk=matrix, workspace_id=by.workspace_id).first()
    if row is None:
        raise Http404
    return row
