"""Short ways to end a session, sign what it put up, and publish it."""

from collections.abc import Mapping
from datetime import timedelta

from raci.matrices.models import Matrix
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.publishing.models import SignOff, Version
from raci.publishing.versions import digest_of
from raci.reviews import results
from raci.reviews.models import Review
from raci.reviews.results import Owner
from raci.screens.findings import check
from raci.web import days
from raci.workspaces.models import Member
from tests.matrices.reading import roles_of, rows_of

IN_A_WEEK = days.today() + timedelta(days=7)
IN_A_YEAR = days.today() + timedelta(days=365)


def fresh(review: Review) -> Review:
    return Review.objects.select_related("matrix").get(pk=review.pk)


def by(member: Member | None = None, name: str = "", due=IN_A_WEEK) -> Owner:
    """Who sees to something."""
    return Owner(member.user_id if member else None, name, due)


def end(review: Review, member: Member, owners: Mapping[int, Owner] | None = None, **more) -> Review:
    """Ends it as who sees where it is now; `owners` are by the row of the matrix."""
    rows = rows_of(review.matrix)
    said = {rows[row].pk: owner for row, owner in (owners or {}).items()}
    more = {"seen": fresh(review).step, "sign_by": IN_A_WEEK, **more}
    checks = lambda matrix, grid: check(matrix, grid).open  # noqa: E731
    return results.end(matrix=review.matrix_id, review=review.pk, by=member, checks=checks, owners=said, **more)


def stands(matrix: Matrix) -> str:
    """The digest of the draft as it stands."""
    return digest_of(read_grid(Matrix.objects.get(pk=matrix.pk)))


def sign(review: Review, member: Member, column: int = 0, digest: str = "") -> SignOff:
    role, digest = roles_of(review.matrix)[column].pk, digest or stands(review.matrix)
    return results.sign(matrix=review.matrix_id, review=review.pk, role=role, digest=digest, by=member)


def put_up(review: Review, member: Member, digest: str = "") -> Review:
    """Puts up what stands now."""
    digest = digest or stands(review.matrix)
    return results.put_up(matrix=review.matrix_id, review=review.pk, digest=digest, by=member)


def publish(review: Review, member: Member, key: str = "", **more) -> Version:
    """Publishes what it put up."""
    row = fresh(review)
    more = {"seen": row.result_revision, "next_on": IN_A_YEAR, **more}
    return results.publish(matrix=row.matrix, review=row, sender=Sender(member, key), **more)
