"""Where the buttons up and down put an activity, a stage or a role.

A place is absolute, as text for a form: the id of what it goes before, "" for the end. An activity's place names the
stage too, "3:17" or ":" for the end of those without a stage. So a press sent twice moves once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from raci.grid.grid import Grid

from .asked import number_or_none


@dataclass(frozen=True, slots=True)
class Moves:
    """The places one step up and one step down; None where there is no such step."""

    up: str | None
    down: str | None


def neighbour(keys: Sequence[str], key: str) -> str:
    """What stands behind something that leaves its list, or before it at the end; itself where it was alone."""
    at = keys.index(key) if key in keys else 0
    return next(iter((*keys[at + 1 : at + 2], *keys[max(at - 1, 0) : at], key)))


def moves(ids: Sequence[int]) -> dict[int, Moves]:
    """For stages or roles in their order."""
    return {
        row: Moves(
            up=str(ids[at - 1]) if at else None,
            down=_after(ids, at + 1) if at + 1 < len(ids) else None,
        )
        for at, row in enumerate(ids)
    }


def activity_moves(grid: Grid) -> dict[int, Moves]:
    """For activities: past the edge of a stage they go into the next one."""
    groups = [(stage.id if stage else None, [a.id for a in rows]) for stage, rows in grid.by_stage()]
    result = {}
    for place, (stage, ids) in enumerate(groups):
        for at, activity in enumerate(ids):
            up = _place(stage, ids[at - 1]) if at else _end_of(groups, place - 1)
            down = _place(stage, _after(ids, at + 1)) if at + 1 < len(ids) else _start_of(groups, place + 1)
            result[activity] = Moves(up, down)
    return result


def read_place(text: str) -> tuple[int | None, int | None]:
    """The stage and the activity to go before, from an activity's place. Anything else is a 400."""
    stage, _, before = text.partition(":")
    return number_or_none(stage), number_or_none(before)


def said_place(grid: Grid, activity: int) -> str:
    """Where an activity stands now, as a sentence."""
    moved = next(row for row in grid.activities if row.id == activity)
    peers = [row.id for row in grid.activities if row.stage == moved.stage]
    stage = next((stage.name for stage in grid.stages if stage.id == moved.stage), "")
    where = f"in {stage}" if stage else "without a stage"
    return f"“{moved.name}” is now {peers.index(activity) + 1} of {len(peers)} {where}."


Group = tuple[int | None, list[int]]


def _after(ids: Sequence[int], at: int) -> str:
    return str(ids[at + 1]) if at + 1 < len(ids) else ""


def _place(stage: int | None, before: object) -> str:
    return f"{stage or ''}:{before}"


def _end_of(groups: Sequence[Group], place: int) -> str | None:
    return _place(groups[place][0], "") if place >= 0 else None


def _start_of(groups: Sequence[Group], place: int) -> str | None:
    if place >= len(groups):
        return None
    stage, ids = groups[place]
    return _place(stage, ids[0] if ids else "")
