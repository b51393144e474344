"""What the grid shows of how activities go: of each that does not go well, what is wrong first."""

from collections.abc import Collection

from raci.grid.grid import Grid
from raci.matrices.models import Matrix
from raci.matrices.rows import Vital
from raci.reviews.evidence import healths, result_read
from raci.reviews.health import vital

_NOT_ASKED = Vital("", "not asked")


def vitals(matrix: Matrix, grid: Grid, only: Collection[int] | None = None) -> dict[int, Vital]:
    """Activity id -> what is wrong first; an activity that goes well is not in it. With `only`, just of those. No query
    where the matrix was read with its evidence and the process has read the poll."""
    known, result = healths(matrix, grid), result_read(matrix)
    found: dict[int, Vital] = {}
    if not known and result is None:
        return found
    for activity in grid.activities:
        if only is not None and activity.id not in only:
            continue
        health = known.get(activity.id)
        if health is None:
            if result is not None and activity.id not in result.rows:
                found[activity.id] = _NOT_ASKED  # it came after the poll
        elif (first := vital(health)) is not None:
            found[activity.id] = Vital(first.answer, first.word)
    return found
