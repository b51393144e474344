"""Links to what is published: a page to read, one to embed, a feed; without an account, until they end or are revoked.

Such a link opens what is published of one matrix and nothing else. It dies with its maker's access and with the
workspace (see raci.workspaces.links). A matrix that is archived can still be read by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.utils import timezone

from raci.matrices.models import Matrix
from raci.matrices.operations import OTHER_VALUES, checked_line
from raci.web.refusals import Forbidden, Refused
from raci.workspaces import audit
from raci.workspaces.access import lock, still
from raci.workspaces.links import NO_END, digest, is_open, is_token, make_link, open_links, revoke
from raci.workspaces.models import Access, Link, Member

from .models import SharedPage, Version
from .origins import origins as read_origins
from .versions import latest_of

Kind = SharedPage.Kind
LONGEST, WITHIN = timedelta(days=5 * 366), "five years"  # the same, as it is said
MOST_OPEN = 50  # of a matrix
MOST_ENDED = 20  # that are listed
_WANTED = attrgetter("kind", "version_id", "name", "shows_people", "origins")  # of what a submission asks for
_LATEST = "matrix__publication__latest"
_BESIDE = ("link", "matrix__workspace", "version__published_by", f"{_LATEST}__published_by")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new link is to show. `version` is the number of one, None for the latest, whichever it is then; `until`
    its end, None for none; `origins` the sites an embedded page goes into, with blanks between. A feed tells of all
    versions and of nobody."""

    kind: SharedPage.Kind = Kind.PAGE
    version: int | None = None
    until: datetime | None = None
    name: str = ""
    shows_people: bool = False
    origins: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """A link and its token, which is not kept; "" where the link had been made by this submission before."""

    page: SharedPage
    token: str


@dataclass(frozen=True, slots=True)
class Pages:
    """The links to one matrix, newest first: those that can be used, and the latest of those that cannot any more."""

    open: Sequence[SharedPage]
    ended: Sequence[SharedPage]


@transaction.atomic
def make(*, matrix: int, by: Member, wanted: Wanted, key: str = "") -> Made:
    """A link to what is published. Sent twice it is made once; with other values, it is refused."""
    name = checked_line(wanted.name) if wanted.name.strip() else ""
    origins = _checked_origins(wanted)
    if wanted.until and not timezone.now() < wanted.until <= timezone.now() + LONGEST:
        raise Refused(f"A link that ends works for a day at least and {WITHIN} at most. Choose another day.")
    workspace = lock(by.workspace_id)
    by = still(by, Access.EDITOR)
    row, is_feed, until = _matrix(matrix, by), wanted.kind == Kind.FEED, wanted.until or NO_END
    page = SharedPage(
        matrix=row,
        kind=wanted.kind,
        version=_version(row, None if is_feed else wanted.version),
        name=name,
        shows_people=wanted.shows_people and not is_feed,
        origins=origins,
        key=key,
    )
    rows = SharedPage.objects.select_related("link").filter(matrix=row, link__user=by.user_id)
    before = rows.filter(key=key).first() if key else None
    if before is not None:
        if (_WANTED(before), before.link.expires_at) != (_WANTED(page), until):
            raise Refused(OTHER_VALUES)
        return Made(before, "")
    if open_links().filter(shared_page__matrix=row).count() >= MOST_OPEN:
        raise Refused(f"A matrix has up to {MOST_OPEN} links that work. Revoke one first.")
    page.link, token = make_link(purpose=Link.Purpose.SHARED, workspace=workspace, by=by.user, until=until)
    page.save()
    audit.record(workspace, "page.shared", by=by.user, matrix=row.name, kind=str(wanted.kind))
    return Made(page, token)


@transaction.atomic
def revoke_page(*, matrix: int, page: int, by: Member) -> SharedPage:
    """From now on the link leads nowhere. Who made it may, as an editor, and every owner; again, nothing changes."""
    by = still(by, Access.EDITOR)
    row = _matrix(matrix, by)
    rows = SharedPage.objects.select_for_update(of=("self",), no_key=True).select_related("link")
    found = rows.filter(pk=page, matrix=row).first()
    if found is None:
        raise Http404
    if not may_revoke(found, by):
        raise Forbidden("Only who made this link, or an owner, can revoke it. Ask one of them.")
    if is_open(found.link):
        revoke(found.link)
        audit.record(by.workspace, "page.revoked", by=by.user, matrix=row.name, kind=found.kind)
    return found


def may_revoke(page: SharedPage, member: Member) -> bool:
    own = page.link.user_id == member.user_id and member.may(Access.EDITOR)
    return own or member.may(Access.OWNER)


def links_to(matrix: Matrix) -> Pages:
    """Its links with who made them, in two queries: however many ended since, each that works is there."""
    works = Exists(open_links().filter(pk=OuterRef("link")))
    rows = SharedPage.objects.filter(matrix=matrix).select_related("link__user", "version").defer("version__grid")
    newest = rows.order_by("-pk")
    return Pages(list(newest.filter(works)), list(newest.exclude(works)[:MOST_ENDED]))


def opened_by(token: str, kind: SharedPage.Kind, page: int | None = None) -> SharedPage | None:
    """The page of this kind that a token opens now, with its matrix and what it shows; with `page`, if it is that one.
    One query."""
    if not is_token(token):
        return None
    found = open_links().filter(purpose=Link.Purpose.SHARED, digest=digest(token))
    rows = _whole().filter(link__in=found, kind=kind)
    return rows.filter(pk=page).first() if page is not None else rows.first()


def version_of(page: SharedPage) -> Version:
    """The version a page shows: the one it was made for, or the latest. It knows its matrix. No query."""
    version = page.version or latest_of(page.matrix)
    if version is None:
        raise Http404
    version.matrix = page.matrix
    return version


def _whole() -> QuerySet[SharedPage]:
    return SharedPage.objects.select_related(*_BESIDE).defer("version__grid", f"{_LATEST}__grid")


def _checked_origins(wanted: Wanted) -> list[str]:
    if wanted.kind != Kind.EMBED:
        return []
    try:
        return read_origins(wanted.origins)
    except ValueError as error:
        raise Refused(str(error)) from error


def _version(matrix: Matrix, number: int | None) -> Version | None:
    """The version with this number, None for the latest; refused where there is nothing to share."""
    versions = Version.objects.defer("grid").filter(matrix=matrix)
    if not versions.exists():
        raise Refused("Nothing of this matrix is published yet. Publish it, then share it.")
    if number is None:
        return None
    found = versions.filter(number=number).first()
    if found is None:
        raise Refused("There is no such version. Choose one of the list.")
    return found


def _matrix(matrix: int, by: Member) -> Matrix:
    row = Matrix.objects.filter(pk=matrix, workspace_id=by.workspace_id).first()
    if row is None:
        raise Http404
    return row
