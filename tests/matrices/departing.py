"""What the tests of departures share."""

from django.utils import timezone

from raci.grid.departures import taken
from raci.grid.levels import Level
from raci.grid.shift import shift
from raci.matrices.departures import follow, keep, take
from raci.matrices.models import Activity
from raci.matrices.operations import set_level
from raci.matrices.store import read_grid
from raci.screens.sources import culture_reference
from tests.matrices.reading import revision, roles_of, rows_of, to

L, S, C, I = Level  # noqa: E741 - the letters of the grid


def kept(row) -> dict:
    return Activity.objects.get(pk=row.pk).departures


def cells(matrix, **levels) -> dict:
    """role1=S -> the id of the first role and that level."""
    roles = roles_of(matrix)
    return {roles[int(name.removeprefix("role")) - 1].pk: level for name, level in levels.items()}


def keep_cell(matrix, member, *, row=0, seen=None, key="", until=None, reason="Our own way", **levels):
    """Keeps the cells named, whose levels here are given; the reference has nobody there."""
    ours = cells(matrix, **levels)
    return keep(
        **to(matrix, member, key),
        activity=rows_of(matrix)[row].pk,
        ours=ours,
        theirs=dict.fromkeys(ours),
        against="market",
        reference="market-led",
        reason=reason,
        until=until,
        seen=revision(matrix) if seen is None else seen,
    )


def take_cells(matrix, member, ours, theirs, *, row=0, seen=None, key=""):
    return take(
        **to(matrix, member, key),
        activity=rows_of(matrix)[row].pk,
        ours=ours,
        theirs=theirs,
        reference="market-led",
        seen=revision(matrix) if seen is None else seen,
    )


def set_cell(matrix, member, role, level, *, row=0):
    cell = {"activity": rows_of(matrix)[row].pk, "role": roles_of(matrix)[role - 1].pk, "level": level}
    return set_level(**to(matrix, member), **cell, seen=revision(matrix))


def moves_to(matrix, key):
    """All that moves when an untouched matrix follows the reference of another culture."""
    old, new = (culture_reference(one) for one in (matrix.culture_id, key))
    found: dict = {}
    for move in shift(read_grid(matrix), old, new, timezone.localdate()).moves:
        ours, theirs = found.setdefault(move.activity, ({}, {}))
        ours.update({cell.role: cell.ours for cell in move.cells})
        theirs.update(taken(move))
    return found


def follow_(matrix, member, culture, *, house=None, moves=None, seen=None, key=""):
    return follow(
        **to(matrix, member, key),
        culture=culture,
        house=house,
        moves=moves or {},
        seen=revision(matrix) if seen is None else seen,
    )
