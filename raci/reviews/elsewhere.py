"""Letting another role lead an activity for now: the Lead moves, and why and until when is kept with it, as one change.

Where the matrix follows a reference that has it otherwise, that is a departure from it, which comes back when it ends
(see raci.matrices.departures). Where there is none to depart from, reason and day go into the notes of the activity,
above what stands there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from raci.grid.departures import Reference, compare, decisions
from raci.grid.grid import Activity, Departure, Grid
from raci.grid.levels import Level
from raci.grid.text import TEXT_LIMIT, day, prose
from raci.matrices.departures import checked_reason
from raci.matrices.operations import Done, Sender, commit, give
from raci.matrices.store import departure_key, departure_row
from raci.matrices.work import Work, check_seen
from raci.web import days
from raci.web.refusals import Conflict, Refused

_UNTIL = " answers for it until "
MOVED_ON = "This activity changed since you looked. Nothing was changed; look again first."


@dataclass(frozen=True, slots=True)
class Departing:
    """What a move departs from: the reference with the key `against` that is called `name`, and its levels in the cells
    that differ then, by role."""

    against: str
    name: str
    theirs: Mapping[int, Level | None]


@dataclass(frozen=True, slots=True)
class Followed:
    """The ids of the culture and the house reference that a matrix follows."""

    culture: str | None
    house: int | None


def lead_elsewhere(
    *,
    matrix: int,
    sender: Sender,
    activity: int,
    to: int,
    reason: str,
    until: date,
    departing: Departing | None,
    followed: Followed,
    seen: int,
) -> Done:
    """Another role leads the activity until that day; the one that did moves to Support.

    `departing` is None where there is no reference to depart from; `followed` is what the matrix followed when that was
    worked out. Refused with 409 where the activity, or what is followed, changed after `seen`.
    """
    because = checked_reason(reason)
    if until < days.today():
        raise Refused("That day has passed. Choose one that is still to come.")

    def plan(work: Work) -> None:
        row, name = work.activity(activity), work.role(to)["name"]
        check_seen(work, seen)
        if work.revisions[activity] > seen or followed != Followed(work.matrix.culture_id, work.matrix.house_id):
            raise Conflict(MOVED_ON)
        former = next((int(role) for role, letter in row["cells"].items() if letter == Level.LEAD), None)
        if former is None:
            raise Conflict(
                "Nobody answers for it yet, so there is nobody to lead it in place of. Set its levels instead."
            )
        if former == to:
            raise Refused(f"{name} answers for it already. Choose another role.")
        give(row["cells"], to, Level.LEAD)
        if departing is None:
            row["notes"] = _noted(row["notes"], name, work.role(former)["name"], because, until)
            return
        work.about = {"reference": departing.name}
        for role, theirs in departing.theirs.items():
            ours = row["cells"].get(str(role))
            departure = Departure(role, departing.against, theirs, because, until, sender.member.user_id)
            kept = departure_row(departure, Level(ours) if ours else None)
            row["departures"][departure_key(role, departing.against)] = kept

    body = [activity, to, because, until]
    return commit(plan, matrix=matrix, sender=sender, kind="elsewhere", body=body)


def departing_from(grid: Grid, reference: Reference | None, activity: int, to: int) -> Departing | None:
    """What it would depart from if that role led the activity; None where nothing would be otherwise in the reference,
    or there is none."""
    if reference is None:
        return None
    levels = {str(role): level.value for role, level in grid.cells.get(activity, {}).items()}
    give(levels, to, Level.LEAD)
    moved = {int(role): Level(letter) for role, letter in levels.items()}
    after = replace(grid, cells={**grid.cells, activity: moved})
    found = compare(after, reference, days.today(), only=[activity]).differences
    unit = next((difference for difference in found if difference.moves_lead), None)
    return Departing(reference.key, reference.name, {cell.role: cell.theirs for cell in unit.cells}) if unit else None


def for_now(grid: Grid, activity: Activity, today: date) -> str:
    """Until when and why the role that leads an activity does, in a sentence; "" where nobody said that it is for now.

    It is read from where `lead_elsewhere` keeps it; a note also where somebody has written just that.
    """
    for unit in decisions(grid, activity):
        moves_lead = any(Level.LEAD in (each.theirs, grid.level(activity.id, each.role)) for each in unit)
        kept = next((each for each in unit if each.until and each.reason), None)
        if moves_lead and kept is not None and kept.until is not None:
            word = "Was for now" if kept.has_ended(today) else "For now"
            return f"{word}, until {day(kept.until)}: {' '.join(kept.reason.split())}"
    lead = next((role.name for role in grid.roles if role.id == grid.lead(activity.id)), "")
    first = activity.notes.partition("\n\n")[0]
    return first if lead and first.startswith(f"{lead}{_UNTIL}") else ""


def _noted(notes: str, name: str, former: str, because: str, until: date) -> str:
    said = f"{name}{_UNTIL}{day(until)}, in place of {former}: {because}"
    try:
        return prose(f"{said}\n\n{notes}", limit=TEXT_LIMIT, what="notes")
    except ValueError as error:
        raise Refused("The notes of this activity are full, and the reason goes there. Shorten them first.") from error
