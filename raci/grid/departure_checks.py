"""The rules D1 and D2: a Lead that is not the reference's without a reason, and a departure whose end has passed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from .align import align
from .departures import Reference, decisions, standing
from .grid import Departure, Grid
from .levels import Level
from .row_checks import Row
from .rules import RULES, Finding
from .text import day, listed


@dataclass(frozen=True, slots=True)
class Measure:
    """What D1 and D2 hold the rows of a grid against. Without a reference D1 is silent, without a day D2 is.

    `rows` and `roles` map ids of the grid to those of its reference.
    """

    reference: Reference | None
    today: date | None
    rows: Mapping[int, int] = field(default_factory=dict)
    roles: Mapping[int, int] = field(default_factory=dict)


def measure(grid: Grid, off: Collection[str], reference: Reference | None, today: date | None) -> Measure:
    """The grid beside its reference, for the rules that are not in `off`. No cell is compared yet."""
    today = None if "D2" in off else today
    if reference is None or "D1" in off:
        return Measure(None, today)
    alignment = align(grid, reference.grid)
    return Measure(reference, today, dict(alignment.activities), dict(alignment.roles))


def departure_findings(row: Row, beside: Measure) -> Iterator[Finding]:
    """What D1 and D2 say about one row."""
    if beside.reference is not None and row.leads == 1 and row.activity.id in beside.rows:
        yield from _unexplained(row, beside, beside.reference)
    if beside.today is not None and row.activity.departures:
        yield from _ended(row, beside.today)


def _unexplained(row: Row, beside: Measure, reference: Reference) -> Iterator[Finding]:
    """D1. It compares no more than who leads, for it is asked on every edit; with departures.py it agrees by test.

    A departure that has ended still says why: that it has ended is D2's to tell.
    """
    lead, there = row.lead, beside.rows[row.activity.id]
    leads_there = reference.grid.lead(there)
    if leads_there is None or beside.roles.get(lead.id) == leads_there:
        return
    here = next((ours for ours, theirs in beside.roles.items() if theirs == leads_there), None)
    cells = [role for role in (lead.id, here) if role is not None and role in beside.roles]
    levels = {role: reference.grid.level(there, beside.roles[role]) for role in cells}
    if not levels or standing(row.activity, reference.key, levels):
        return
    other = next(role.name for role in reference.grid.roles if role.id == leads_there)
    text = f"{lead.name} {row.words.leads} {row.name}, unlike {reference.name}, where it is {other}."
    step = "Say why in a line, or use the reference."
    yield Finding("D1", RULES["D1"].severity, text, step, row.activity.id, of=reference.key)


def _ended(row: Row, today: date) -> Iterator[Finding]:
    """D2: one for each cell, and one for all cells of a move of the Lead. Silent where the row has gone back."""
    names = {role.id: role.name for role in row.grid.roles}
    for unit in decisions(row.grid, row.activity):
        ends = [departure.until for departure in unit if departure.until and departure.has_ended(today)]
        if not ends:
            continue
        who = listed([names[departure.role] for departure in unit])
        text = f"The departure for {who} on {row.name} ended on {day(min(ends))} and is to be decided again."
        step = "Keep it until a later day, or take the level that its reference has."
        role = unit[0].role if not _moves_lead(row, unit) else None
        of = f"{unit[0].against}:{min(ends).isoformat()}"
        yield Finding("D2", RULES["D2"].severity, text, step, row.activity.id, role, of=of)


def _moves_lead(row: Row, unit: tuple[Departure, ...]) -> bool:
    return any(Level.LEAD in (departure.theirs, row.grid.level(row.activity.id, departure.role)) for departure in unit)
