"""How a matrix stood at the end of each review, in a few numbers that can be laid side by side."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from raci.grid.checks import tally
from raci.grid.departures import decisions
from raci.grid.grid import Grid
from raci.grid.rules import Finding

from .agreement import Result, Verdict, verdicts
from .health import Health
from .poll_checks import functions_in

_NAMES = {
    "agreed": "Activities all agree on",
    "healthy": "Activities that do well",
    "errors": "Errors",
    "warnings": "Warnings",
    "departures": "Departures",
}
_SHARES = ("agreed", "healthy")


@dataclass(frozen=True, slots=True)
class Point:
    """One review in a chart. `of` is what `value` is a part of, None where it is a plain number."""

    on: date
    value: int
    of: int | None = None

    @property
    def share(self) -> float | None:
        """0 to 1, of a part."""
        return self.value / self.of if self.of else None

    @property
    def text(self) -> str:
        return f"{self.value}" if self.of is None else f"{self.value} of {self.of}"


@dataclass(frozen=True, slots=True)
class Series:
    """One chart: its points, the earliest first. `most` is what its axis ends at: 1 for shares."""

    key: str
    name: str
    points: tuple[Point, ...]

    @property
    def is_share(self) -> bool:
        return self.key in _SHARES

    @property
    def most(self) -> int:
        return 1 if self.is_share else max((point.value for point in self.points), default=0)


def figures_of(
    grid: Grid, findings: Iterable[Finding], result: Result | None, health: Mapping[int, Health]
) -> dict[str, Any]:
    """How things stand, as Review.figures keeps it.

    `agreed` is [rows all agree on, rows asked about]; [0, 0] without a poll, and where too few answered to call it
    agreement (P6). `healthy` is [rows on which all that is known is a yes, rows of which something is known].
    `departures` counts decisions to differ from a reference, a move of the Lead as one.
    """
    counts = tally(findings)
    known = [health[activity.id] for activity in grid.activities if health.get(activity.id)]
    return {
        "agreed": _agreed(grid, result),
        "errors": counts.errors,
        "warnings": counts.warnings,
        "departures": sum(len(decisions(grid, activity)) for activity in grid.activities),
        "healthy": [sum(all(said.answer == "yes" for said in each.values()) for each in known), len(known)],
    }


def series(reviews: Sequence[tuple[date, Mapping[str, Any]]]) -> tuple[Series, ...]:
    """A chart for each figure, from the day and the figures of each review. A review that knew nothing of a share has
    no point in it; a chart without points is left out."""
    ordered = sorted(reviews, key=lambda review: review[0])
    found = (
        Series(key, name, tuple(point for on, figures in ordered if (point := _point(key, on, figures)) is not None))
        for key, name in _NAMES.items()
    )
    return tuple(each for each in found if each.points)


def _agreed(grid: Grid, result: Result | None) -> list[int]:
    if result is None or result.is_thin:
        return [0, 0]
    functions = functions_in(result, grid)
    asked = [activity.id for activity in grid.activities if activity.id in result.rows]
    found = [verdicts(result.rows[activity], grid.lead(activity), functions) for activity in asked]
    return [found.count((Verdict.AGREED,)), len(asked)]


def _point(key: str, on: date, figures: Mapping[str, Any]) -> Point | None:
    if key not in figures:
        return None
    if key not in _SHARES:
        return Point(on, figures[key])
    value, of = figures[key]
    return Point(on, value, of) if of else None
