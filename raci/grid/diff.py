"""What is different between two grids: between two versions, a matrix and its reference, a file and the matrix."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from operator import is_not

from .align import Alignment, Pairs, align
from .grid import Activity, Grid, Role
from .levels import Level

_NOBODY = object()  # what a role without a partner is expected to be: equal to no role, and to no missing one


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell whose level is `before` in a and `after` in b; None is not involved."""

    activity_a: int
    activity_b: int
    role_a: int
    role_b: int
    before: Level | None
    after: Level | None

    @property
    def touches_lead(self) -> bool:
        """Whether the role leads on one side and not on the other."""
        return Level.LEAD in (self.before, self.after)


@dataclass(frozen=True, slots=True)
class Rename:
    """An activity or role that is called `before` in a and `after` in b."""

    id_a: int
    id_b: int
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Move:
    """The Lead or the delivery of one activity with another role: `before` in a, `after` in b, None for nobody."""

    activity_a: int
    activity_b: int
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Diff:
    """All that differs from a to b; ids are those of the side their field names.

    `compared` counts the cells that stand in both grids, blank ones too, and `agreeing` those with the same level on
    both sides: "60 of 72". A move of the Lead stands in `lead_moves` once, and its cells in `cells` as well.
    `delivery_moves` compares the deliverers as stated, None where nobody is named. What has no partner is in
    `alignment`.
    """

    alignment: Alignment
    cells: tuple[CellDifference, ...] = ()
    renamed_activities: tuple[Rename, ...] = ()
    renamed_roles: tuple[Rename, ...] = ()
    lead_moves: tuple[Move, ...] = ()
    delivery_moves: tuple[Move, ...] = ()
    compared: int = 0

    @property
    def agreeing(self) -> int:
        """How many of the compared cells have the same level on both sides."""
        return self.compared - len(self.cells)

    @property
    def is_empty(self) -> bool:
        """Whether both grids say the same: levels, deliverers, names, and nothing without a partner."""
        return self.alignment.is_complete and not (
            self.cells or self.renamed_activities or self.renamed_roles or self.delivery_moves
        )


def diff(a: Grid, b: Grid, *, same: bool = False, only: Collection[int] | None = None) -> Diff:
    """What differs from a to b, in the order of a; `same` as for `align`, `only` for some activities of a alone.

    Descriptions, notes, people, stages and the order of rows and roles are not compared.
    """
    alignment = align(a, b, same=same)
    if only is not None:
        alignment = replace(alignment, activities=tuple(pair for pair in alignment.activities if pair[0] in only))
    partner = dict(alignment.roles)
    return Diff(
        alignment=alignment,
        cells=tuple(_cells(a, b, alignment)),
        renamed_activities=_renames(a.activities, b.activities, alignment.activities),
        renamed_roles=_renames(a.roles, b.roles, alignment.roles),
        lead_moves=_moves(a, b, alignment.activities, partner, _lead),
        delivery_moves=_moves(a, b, alignment.activities, partner, _deliverer),
        compared=len(alignment.activities) * len(alignment.roles),
    )


def differing(a: Grid, b: Grid, *, same: bool = False) -> int:
    """How many cells differ: the length of `diff(a, b, same=same).cells` without making them."""
    alignment = align(a, b, same=same)
    roles_a = [role for role, _ in alignment.roles]
    roles_b = [role for _, role in alignment.roles]
    count = 0
    for activity_a, activity_b in alignment.activities:
        levels_a, levels_b = a.cells.get(activity_a, {}), b.cells.get(activity_b, {})
        count += sum(map(is_not, map(levels_a.get, roles_a), map(levels_b.get, roles_b)))
    return count


def _cells(a: Grid, b: Grid, alignment: Alignment) -> list[CellDifference]:
    roles_a = [role for role, _ in alignment.roles]
    roles_b = [role for _, role in alignment.roles]
    found = []
    for activity_a, activity_b in alignment.activities:
        levels_a, levels_b = a.cells.get(activity_a, {}), b.cells.get(activity_b, {})
        before, after = [levels_a.get(role) for role in roles_a], [levels_b.get(role) for role in roles_b]
        if before == after:  # most rows are: one comparison instead of one per cell
            continue
        found += [
            CellDifference(activity_a, activity_b, *cell)
            for cell in zip(roles_a, roles_b, before, after, strict=True)
            if cell[2] is not cell[3]
        ]
    return found


def _renames(
    a: tuple[Activity, ...] | tuple[Role, ...], b: tuple[Activity, ...] | tuple[Role, ...], pairs: Pairs
) -> tuple[Rename, ...]:
    names_a, names_b = {item.id: item.name for item in a}, {item.id: item.name for item in b}
    return tuple(
        Rename(id_a, id_b, names_a[id_a], names_b[id_b]) for id_a, id_b in pairs if names_a[id_a] != names_b[id_b]
    )


def _moves(
    a: Grid, b: Grid, pairs: Pairs, partner: dict[int, int], who: Callable[[Grid, Activity], int | None]
) -> tuple[Move, ...]:
    """The pairs of activities where `who` answers with roles that are not each other's partner."""
    rows_a, rows_b = {item.id: item for item in a.activities}, {item.id: item for item in b.activities}
    found = []
    for id_a, id_b in pairs:
        before, after = who(a, rows_a[id_a]), who(b, rows_b[id_b])
        expected = None if before is None else partner.get(before, _NOBODY)
        if after != expected:
            found.append(Move(id_a, id_b, before, after))
    return tuple(found)


def _lead(grid: Grid, activity: Activity) -> int | None:
    return grid.lead(activity.id)


def _deliverer(grid: Grid, activity: Activity) -> int | None:
    return activity.deliverer
