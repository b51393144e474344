"""What the grid shows of how activities go: of each that does not go well, what is wrong first."""

from raci.grid.grid import Grid
from raci.matrices.models import Matrix
from raci.matrices.rows import Vital
from raci.reviews.evidence import healths, result_read
from raci.reviews.health import vital

_NOT_ASKED = Vital("", "not asked")


def vitals(matrix: Matrix, grid: Grid) -> dict[int, Vital]:
    """Activity id -> what is wrong first; an activity that goes well is not in it. No query where the matrix was read
    with its evidence."""
    known, result = healths(matrix, grid), result_read(matrix)
    found = {}
    for activity in grid.activities:
        health = known.get(activity.id)
        if health is None:
            if result is not None and activity.id not in result.rows:
                found[activity.id] = _NOT_ASKED  # it came after the poll
        elif (first := vital(health)) is not None:
            found[activity.id] = Vital(first.answer, first.word)
    return found
