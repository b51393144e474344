"""The draft that everybody in a session looks at: read once a revision, and kept for all who ask."""

from datetime import datetime

from raci.grid.grid import Grid
from raci.matrices.kept import KeptGrids
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid

# By id, revision, and when it was made, which tells apart what shares an id.
_GRIDS: KeptGrids[tuple[int, int, datetime]] = KeptGrids(250_000)


def draft(matrix: Matrix) -> Grid:
    """Its grid, without stages that have no row; no query where this process has read that revision."""
    key, read = (matrix.pk, matrix.revision, matrix.created_at), []

    def anew(_: set[tuple[int, int, datetime]]) -> dict[tuple[int, int, datetime], Grid]:
        read.append(read_grid(matrix, stages=False))
        return {key: read[0]} if _is_still(matrix) else {}

    return _GRIDS.of({key}, anew).get(key) or read[0]


def _is_still(matrix: Matrix) -> bool:
    """Whether nobody changed it meanwhile: else the grid may be that of another revision."""
    return Matrix.objects.filter(pk=matrix.pk, revision=matrix.revision).exists()
