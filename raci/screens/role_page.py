"""One role at a time: its rows by level, what it carries, and what a merge with another would do."""

from dataclasses import dataclass
from functools import cached_property

from django.http import Http404
from django.utils.safestring import SafeString

from raci.grid.find import role_rows
from raci.grid.grid import Activity, Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.load import Load, load
from raci.matrices.models import Matrix
from raci.matrices.rows import load_html
from raci.matrices.store import read_grid
from raci.matrices.structure import deeper

from .chips import Chip, chip
from .findings import Line, check, lines
from .order import Moves, moves


@dataclass(frozen=True, slots=True)
class Rows:
    """The activities of a role at one level."""

    chip: Chip
    activities: tuple[Activity, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """One activity in the preview of a merge: both levels before, and the one that is left."""

    activity: Activity
    gone: Chip
    kept: Chip
    result: Chip


@dataclass
class RolePage:
    matrix: Matrix
    grid: Grid
    notation: Notation
    role: Role

    @cached_property
    def load(self) -> Load:
        return load(self.grid)[self.role.id]

    @property
    def load_picture(self) -> SafeString:
        return load_html(self.load, self.role.name, self.notation)

    @cached_property
    def by_level(self) -> list[Rows]:
        """Each level that has activities, deepest first; not involved stands apart."""
        rows = role_rows(self.grid, self.role.id)
        return [Rows(self._chip(level), found) for level, found in rows.items() if found and level is not None]

    @property
    def not_involved(self) -> tuple[Activity, ...]:
        return role_rows(self.grid, self.role.id)[None]

    @property
    def led(self) -> tuple[Activity, ...]:
        return role_rows(self.grid, self.role.id)[Level.LEAD]

    @property
    def delivers(self) -> list[Activity]:
        """The activities of others whose work it does."""
        return [row for row in self.grid.activities if row.deliverer == self.role.id]

    @property
    def findings(self) -> list[Line]:
        return [
            line
            for line in lines(self.grid, check(self.matrix, self.grid, self.notation).open, self.notation)
            if line.role == self.role and line.activity is None
        ]

    @property
    def moves(self) -> Moves:
        return moves([role.id for role in self.grid.roles])[self.role.id]

    def merged(self, into: int) -> list[Merged]:
        """What merging this role into another does to each activity it is on."""
        preview = []
        for activity in self.grid.activities:
            gone = self.grid.level(activity.id, self.role.id)
            kept = self.grid.level(activity.id, into)
            if gone is not None:
                result = self._chip(deeper(gone, kept))
                preview.append(Merged(activity, self._chip(gone), self._chip(kept), result))
        return preview

    def _chip(self, level: Level | None) -> Chip:
        return chip(self.notation, level, delivers=False)


def role_page(matrix: Matrix, role: int, notation: Notation) -> RolePage:
    """The page of a role of this matrix, or 404."""
    grid = read_grid(matrix)
    found = next((row for row in grid.roles if row.id == role), None)
    if found is None:
        raise Http404
    return RolePage(matrix, grid, notation, found)
