"""What would change hands if a matrix followed another reference than it does: a question about two comparisons."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from .align import Alignment
from .departures import Comparison, Difference, Reference, compare, taken
from .grid import Departure, Grid
from .levels import Level


class Why(StrEnum):
    """Why a cell stays: a departure stands on it, it no longer follows the old reference, or the Lead cannot move."""

    DEPARTURE = "departure"
    OWN = "own"
    LEAD = "lead"


@dataclass(frozen=True, slots=True)
class Stay:
    """One cell that differs from the new reference and stays as it is: `ours` here, `theirs` there.

    `reason` is the departure's, or a sentence why the Lead stays; "" for a team's own edit.
    """

    activity: int
    role: int
    ours: Level | None
    theirs: Level | None
    why: Why
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Shift:
    """The step from following `old` to following `new`.

    Each of `moves` goes from ours to theirs, a move of the Lead in one. `before` and `ahead` are the matrix as it is
    beside the old and the new reference; what has no partner in the new one is in `alignment`. `after` is the matrix
    with all moves made, in the new culture.
    """

    old: Reference
    new: Reference
    moves: tuple[Difference, ...]
    stays: tuple[Stay, ...]
    after: Grid
    before: Comparison
    ahead: Comparison

    @property
    def alignment(self) -> Alignment:
        """Which activity and role is which of the new reference, and what on either side has no partner."""
        return self.ahead.diff.alignment


def shift(grid: Grid, old: Reference, new: Reference, today: date) -> Shift:
    """What moves when a matrix that follows `old` is to follow `new`.

    A cell moves where its level is still that of `old`, and no departure stands on it, against whichever reference and
    whether ended or not. The Lead moves whole or not at all, and never to nobody.
    """
    before, ahead = compare(grid, old, today), compare(grid, new, today)
    followed = _followed(grid, before)
    moves: list[Difference] = []
    stays: list[Stay] = []
    for difference in ahead.differences:
        if _is_free(difference, followed):
            moves.append(difference)
        else:
            stays += _stays(grid, difference, followed)
    after = replace(applied(grid, moves), culture=new.grid.culture)
    return Shift(old, new, tuple(moves), tuple(stays), after, before, ahead)


def applied(grid: Grid, moves: Iterable[Difference]) -> Grid:
    """The grid with these moves made and nothing else changed: not the culture, not who delivers."""
    rows: dict[int, Mapping[int, Level]] = dict(grid.cells)
    for move in moves:
        levels: dict[int, Level | None] = {**rows.get(move.activity, {}), **taken(move)}
        rows[move.activity] = {role: level for role, level in levels.items() if level is not None}
    return replace(grid, cells=rows)


@dataclass(frozen=True, slots=True)
class _Followed:
    """Which cells still follow the old reference: those of `rows` and `roles` that are not among `own`.

    `departures` has the first departure of each cell that has any: such a cell is decided, whatever its level.
    """

    rows: frozenset[int]
    roles: frozenset[int]
    own: frozenset[tuple[int, int]]
    departures: Mapping[tuple[int, int], Departure]

    def why_not(self, activity: int, role: int) -> Why | None:
        """Why the cell does not follow, None where it does."""
        if (activity, role) in self.departures:
            return Why.DEPARTURE
        if activity not in self.rows or role not in self.roles or (activity, role) in self.own:
            return Why.OWN
        return None


def _followed(grid: Grid, before: Comparison) -> _Followed:
    alignment = before.diff.alignment
    departures: dict[tuple[int, int], Departure] = {}
    for activity in grid.activities:
        for departure in activity.departures:
            departures.setdefault((activity.id, departure.role), departure)
    return _Followed(
        rows=frozenset(activity for activity, _ in alignment.activities),
        roles=frozenset(role for role, _ in alignment.roles),
        own=frozenset((cell.activity_a, cell.role_a) for cell in before.diff.cells),
        departures=departures,
    )


def _is_free(difference: Difference, followed: _Followed) -> bool:
    """Whether all of it still follows. A Lead that the new reference has no column for is not its to move."""
    if difference.reason_no_take or difference.steps_down:
        return False
    return not any(followed.why_not(difference.activity, cell.role) for cell in difference.cells)


def _stays(grid: Grid, difference: Difference, followed: _Followed) -> Iterator[Stay]:
    names = {role.id: role.name for role in grid.roles}
    row = difference.activity
    holding = [cell.role for cell in difference.cells if followed.why_not(row, cell.role)]
    for cell in difference.cells:
        why = followed.why_not(row, cell.role) or Why.LEAD
        match why:
            case Why.DEPARTURE:
                reason = followed.departures[row, cell.role].reason
            case Why.LEAD:
                reason = difference.reason_no_take or _held(names[(*holding, *difference.steps_down)[0]])
            case Why.OWN:
                reason = ""
        yield Stay(row, cell.role, cell.ours, cell.theirs, why, reason)


def _held(role: str) -> str:
    return f"Who answers for this changes as a whole, and {role} stays as it is."
