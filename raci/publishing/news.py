"""What is new in a grid since the one before it, in sentences: pure functions of two grids.

Names are what people typed; nothing is read out of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from raci.grid.grid import Grid
from raci.grid.levels import Level, Notation

from .news_general import first_version, general_news
from .news_roles import role_news
from .news_rows import gone_row, new_row, reasons_of, row_sentences
from .news_sides import rows_of, sides_of


@dataclass(frozen=True, slots=True)
class ActivityNews:
    """What is new in one row, in sentences that stand beside its name. `activity` is its id in the later grid, or in
    the former where it `is_gone`. `reasons` tell why it is unlike the reference."""

    activity: int
    name: str
    stage: str
    sentences: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    is_new: bool = False
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class News:
    """All that is new: `general` about roles, stages and the whole; then row by row as they are read, gone ones
    last."""

    general: tuple[str, ...] = ()
    activities: tuple[ActivityNews, ...] = ()

    @property
    def count(self) -> int:
        """How many things are new."""
        return len(self.general) + len(self.activities)

    @property
    def is_empty(self) -> bool:
        """Whether both grids say the same to those who read them."""
        return not self.count


@dataclass(frozen=True, slots=True)
class Duties:
    """The names of the activities of a role, as they are read. `delivers` are those it delivers for another Lead."""

    leads: tuple[str, ...]
    delivers: tuple[str, ...]
    supports: tuple[str, ...]
    contributes: tuple[str, ...]
    informed: tuple[str, ...]


def news(before: Grid | None, after: Grid, notation: Notation = Notation.LEAD_SUPPORT) -> News:
    """What is new in `after` since `before`, both states of one matrix; without `before`, what a first version is."""
    if before is None:
        return News(first_version(after, notation))
    sides = sides_of(before, after, notation)
    rows = rows_of(sides)
    stages = {None: ""} | {stage.id: stage.name for stage in (*before.stages, *after.stages)}
    told, new = [], set(sides.found.alignment.activities_only_b)
    for activity in after.activities:
        row = rows.get(activity.id)
        if row is None and activity.id not in new:
            continue
        sentences = row_sentences(sides, row) if row else new_row(sides, activity)
        reasons = reasons_of(sides, activity, row.before if row and not sentences else None)
        if sentences or reasons:
            stage = stages[activity.stage]
            told.append(ActivityNews(activity.id, activity.name, stage, sentences, reasons, is_new=row is None))
    gone = set(sides.found.alignment.activities_only_a)
    for activity in before.activities:
        if activity.id in gone:
            said = gone_row(sides, activity)
            told.append(ActivityNews(activity.id, activity.name, stages[activity.stage], said, is_gone=True))
    return News(tuple(general_news(before, after, sides.found, notation)), tuple(told))


def news_for(
    before: Grid | None, after: Grid, role: int, notation: Notation = Notation.LEAD_SUPPORT
) -> tuple[str, ...]:
    """What changed for those who fill a role, told to them; nothing without `before`. The id is the later grid's, or
    the former's of a role that is gone."""
    return news_by_role(before, after, (role,), notation)[role]


def news_by_role(
    before: Grid | None, after: Grid, roles: Iterable[int], notation: Notation = Notation.LEAD_SUPPORT
) -> dict[int, tuple[str, ...]]:
    """The same for several roles at once, by their ids."""
    if before is None:
        return dict.fromkeys(roles, ())
    sides = sides_of(before, after, notation)
    rows = rows_of(sides)
    return {role: role_news(sides, rows, role) for role in roles}


def duties(grid: Grid, role: int) -> Duties:
    """All that is a role's."""

    def having(level: Level) -> tuple[str, ...]:
        return tuple(activity.name for activity in grid.activities if grid.level(activity.id, role) is level)

    return Duties(
        leads=having(Level.LEAD),
        delivers=tuple(
            activity.name
            for activity in grid.activities
            if activity.deliverer == role and grid.level(activity.id, role) is not Level.LEAD
        ),
        supports=having(Level.SUPPORT),
        contributes=having(Level.CONTRIBUTE),
        informed=having(Level.INFORMED),
    )


def changed_activities(before: Grid | None, after: Grid) -> frozenset[int]:
    """The ids of the rows of `after` that have news; none in a first version."""
    if before is None:
        return frozenset()
    return frozenset(each.activity for each in news(before, after).activities if not each.is_gone)


def leads_moved(before: Grid, after: Grid) -> int:
    """How many activities of both are led by another role, or by nobody or somebody at last."""
    return len(sides_of(before, after, Notation.LEAD_SUPPORT).found.lead_moves)
