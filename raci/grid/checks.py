"""What the checks say about a matrix, row by row and column by column, in the words of either notation.

The rules stand in rules.py, their conditions in row_checks.py, departure_checks.py, role_checks.py and twins.py. The
thresholds are set so that no error and no warning fires on a reference matrix. Nothing here knows who asked or what
was set aside.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from .departure_checks import Measure, departure_findings, measure
from .departures import Reference
from .grid import Activity, Grid
from .levels import Notation, Words
from .load import letters, letters_of
from .role_checks import ROLE_CHECKS, columns
from .row_checks import ROW_CHECKS, RowCheck, row_of
from .rules import RULES, Finding, Severity
from .text import counted
from .twins import twins


@dataclass(frozen=True, slots=True)
class Tally:
    """How many findings of each severity."""

    errors: int = 0
    warnings: int = 0
    notes: int = 0


def findings(
    grid: Grid,
    *,
    off: Collection[str] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
    reference: Reference | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """All that the rules find, but for those whose ids are in `off`. The notation changes words, nothing else.

    D1 holds the grid against `reference`, the one the matrix follows; D2 holds the ends of departures against `today`.
    Errors first, then warnings, then notes; within each the whole grid, then rows and then roles in their order.
    """
    rows, words = letters(grid), notation.words
    in_rows = _all_row_findings(grid, rows, off, words, measure(grid, off, reference, today))
    return _worst_first([*_grid_findings(grid, off), *in_rows, *_role_findings(grid, rows, off, words)])


def row_findings(
    grid: Grid,
    activity_id: int,
    *,
    off: Collection[str] = (),
    notation: Notation = Notation.LEAD_SUPPORT,
    reference: Reference | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """What `findings` says about one activity, without reading the other rows. Raises KeyError for an unknown id.

    R14 reads all names, and only when one of them has changed since.
    """
    place, activity = _placed(grid, activity_id)
    row = row_of(grid, activity, letters_of(grid, activity_id), notation.words)
    found = [finding for check in _row_checks(off) if (finding := check(row))]
    found += departure_findings(row, measure(grid, off, reference, today))
    if "R14" not in off:
        found += _twin_findings(grid, place, twins(_names(grid)).get(place, ()))
    return _worst_first(found)


def tally(found: Iterable[Finding]) -> Tally:
    """The findings counted by severity."""
    severities = [finding.severity for finding in found]
    return Tally(*(severities.count(severity) for severity in Severity))


def _grid_findings(grid: Grid, off: Collection[str]) -> list[Finding]:
    activities, roles = len(grid.activities), len(grid.roles)
    if "R15" in off or (activities <= 40 and roles <= 12):
        return []
    size = f"{counted(activities, 'activity', 'activities')} and {counted(roles, 'role')}"
    text = f"The matrix has {size}, and long matrices stop being read."
    return [Finding("R15", RULES["R15"].severity, text, "Keep what people have argued about.")]


def _all_row_findings(
    grid: Grid, rows: list[str], off: Collection[str], words: Words, beside: Measure
) -> Iterator[Finding]:
    checks = _row_checks(off)
    alike = {} if "R14" in off else twins(_names(grid))
    for place, (activity, text) in enumerate(zip(grid.activities, rows, strict=True)):
        row = row_of(grid, activity, text, words)
        for check in checks:
            if finding := check(row):
                yield finding
        yield from departure_findings(row, beside)
        if place in alike:
            yield from _twin_findings(grid, place, alike[place])


def _row_checks(off: Collection[str]) -> list[RowCheck]:
    return [check for rule, check in ROW_CHECKS.items() if rule not in off]


def _twin_findings(grid: Grid, place: int, alike: tuple[int, ...]) -> Iterator[Finding]:
    """R14 for the row at that place: one finding for each earlier row it looks like."""
    activity = grid.activities[place]
    for other in (grid.activities[at] for at in alike):
        text = f"{activity.name} looks like {other.name}, so the same work may be done twice."
        step = "Merge the two, or give one a name that tells them apart."
        yield Finding("R14", RULES["R14"].severity, text, step, activity.id, other=other.id)


def _role_findings(grid: Grid, rows: list[str], off: Collection[str], words: Words) -> list[Finding]:
    checks = [check for rule, check in ROLE_CHECKS.items() if rule not in off]
    return [finding for column in columns(grid, rows, words) for check in checks if (finding := check(column))]


def _worst_first(found: list[Finding]) -> tuple[Finding, ...]:
    return tuple(finding for severity in Severity for finding in found if finding.severity is severity)


def _placed(grid: Grid, activity_id: int) -> tuple[int, Activity]:
    for place, activity in enumerate(grid.activities):
        if activity.id == activity_id:
            return place, activity
    raise KeyError(activity_id)


def _names(grid: Grid) -> tuple[str, ...]:
    return tuple(activity.name for activity in grid.activities)
