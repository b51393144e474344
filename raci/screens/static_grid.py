"""A grid to read, not to change: a version, a revision that was. Each distinct cell is rendered once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import get_template
from django.utils.safestring import SafeString

from raci.grid.grid import Activity, Grid, Stage
from raci.grid.levels import Level, Notation
from raci.grid.rules import rules_in


@dataclass(frozen=True, slots=True)
class StaticRow:
    """`flag` says that nobody leads it, "" where somebody does; `tag` what else is to be known of it, in a word."""

    activity: Activity
    cells: tuple[SafeString, ...]
    flag: str
    tag: str = ""


@dataclass(frozen=True, slots=True)
class StaticStage:
    stage: Stage | None
    rows: tuple[StaticRow, ...]


@dataclass(frozen=True, slots=True)
class StaticGrid:
    """What `_static_grid.html` prints."""

    grid: Grid
    stages: tuple[StaticStage, ...]

    @property
    def columns(self) -> int:
        return len(self.grid.roles) + 1


def static_grid(grid: Grid, notation: Notation, tags: Mapping[int, str] | None = None) -> StaticGrid:
    """The grid in reading order, without stages that have no rows. `tags` maps activity ids to a word about the row."""
    stages = (
        StaticStage(
            stage, tuple(_row(grid, activity, notation, (tags or {}).get(activity.id, "")) for activity in rows)
        )
        for stage, rows in grid.by_stage()
        if rows
    )
    return StaticGrid(grid, tuple(stages))


def _row(grid: Grid, activity: Activity, notation: Notation, tag: str) -> StaticRow:
    has_lead = Level.LEAD in grid.cells.get(activity.id, {}).values()
    flag = "" if has_lead else rules_in(notation)["R1"].name
    return StaticRow(activity, tuple(_cells(grid, activity, notation)), flag, tag)


def _cells(grid: Grid, activity: Activity, notation: Notation) -> Iterator[SafeString]:
    levels, deliverer = grid.cells.get(activity.id, {}), activity.deliverer
    for role in grid.roles:
        level = levels.get(role.id)
        delivers = deliverer == role.id and level is not Level.LEAD
        yield _cell(level, notation, delivers, deliverer is None or deliverer == role.id)


@lru_cache(maxsize=64)
def _cell(level: Level | None, notation: Notation, delivers: bool, lead_delivers: bool) -> SafeString:
    context = {
        "level": level.key if level else "none",
        "letter": notation.letter(level, delivers=lead_delivers),
        "word": notation.word(level),
        "delivers": delivers,
    }
    return get_template("matrices/_cell.html").render(context)  # type: ignore[return-value]
