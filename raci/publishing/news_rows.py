"""The news of one activity: what its cells, its Lead and its deliverer are now, and why it is unlike the reference.

The sentences stand beside the name of the activity, in a list or after a colon, so they do not repeat it.
"""

from collections import defaultdict

from raci.grid.departures import decisions
from raci.grid.diff import CellDifference
from raci.grid.grid import Activity, Departure
from raci.grid.levels import Level, Notation
from raci.grid.text import day, isolated, listed

from .news_sides import Row, Sides
from .news_words import does, left, moved, now_does, verb

MOST_CLAUSES = 4  # of those whose level moved in one row; more are told by what they do now alone


def row_sentences(sides: Sides, row: Row) -> tuple[str, ...]:
    """What differs in a row, for somebody who reads its name before."""
    said = _lead(sides, row) if row.lead else []
    told = {row.lead.after, row.lead.before and sides.partner.get(row.lead.before)} if row.lead else set()
    said += _levels(sides, [cell for cell in row.cells if cell.role_b not in told])
    said += _delivery(sides, row)
    if row.before.name != row.after.name:
        said.append(f"It was called “{row.before.name}” before.")
    if row.before.description != row.after.description:
        said.append("Its description changed.")
    if row.before.notes != row.after.notes:
        said.append("Its notes changed.")
    if row.before.people != row.after.people:
        said.append("Who is named on it changed.")
    return tuple(said)


def _delivery(sides: Sides, row: Row) -> list[str]:
    """Who does the work now, where that changed, and where it did not although another role leads."""
    if not (row.lead or row.delivery):
        return []
    named_before, named = row.before.deliverer, row.after.deliverer
    lead_before, lead = sides.before.lead(row.before.id), sides.after.lead(row.after.id)
    did = lead_before if named_before is None else named_before
    does_it = lead if named is None else named
    if named_before is None and named is None:
        return []
    if does_it is None:
        return ["Nobody delivers it any more."]
    if did is not None and sides.partner.get(did) == does_it:
        return [f"{sides.names[does_it]} still delivers it."] if row.lead else []
    no_longer = ""
    if named_before is not None:
        no_longer = f", no longer {sides.names[sides.partner.get(named_before, named_before)]}"
    if named is None:
        return [f"{sides.names[does_it]} now delivers it itself{no_longer}."]
    return [f"{sides.names[does_it]} now delivers it{no_longer}."]


def _lead(sides: Sides, row: Row) -> list[str]:
    """Who leads now and what became of who led."""
    move, notation = row.lead, sides.notation
    if move is None:
        return []
    lead = verb(Level.LEAD, notation)
    now = f"Nobody {lead.now[0]}" if move.after is None else now_does([sides.names[move.after]], Level.LEAD, notation)
    if move.before is None:
        return [f"{now}; nobody {'did' if notation is Notation.LEAD_SUPPORT else 'was'} before."]
    former = sides.partner.get(move.before)
    if former is None:  # no longer a role, which is told of the whole
        return [f"{now}."]
    return [f"{now}; {left(sides.names[former], sides.after.level(row.after.id, former), notation)}."]


def _levels(sides: Sides, cells: list[CellDifference]) -> list[str]:
    """What the other roles do now; those that made the same step are told in one sentence."""
    steps: defaultdict[tuple[Level | None, Level | None], list[str]] = defaultdict(list)
    for cell in sorted(cells, key=_deepest_first):
        steps[cell.before, cell.after].append(sides.names[cell.role_b])
    if len(steps) <= MOST_CLAUSES:
        return [f"{moved(roles, *step, sides.notation)}." for step, roles in steps.items()]
    after: defaultdict[Level | None, list[str]] = defaultdict(list)
    for (_, level), roles in steps.items():
        after[level] += roles
    clauses = [now_does(roles, level, sides.notation) for level, roles in after.items() if level is not None]
    if out := after.get(None):
        clauses.append(f"{listed(out)} {'is' if len(out) == 1 else 'are'} no longer involved")
    return [f"{'; '.join(clauses)}."]


def _deepest_first(cell: CellDifference) -> int:
    return -cell.after.depth if cell.after else 0


def new_row(sides: Sides, activity: Activity) -> tuple[str, ...]:
    """Who does what in a row that is new."""
    grid, parts = sides.after, []
    for level in Level:
        roles = [role.name for role in grid.roles if grid.level(activity.id, role.id) is level]
        if roles:
            parts.append(does(roles, level, sides.notation))
    said = ["New in the matrix."]
    if parts:
        said.append(f"{'; '.join(parts)}.")
    if activity.deliverer is not None and activity.deliverer != grid.lead(activity.id):
        said.append(f"{sides.names[activity.deliverer]} delivers it.")
    return tuple(said)


def gone_row(sides: Sides, activity: Activity) -> tuple[str, ...]:
    """Who led a row that is gone."""
    lead = sides.before.lead(activity.id)
    if lead is None:
        return ("No longer in the matrix.",)
    did = "led it" if sides.notation is Notation.LEAD_SUPPORT else "was accountable"
    name = sides.names[sides.partner.get(lead, lead)]
    return ("No longer in the matrix.", f"{name} {did}.")


def reasons_of(sides: Sides, activity: Activity, known: Activity | None) -> tuple[str, ...]:
    """Why it is unlike the reference; without what the same row said before, where that is `known`."""
    if not activity.departures:
        return ()
    said = set() if known is None else {_said(departure) for departure in known.departures}
    units = [unit for unit in decisions(sides.after, activity) if _said(unit[0]) not in said]
    return tuple(dict.fromkeys(_reason(sides, activity, unit) for unit in units))


def _said(departure: Departure) -> tuple[object, ...]:
    return departure.reason, departure.until


def _reason(sides: Sides, activity: Activity, unit: tuple[Departure, ...]) -> str:
    first = unit[0]
    if Level.LEAD in (first.theirs, sides.after.level(activity.id, first.role)):
        what = "Who leads" if sides.notation is Notation.LEAD_SUPPORT else "Who is accountable"
    else:
        what = f"What {sides.names[first.role]} does"
    until = f" until {day(first.until)}" if first.until else ""
    return f"{what} is kept unlike the reference{until}: {isolated(' '.join(first.reason.split()).rstrip('.'))}."
