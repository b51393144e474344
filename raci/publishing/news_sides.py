"""Two grids side by side, as states of one matrix, and what differs row by row: what the news is told from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from raci.grid.diff import CellDifference, Diff, Move, diff
from raci.grid.grid import Activity, Grid
from raci.grid.levels import Notation
from raci.grid.text import isolated


@dataclass(frozen=True, slots=True)
class Lineage:
    """Role id -> the id of the role that it was merged into, or split off: what two grids do not show."""

    merged: Mapping[int, int] = field(default_factory=dict)
    split: Mapping[int, int] = field(default_factory=dict)


UNKNOWN = Lineage()


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
    lineage: Lineage = UNKNOWN

    def later(self, role: int | None) -> int | None:
        """A role of the former grid by its id in the later, or its own where it is gone."""
        return None if role is None else self.partner.get(role, role)

    def merged_into(self, role: int) -> int | None:
        """The role, by its id as of `names`, into which one that is gone was merged; None where that is not known."""
        return self._known(self.lineage.merged.get(role))

    def split_off(self, role: int) -> int | None:
        """The role, by its id as of `names`, off which one that is new was split; None where that is not known."""
        return self._known(self.lineage.split.get(role))

    def _known(self, role: int | None) -> int | None:
        found = self.later(role)
        return found if found in self.names else None


def sides_of(before: Grid, after: Grid, notation: Notation, lineage: Lineage = UNKNOWN) -> Sides:
    """Both grids side by side."""
    before, after = readable(before), readable(after)
    found = diff(before, after, same=True, only=_differing(before, after))
    gone = set(found.alignment.roles_only_a)
    names = {role.id: role.name for role in before.roles if role.id in gone}
    names |= {role.id: role.name for role in after.roles}
    return Sides(before, after, found, dict(found.alignment.roles), names, notation, lineage)


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


def readable(grid: Grid) -> Grid:
    """The grid with names as sentences have them; the same one, where no name turns the direction of writing."""
    names = [each.name for rows in (grid.activities, grid.roles, grid.stages) for each in rows]
    if names == list(map(isolated, names)):
        return grid
    return replace(
        grid,
        activities=tuple(replace(each, name=isolated(each.name)) for each in grid.activities),
        roles=tuple(replace(each, name=isolated(each.name)) for each in grid.roles),
        stages=tuple(replace(each, name=isolated(each.name)) for each in grid.stages),
    )


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
