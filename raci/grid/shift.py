"""What would change hands if a matrix followed another reference than it does: a question about two comparisons."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from .align import Alignment
from .departures import Comparison, Difference, Reference, compare, taken
from .grid import Activity, Departure, Grid
from .levels import Level


class Why(StrEnum):
    """Why a cell stays: it is kept for a reason, it no longer follows the old reference, or the Lead cannot move."""

    DEPARTURE = "departure"
    OWN = "own"
    LEAD = "lead"


Levels = Mapping[int, Mapping[int, Level | None]]  # activity id -> role id -> level, None for not involved


@dataclass(frozen=True, slots=True)
class Stay:
    """One cell that differs from the new reference and stays as it is: `ours` here, `theirs` there.

    `reason` is the departure's, or a sentence why the Lead stays; "" for a team's own edit. `ended` is the last day of
    a departure whose end has passed.
    """

    activity: int
    role: int
    ours: Level | None
    theirs: Level | None
    why: Why
    reason: str = ""
    ended: date | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """The step from following `old` to following `new`.

    Each of `moves` goes from ours to theirs, a move of the Lead in one. `before` and `ahead` are the matrix as it is
    beside the old and the new reference; what has no partner in the new one is in `alignment`. `carried` has the levels
    of the new reference, by activity and role, in the cells that have one there and a departure from the old one.
    `after` is the matrix with all moves made.
    """

    old: Reference
    new: Reference
    moves: tuple[Difference, ...]
    stays: tuple[Stay, ...]
    carried: Levels
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
    whether ended or not. One that explains a difference that is no more stands no longer. The Lead moves whole or not
    at all, and never to nobody.
    """
    before, ahead = compare(grid, old, today), compare(grid, new, today)
    followed = _followed(grid, before, ahead, today)
    moves: list[Difference] = []
    stays: list[Stay] = []
    for difference in ahead.differences:
        if _is_free(difference, followed):
            moves.append(difference)
        else:
            stays += _stays(grid, difference, followed)
    carried = _carried(grid, old, ahead)
    after = followed_by(grid, old, new, carried, moves)
    return Shift(old, new, tuple(moves), tuple(stays), carried, after, before, ahead)


def followed_by(grid: Grid, old: Reference, new: Reference, carried: Levels, moves: Iterable[Difference]) -> Grid:
    """The grid once it follows `new`, with these moves made: in its culture, and with what was kept against `old` kept
    against it where that still differs."""
    made = applied(grid, moves)
    rows = (
        replace(row, departures=tuple(_renewed(made, row, old, new, carried[row.id]))) if row.id in carried else row
        for row in made.activities
    )
    return replace(made, activities=tuple(rows), culture=new.grid.culture)


def applied(grid: Grid, moves: Iterable[Difference]) -> Grid:
    """The grid with these moves made, as writing them would leave it: who comes to lead is no longer named as the one
    who delivers, and a departure goes with the level it explains."""
    rows: dict[int, Mapping[int, Level]] = dict(grid.cells)
    changed: defaultdict[int, set[int]] = defaultdict(set)
    for move in moves:
        to_set = taken(move)
        changed[move.activity] |= to_set.keys()
        levels: dict[int, Level | None] = {**rows.get(move.activity, {}), **to_set}
        rows[move.activity] = {role: level for role, level in levels.items() if level is not None}
    activities = tuple(
        _written(row, rows[row.id], changed[row.id]) if row.id in changed else row for row in grid.activities
    )
    return replace(grid, activities=activities, cells=rows)


def _written(row: Activity, levels: Mapping[int, Level], changed: Collection[int]) -> Activity:
    leads = row.deliverer is not None and levels.get(row.deliverer) is Level.LEAD
    kept = tuple(departure for departure in row.departures if departure.role not in changed)
    return replace(row, deliverer=None if leads else row.deliverer, departures=kept)


def _carried(grid: Grid, old: Reference, ahead: Comparison) -> dict[int, dict[int, Level | None]]:
    """The new reference's levels where a departure from the old one is, as far as it has that cell."""
    there = _level_in(ahead)
    found: defaultdict[int, dict[int, Level | None]] = defaultdict(dict)
    for row in grid.activities:
        for departure in row.departures:
            if departure.against == old.key and there.has(row.id, departure.role):
                found[row.id][departure.role] = there.level(row.id, departure.role)
    return dict(found)


def _renewed(
    grid: Grid, row: Activity, old: Reference, new: Reference, theirs: Mapping[int, Level | None]
) -> Iterator[Departure]:
    """The departures of one row: those from the old reference are from the new one now, or go where it agrees.

    One that the new reference has of its own stays as it is.
    """
    known = {departure.role for departure in row.departures if departure.against == new.key}
    for departure in row.departures:
        if departure.against != old.key or departure.role not in theirs:
            yield departure
        elif departure.role not in known and grid.level(row.id, departure.role) != theirs[departure.role]:
            yield replace(departure, against=new.key, theirs=theirs[departure.role])


@dataclass(frozen=True, slots=True)
class _There:
    """A reference's levels by our ids: `rows` and `roles` map ours to its own."""

    reference: Reference
    rows: Mapping[int, int]
    roles: Mapping[int, int]

    def has(self, activity: int, role: int) -> bool:
        return activity in self.rows and role in self.roles

    def level(self, activity: int, role: int) -> Level | None:
        """Only to be asked where it has that cell."""
        return self.reference.grid.level(self.rows[activity], self.roles[role])


def _level_in(beside: Comparison) -> _There:
    alignment = beside.diff.alignment
    return _There(beside.reference, dict(alignment.activities), dict(alignment.roles))


@dataclass(frozen=True, slots=True)
class _Followed:
    """Which cells still follow the old reference: those that it has and that are not among `own`.

    `departures` has the first departure that stands on each cell that has any: such a cell is decided.
    """

    old: _There
    own: frozenset[tuple[int, int]]
    departures: Mapping[tuple[int, int], Departure]
    today: date

    def why_not(self, activity: int, role: int) -> Why | None:
        """Why the cell does not follow, None where it does."""
        if (activity, role) in self.departures:
            return Why.DEPARTURE
        if not self.old.has(activity, role) or (activity, role) in self.own:
            return Why.OWN
        return None


def _followed(grid: Grid, before: Comparison, ahead: Comparison, today: date) -> _Followed:
    old, new = _level_in(before), _level_in(ahead)
    sides = {side.reference.key: side for side in (old, new)}
    departures: dict[tuple[int, int], Departure] = {}
    for activity in grid.activities:
        for departure in activity.departures:
            if _stands(grid, activity.id, departure, sides.get(departure.against)):
                departures.setdefault((activity.id, departure.role), departure)
    own = frozenset((cell.activity_a, cell.role_a) for cell in before.diff.cells)
    return _Followed(old, own, departures, today)


def _stands(grid: Grid, activity: int, departure: Departure, against: _There | None) -> bool:
    """Whether it still explains a difference: our level is not the one it was decided against, nor has the reference,
    as far as that is one of the two, another by now."""
    if grid.level(activity, departure.role) == departure.theirs:
        return False
    if against is None or not against.has(activity, departure.role):
        return True
    return against.level(activity, departure.role) == departure.theirs


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
        ended: date | None = None
        match why:
            case Why.DEPARTURE:
                departure = followed.departures[row, cell.role]
                reason = departure.reason
                ended = departure.until if departure.has_ended(followed.today) else None
            case Why.LEAD:
                reason = difference.reason_no_take or _held(names[(*holding, *difference.steps_down)[0]])
            case Why.OWN:
                reason = ""
        yield Stay(row, cell.role, cell.ours, cell.theirs, why, reason, ended)


def _held(role: str) -> str:
    return f"Who answers for this changes as a whole, and {role} stays as it is."
