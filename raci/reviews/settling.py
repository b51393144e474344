"""What is settled of the rows of a matrix: by what its sessions decided since the last poll, and the last look-back.

It follows from the decisions that stand, so taking one back restores what there was before.
"""

from collections.abc import Collection
from datetime import datetime

from raci.matrices.models import Matrix

from .evidence import evidence_of
from .models import Decision, Evidence, LookBack, Review

SETTLES = (Decision.Kind.KEEP, Decision.Kind.LEAD, Decision.Kind.LEVELS)  # the others leave a row open


def settle(matrix: Matrix, activities: Collection[int]) -> None:
    """Keeps in the evidence whether these activities are settled; under the lock of the matrix."""
    evidence, wanted = evidence_of(matrix), set(activities)
    decided = _decided(matrix, wanted)
    closed = evidence.poll.closed_at if evidence.poll else None
    fresh = {activity for activity, at in decided.items() if closed is None or at > closed}
    evidence.settled = sorted(set(evidence.settled) - wanted | fresh)
    evidence.wrong = _wrong(evidence, wanted, decided)
    evidence.save(update_fields=["settled", "wrong"])


def unsettle(review: Review, activities: Collection[int]) -> None:
    """What this session decided on these was changed since, and settles them no more; under the lock of the matrix."""
    rows = Decision.objects.filter(review=review, taken_back_at=None, kind__in=SETTLES, activity__in=activities)
    changed = set(rows.values_list("activity", flat=True)) if activities else set()
    if changed:
        evidence = evidence_of(review.matrix)
        evidence.settled = [activity for activity in evidence.settled if activity not in changed]
        evidence.save(update_fields=["settled"])


def _decided(matrix: Matrix, activities: Collection[int]) -> dict[int, datetime]:
    """When each of them was last settled, of those that are."""
    rows = Decision.objects.filter(review__matrix=matrix, taken_back_at=None, kind__in=SETTLES)
    rows = rows.filter(activity__in=activities).order_by("at")
    return dict(rows.values_list("activity", "at"))


def _wrong(evidence: Evidence, activities: Collection[int], decided: dict[int, datetime]) -> dict[str, object]:
    """What the last look-back said of these rows, but of those decided since; of the others, what is kept."""
    wrong = {row: said for row, said in evidence.wrong.items() if int(row) not in activities}
    last = LookBack.objects.filter(matrix=evidence.matrix_id).first()
    for row, said in last.wrong.items() if last else ():
        at = decided.get(int(row))
        if int(row) in activities and (last is None or at is None or at < last.at):
            wrong[row] = said
    return wrong
