"""A matrix beside a reference: what is different, what of it was decided to stay, and what waits for a decision.

A reference is a culture's, a house reference or another matrix. What differs is found by diff.py alone; here differing
cells become decisions, and departures are laid beside them.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from .align import Alignment
from .diff import CellDifference, Diff, diff
from .grid import Activity, Departure, Grid
from .levels import Level


@dataclass(frozen=True, slots=True)
class Reference:
    """What a matrix is measured against.

    `key` is what departures are recorded against: "market", "house-3", "matrix-7". `name` reads well in a sentence:
    "market-led", "House reference 2026". `is_same` says that it is a state of the very matrix that is measured.
    """

    key: str
    name: str
    grid: Grid
    is_same: bool = False


@dataclass(frozen=True, slots=True)
class Pair:
    """One cell: the id of our role, our level and the reference's; None is not involved."""

    role: int
    ours: Level | None
    theirs: Level | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One decision about an activity of ours: a single cell, or all cells of a move of the Lead, in the order of roles.

    `departure` is why it is kept, with the levels unchanged since; it stays here when its end has passed, and then
    `ended` is True. A move of the Lead has one where every cell has: the first that ended, else that of the first cell.
    Without one, `lapsed` is why it was kept before the reference changed, or before other cells moved with the Lead.
    `reason_no_take` is a sentence where the reference cannot be taken, for that would not leave exactly one Lead, and
    "" where it can. `steps_down` are roles of ours that lead and that the reference does not have: no cell compares
    them, and taking the reference's Lead moves them to Support, as giving the Lead to somebody else always does.
    """

    activity: int
    cells: tuple[Pair, ...]
    departure: Departure | None = None
    ended: bool = False
    reason_no_take: str = ""
    steps_down: tuple[int, ...] = ()
    lapsed: Departure | None = None

    @property
    def key(self) -> str:
        """The same as long as the same cells differ: "7-101" for a cell, "7-101-103" for a move of the Lead."""
        return "-".join(map(str, (self.activity, *sorted(cell.role for cell in self.cells))))

    @property
    def moves_lead(self) -> bool:
        """Whether another role leads there than here, or somebody does on one side only."""
        return any(Level.LEAD in (cell.ours, cell.theirs) for cell in self.cells)

    @property
    def is_kept(self) -> bool:
        """Whether it was decided to stay, and the decision holds."""
        return self.departure is not None and not self.ended


class RoleScore(NamedTuple):
    """How far one role of ours agrees with its partner: cells with the same level, of all cells compared."""

    role: int
    agreeing: int
    compared: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A matrix (a) beside a reference (b).

    `differences` stand in the order of rows, then of roles. `roles` scores the roles of ours that have a partner.
    `lead_elsewhere` are the ids of our activities whose Lead is another there, also where neither Lead has a partner
    and so no cell differs. `settled` are departures against this reference, each with its activity, whose cell no
    longer differs. The score as a whole is `diff.agreeing` of `diff.compared`; what has no partner is in
    `diff.alignment`.
    """

    reference: Reference
    diff: Diff
    differences: tuple[Difference, ...]
    roles: tuple[RoleScore, ...]
    lead_elsewhere: tuple[int, ...]
    settled: tuple[tuple[int, Departure], ...]

    @property
    def kept(self) -> tuple[Difference, ...]:
        """What was decided to stay, and still holds."""
        return tuple(difference for difference in self.differences if difference.is_kept)

    @property
    def open(self) -> tuple[Difference, ...]:
        """What is to be decided, for the first time or again because an end has passed."""
        return tuple(difference for difference in self.differences if not difference.is_kept)


def compare(grid: Grid, reference: Reference, today: date, *, only: Collection[int] | None = None) -> Comparison:
    """The matrix beside the reference, as of that day; with `only`, just these activities of it."""
    found = diff(grid, reference.grid, same=reference.is_same, only=only)
    in_rows: defaultdict[int, list[CellDifference]] = defaultdict(list)
    for cell in found.cells:
        in_rows[cell.activity_a].append(cell)
    activities = {activity.id: activity for activity in grid.activities}
    return Comparison(
        reference=reference,
        diff=found,
        differences=tuple(
            _decision(grid, reference, activities[row], unit, found.alignment, today)
            for row, cells in in_rows.items()
            for unit in _units(cells)
        ),
        roles=_scores(found),
        lead_elsewhere=tuple(move.activity_a for move in found.lead_moves),
        settled=tuple(_settled(grid, reference.key, found)),
    )


def taken(difference: Difference) -> dict[int, Level | None]:
    """The levels to set, by role, for the reference to be taken."""
    levels: dict[int, Level | None] = dict.fromkeys(difference.steps_down, Level.SUPPORT)
    return levels | {cell.role: cell.theirs for cell in difference.cells}


def standing(activity: Activity, against: str, levels: Mapping[int, Level | None]) -> tuple[Departure, ...]:
    """The departures for these cells, in their order, or none where one of them has none.

    `levels` maps role -> the reference's level now. A departure from another level than that says nothing any more.
    """
    if not activity.departures:
        return ()
    known = {departure.role: departure for departure in activity.departures if departure.against == against}
    found = tuple(known[role] for role, level in levels.items() if role in known and known[role].theirs == level)
    return found if len(found) == len(levels) else ()


def lapsed(comparison: Comparison, grid: Grid) -> set[tuple[int, int]]:
    """The cells, as activity and role, whose departure from this reference is there and says nothing any more."""
    kept = {
        row.id: {each.role for each in row.departures if each.against == comparison.reference.key}
        for row in grid.activities
        if row.departures
    }
    return {
        (difference.activity, cell.role)
        for difference in comparison.differences
        if difference.lapsed
        for cell in difference.cells
        if cell.role in kept[difference.activity]
    }


def decisions(grid: Grid, activity: Activity) -> tuple[tuple[Departure, ...], ...]:
    """The departures of one activity, those of a move of the Lead together, each group in the order of roles.

    Without a comparison, so whatever they are against. Left out are those of roles that are gone, and those whose cell
    has gone back to the reference's level.
    """
    if not activity.departures:
        return ()
    place = {role.id: at for at, role in enumerate(grid.roles)}
    units: defaultdict[tuple[str, int | None], list[Departure]] = defaultdict(list)
    for departure in sorted(activity.departures, key=lambda each: place.get(each.role, -1)):
        ours = grid.level(activity.id, departure.role)
        if departure.role in place and ours != departure.theirs:
            moves_lead = Level.LEAD in (ours, departure.theirs)
            units[departure.against, None if moves_lead else departure.role].append(departure)
    return tuple(tuple(unit) for unit in units.values())


def _units(cells: list[CellDifference]) -> list[list[CellDifference]]:
    """The differing cells of one row as decisions: all that touch the Lead are one, where the first of them stands."""
    lead = [cell for cell in cells if cell.touches_lead]
    return [lead if cell.touches_lead else [cell] for cell in cells if not cell.touches_lead or cell is lead[0]]


def _decision(
    grid: Grid,
    reference: Reference,
    activity: Activity,
    cells: list[CellDifference],
    alignment: Alignment,
    today: date,
) -> Difference:
    found = standing(activity, reference.key, {cell.role_a: cell.after for cell in cells})
    ended = [departure for departure in found if departure.has_ended(today)]
    difference = Difference(
        activity=activity.id,
        cells=tuple(Pair(cell.role_a, cell.before, cell.after) for cell in cells),
        departure=next(iter([*ended, *found]), None),
        ended=bool(ended),
        lapsed=None if found else _first_kept(activity, reference.key, {cell.role_a for cell in cells}),
    )
    if not difference.moves_lead:
        return difference
    partner = dict(alignment.roles)
    alone = tuple(role for role in grid.leads(activity.id) if role not in partner)
    theirs = reference.grid.leads(cells[0].activity_b)
    here = [role for role in theirs if role in partner.values()]
    if len(here) == 1:
        return replace(difference, steps_down=alone)
    if not here and len(alone) == 1:  # a draft with two Leads: one of them stays
        return difference
    return replace(difference, reason_no_take=_obstacle(reference.grid, theirs, here))


def _first_kept(activity: Activity, against: str, roles: set[int]) -> Departure | None:
    return next((each for each in activity.departures if each.against == against and each.role in roles), None)


def _obstacle(theirs: Grid, leads: tuple[int, ...], here: list[int]) -> str:
    """Why taking the reference would leave no Lead, or several; in words that fit either notation."""
    if here:
        return f"In the reference {len(here)} roles answer for this, and only one can."
    if not leads:
        return "In the reference nobody answers for this, and somebody has to."
    name = next(role.name for role in theirs.roles if role.id == leads[0])
    return f"In the reference {name} answers for this, and {name} is no role here. Add that role first."


def _scores(found: Diff) -> tuple[RoleScore, ...]:
    compared = len(found.alignment.activities)
    differing = Counter(cell.role_a for cell in found.cells)
    return tuple(RoleScore(role, compared - differing[role], compared) for role, _ in found.alignment.roles)


def _settled(grid: Grid, against: str, found: Diff) -> Iterator[tuple[int, Departure]]:
    rows, roles = dict(found.alignment.activities), dict(found.alignment.roles)
    differing = {(cell.activity_a, cell.role_a) for cell in found.cells}
    for activity in grid.activities:
        for departure in activity.departures:
            if departure.against != against or activity.id not in rows or departure.role not in roles:
                continue
            if (activity.id, departure.role) not in differing:
                yield activity.id, departure
