"""Two grids side by side, as states of one matrix, and what differs row by row: what the news is told from."""

from dataclasses import dataclass, field

from raci.grid.diff import CellDifference, Diff, Move, diff
from raci.grid.grid import Activity, Grid
from raci.grid.levels import Notation


@dataclass(slots=True)
class Row:
    """What differs in one activity: in its cells, in who leads it and in who is named as delivering it."""

    before: Activity
    after: Activity
    cells: list[CellDifference] = field(default_factory=list)
    lead: Move | None = None
    delivery: Move | None = None


@dataclass(frozen=True, slots=True)
class Sides:
    """Both grids and what differs: `found` pairs no rows that are equal. `partner` maps roles of the former to those of
    the later; `names` are those of the later, and of roles of the former that are gone."""

    before: Grid
    after: Grid
    found: Diff
    partner: dict[int, int]
    names: dict[int, str]
    notation: Notation


def sides_of(before: Grid, after: Grid, notation: Notation) -> Sides:
    """Both grids side by side."""
    found = diff(before, after, same=True, only=_differing(before, after))
    gone = set(found.alignment.roles_only_a)
    names = {role.id: role.name for role in before.roles if role.id in gone}
    names |= {role.id: role.name for role in after.roles}
    return Sides(before, after, found, dict(found.alignment.roles), names, notation)


def rows_of(sides: Sides) -> dict[int, Row]:
    """Each activity that stands on both sides and is not equal, by its id in the later grid."""
    old = {activity.id: activity for activity in sides.before.activities}
    new = {activity.id: activity for activity in sides.after.activities}
    rows = {b: Row(old[a], new[b]) for a, b in sides.found.alignment.activities}
    for cell in sides.found.cells:
        rows[cell.activity_b].cells.append(cell)
    for move in sides.found.lead_moves:
        rows[move.activity_b].lead = move
    for move in sides.found.delivery_moves:
        rows[move.activity_b].delivery = move
    return rows


def _differing(before: Grid, after: Grid) -> set[int] | None:
    """The rows that are not equal, most are; None, for all, where there are other roles than before."""
    if {role.id for role in before.roles} != {role.id for role in after.roles}:
        return None
    new = {activity.id: activity for activity in after.activities}
    return {
        activity.id
        for activity in before.activities
        if activity != new.get(activity.id) or before.cells.get(activity.id) != after.cells.get(activity.id)
    }
