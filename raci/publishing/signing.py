"""Signing: who answers for a role agrees to its rows, as they stand in one grid.

A signature names the digest of the grid, so it is one of those words and levels and of no others: whatever changes them
asks for another. Which grid may be signed is for the caller to say, by `open_digest`; see `sign_version`.
"""

from collections.abc import Callable, Iterable

from django.db import transaction
from django.http import Http404

from raci.grid.grid import Grid
from raci.matrices.models import Matrix, Role
from raci.web.refusals import Conflict, Forbidden, Refused
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .models import Publication, SignOff
from .versions import grid_of

MOVED_ON = "Another version was published since you looked. Nothing was signed; see what changed, then sign."


def sign_version(*, matrix: int, role: int, digest: str, by: Member) -> SignOff:
    """Signs the rows of a role in the latest version; 409 where that is not the one with this digest any more."""
    return sign(matrix=matrix, role=role, digest=digest, by=by, to_sign=_latest)


@transaction.atomic
def sign(*, matrix: int, role: int, digest: str, by: Member, to_sign: Callable[[Matrix], tuple[str, Grid]]) -> SignOff:
    """Signs the rows of a role in the grid with this digest, as who answers for the role now; again changes nothing.

    `to_sign` says, under the lock of the matrix, which grid can be signed, and its digest; 409 for any other.
    """
    row = _locked(matrix, by)
    by = still(by, Access.VIEWER)
    if row.is_archived:
        raise Refused("This matrix is archived. Bring it back to sign it.", "conflict", 409)
    current, grid = to_sign(row)
    if digest != current:
        raise Conflict(MOVED_ON)
    name = next((each.name for each in grid.roles if each.id == role), None)
    if name is None:
        raise Http404
    answers = Role.objects.filter(matrix=row, pk=role).values_list("answers", flat=True).first()
    if answers != by.user_id:
        raise Forbidden(f"Only who answers for {name} signs for it. Its page says who does.")
    if role not in roles_to_sign(grid):
        raise Refused(f"{name} is on no activity, so there is nothing to sign.")
    signed, _ = SignOff.objects.get_or_create(
        matrix=row, digest=digest, role=role, defaults={"name": name, "by": by.user}
    )
    return signed


def signatures(matrix: int, digest: str) -> dict[int, SignOff]:
    """Role id -> who signed for it, with the account; of the grid with this digest alone. One query."""
    rows = SignOff.objects.filter(matrix=matrix, digest=digest).select_related("by")
    return {row.role: row for row in rows}


def signed_counts(matrix: int, digests: Iterable[str]) -> dict[str, int]:
    """Digest -> how many roles are signed for; one query."""
    counts = dict.fromkeys(digests, 0)
    for digest in SignOff.objects.filter(matrix=matrix, digest__in=list(counts)).values_list("digest", flat=True):
        counts[digest] += 1
    return counts


def roles_to_sign(grid: Grid) -> list[int]:
    """The roles that have a part in any row, in their order."""
    busy = {role for levels in grid.cells.values() for role in levels} | {each.deliverer for each in grid.activities}
    return [role.id for role in grid.roles if role.id in busy]


def _locked(matrix: int, by: Member) -> Matrix:
    """Under its lock nothing is published, and nobody else comes to answer for a role."""
    rows = Matrix.objects.select_for_update(no_key=True)
    found = rows.filter(pk=matrix, workspace_id=by.workspace_id).first()
    if found is None:
        raise Http404
    return found


def _latest(matrix: Matrix) -> tuple[str, Grid]:
    rows = Publication.objects.select_related("latest").defer("latest__grid")
    publication = rows.filter(matrix=matrix, latest__isnull=False).first()
    if publication is None or publication.latest is None:
        raise Http404
    return publication.latest.digest, grid_of(publication.latest)
