"""What a matrix keeps although a reference has it otherwise, as the lines of an export."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date

from raci.grid.departures import decisions
from raci.grid.grid import Activity, Departure, Grid
from raci.grid.levels import Notation
from raci.grid.text import SOMEBODY, day

from .export import DepartureLine

GONE = "A reference that is gone"
HOLDS, ENDED, CHANGED = "Kept", "Ended", "To decide: the reference has changed"


def departure_lines(
    grid: Grid,
    notation: Notation,
    *,
    references: Mapping[str, str],
    people: Mapping[int, str],
    today: date | None = None,
    lapsed: Collection[tuple[str, int, int]] = (),
) -> Iterator[DepartureLine]:
    """One line for each decision, in the order of rows and roles, ended ones too.

    `references` maps the keys that departures are against to their names, `people` ids of accounts to theirs; what is
    gone and has no name is said to be. `today` tells which ends have passed; `lapsed` are the keys, activities and
    roles of departures from a level that the reference no longer has.
    """
    for activity in grid.activities:
        for unit in decisions(grid, activity):
            line = _line(grid, notation, activity, unit, references, people)
            yield replace(line, state=_state(activity, unit, today, lapsed))


def _state(
    activity: Activity, unit: tuple[Departure, ...], today: date | None, lapsed: Collection[tuple[str, int, int]]
) -> str:
    if any((each.against, activity.id, each.role) in lapsed for each in unit):
        return CHANGED
    return ENDED if today and any(each.has_ended(today) for each in unit) else HOLDS


def _line(
    grid: Grid,
    notation: Notation,
    activity: Activity,
    unit: tuple[Departure, ...],
    references: Mapping[str, str],
    people: Mapping[int, str],
) -> DepartureLine:
    names = {role.id: role.name for role in grid.roles}
    first = unit[0]
    return DepartureLine(
        activity=activity.name,
        roles=", ".join(names[each.role] for each in unit),
        ours=", ".join(notation.word(grid.level(activity.id, each.role)) for each in unit),
        theirs=", ".join(notation.word(each.theirs) for each in unit),
        reference=references.get(first.against, GONE),
        reason=first.reason,
        until=day(first.until) if first.until else "",
        by=SOMEBODY if first.by is None else people.get(first.by, SOMEBODY),
    )
