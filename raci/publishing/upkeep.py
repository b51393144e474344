"""What happened to the roles of a matrix since its latest version, and which rows need to be confirmed because of it.

Pure functions of two grids, the version's and the draft's, whose rows and roles are the same by their ids.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from raci.grid.grid import Grid, Role
from raci.grid.levels import Level

_WORKING = (Level.LEAD, Level.SUPPORT)


class Happened(StrEnum):
    RENAMED = "renamed"
    EMPTIED = "emptied"
    GONE = "gone"
    NEW = "new"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to a role, or (`CHANGED`, without one) to strategy or culture. `what` says it, as the
    beginning of a sentence; `rows` are the ids of the activities of the draft that it concerns, in their order. `key`
    is the same for as long as what happened is."""

    key: str
    kind: Happened
    what: str
    rows: tuple[int, ...]
    role: int | None = None


def events(
    before: Grid,
    after: Grid,
    *,
    filled: Collection[int] = (),
    changed_on: date | None = None,
    causes: Mapping[int, str] | None = None,
) -> tuple[Event, ...]:
    """What happened between a version and the draft, in the order of the roles.

    `filled` are the ids of the roles that somebody filled then; `changed_on` is when strategy or culture were said to
    have changed since. `causes` says it better for some roles that are gone or new, as the log knows it. What concerns
    no row is left out.
    """
    found = [*_changed(after, changed_on), *_of_roles(before, after, frozenset(filled), causes or {})]
    return tuple(event for event in found if event.rows)


def unconfirmed(found: Sequence[Event], confirmed: Mapping[str, Collection[str]]) -> dict[int, tuple[Event, ...]]:
    """Activity id -> the events for which it is still to be confirmed; no row without any."""
    waiting: dict[int, tuple[Event, ...]] = {}
    for event in found:
        for row in event.rows:
            if event.key not in confirmed.get(str(row), ()):
                waiting[row] = (*waiting.get(row, ()), event)
    return waiting


def is_filled(role: Role) -> bool:
    """Whether anybody is known to fill it."""
    return bool(role.people or role.members or role.headcount)


def _changed(after: Grid, on: date | None) -> Iterator[Event]:
    if on is not None:
        rows = tuple(activity.id for activity in after.activities)
        yield Event(f"{Happened.CHANGED}:{on.isoformat()}", Happened.CHANGED, "Strategy or culture changed", rows)


def _of_roles(before: Grid, after: Grid, filled: frozenset[int], causes: Mapping[int, str]) -> Iterator[Event]:
    old = {role.id: role for role in before.roles}
    now = {role.id for role in after.roles}
    for role in after.roles:
        if role.id not in old:
            what = causes.get(role.id, f"{role.name} was added")
            yield Event(f"new:{role.id}", Happened.NEW, what, _working(after, role.id), role.id)
            continue
        if old[role.id].name != role.name:
            what = f"{old[role.id].name} was renamed to {role.name}"
            key = f"renamed:{role.id}:{_short(role.name)}"
            yield Event(key, Happened.RENAMED, what, _working(after, role.id), role.id)
        if role.id in filled and not is_filled(role):
            what = f"{role.name} lost everybody who filled it"
            yield Event(f"emptied:{role.id}", Happened.EMPTIED, what, _working(after, role.id), role.id)
    left = {activity.id for activity in after.activities}
    for role in before.roles:
        if role.id not in now:
            what = causes.get(role.id, f"{role.name} was removed")
            rows = _working(before, role.id, left.__contains__)
            yield Event(f"gone:{role.id}", Happened.GONE, what, rows, role.id)


def _working(grid: Grid, role: int, counts: Callable[[int], bool] = lambda _: True) -> tuple[int, ...]:
    """The rows that a role leads, supports or delivers."""
    return tuple(
        activity.id
        for activity in grid.activities
        if (activity.deliverer == role or grid.level(activity.id, role) in _WORKING) and counts(activity.id)
    )


def _short(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:8]
