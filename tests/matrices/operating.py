"""What the tests of operations share."""

from raci.grid.levels import Level
from raci.matrices.operations import (
    set_level,
)
from tests.matrices.reading import revision, roles_of, rows_of, to

L, S, C, I = Level.LEAD, Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED  # noqa: E741


def set_cell(matrix, member, row, column, level, *, seen=None, key=""):
    return set_level(
        **to(matrix, member, key),
        activity=rows_of(matrix)[row].pk,
        role=roles_of(matrix)[column].pk,
        level=level,
        seen=revision(matrix) if seen is None else seen,
    )
