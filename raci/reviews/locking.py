"""A review under its lock, and telling whoever follows it that something changed.

Whatever is done to a review locks the matrix, the member, then the review, in this order.
"""

from django.db import transaction
from django.http import Http404

from raci.matrices.models import Matrix
from raci.web.bell import ring, ring_others
from raci.web.refusals import Conflict
from raci.workspaces.access import still
from raci.workspaces.models import Access, Member

from .models import Review

ARCHIVED = "This matrix is archived. Bring it back to review it."


def locked(matrix: int, review: int, by: Member, needed: Access) -> Review:
    """The review with its matrix, both locked until the transaction ends, for a member who may do this by now; 404 for
    one that is not of this matrix and workspace, 409 where the matrix is archived."""
    found = locked_matrix(matrix, by)
    still(by, needed)
    rows = Review.objects.select_for_update(no_key=True)
    row = rows.filter(pk=review, matrix=found).first()
    if row is None:
        raise Http404
    row.matrix = found
    return row


def locked_matrix(matrix: int, by: Member) -> Matrix:
    """The matrix under its lock, to be reviewed; refused where it is archived."""
    found = lock_matrix(matrix, by.workspace_id)
    if found.is_archived:
        raise Conflict(ARCHIVED)
    return found


def lock_matrix(matrix: int, workspace: int) -> Matrix:
    """The matrix under its lock, archived or not; 404 for one that is not of this workspace."""
    rows = Matrix.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=matrix, workspace=workspace, workspace__deleted_at=None).first()
    if found is None:
        raise Http404
    return found


def step_on(review: Review, *fields: str) -> None:
    """Saves these fields and raises the step, so that whoever follows sees it; under the lock of the review."""
    review.step += 1
    review.save(update_fields=[*fields, "step"])
    bell = f"matrix-{review.matrix_id}"
    ring_others(bell)
    transaction.on_commit(lambda: ring(bell), robust=True)
