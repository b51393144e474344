"""What is new in a grid since the one before it, in sentences: pure functions of two grids.

Names are what people typed; nothing is read out of them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from raci.grid.align import align
from raci.grid.grid import Grid, Role
from raci.grid.levels import Level, Notation

from .news_general import first_version, general_news
from .news_roles import role_news
from .news_rows import gone_row, new_row, reasons_of, row_sentences
from .news_sides import UNKNOWN, Lineage, Sides, readable, rows_of, sides_of


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


def news(
    before: Grid | None, after: Grid, notation: Notation = Notation.LEAD_SUPPORT, lineage: Lineage = UNKNOWN
) -> News:
    """What is new in `after` since `before`, both states of one matrix; without `before`, what a first version is.

    `lineage` says of roles that came or went which others they were split off or merged into; how much is new does not
    hang on it.
    """
    if before is None:
        return News(first_version(readable(after), notation))
    sides = sides_of(before, after, notation, lineage)
    return News(tuple(general_news(sides)), tuple(_activities(sides)))


def _activities(sides: Sides) -> Iterator[ActivityNews]:
    """Row by row as they are read, then those that are gone."""
    before, after, rows = sides.before, sides.after, rows_of(sides)
    stages = {None: ""} | {stage.id: stage.name for stage in (*before.stages, *after.stages)}
    new = set(sides.found.alignment.activities_only_b)
    for activity in after.activities:
        row = rows.get(activity.id)
        if row is None and activity.id not in new:
            continue
        sentences = row_sentences(sides, row) if row else new_row(sides, activity)
        reasons = reasons_of(sides, activity, row.before if row and not sentences else None)
        if sentences or reasons:
            stage = stages[activity.stage]
            yield ActivityNews(activity.id, activity.name, stage, sentences, reasons, is_new=row is None)
    gone = set(sides.found.alignment.activities_only_a)
    for activity in before.activities:
        if activity.id in gone:
            said = gone_row(sides, activity)
            yield ActivityNews(activity.id, activity.name, stages[activity.stage], said, is_gone=True)


def news_for(
    before: Grid | None,
    after: Grid,
    role: int,
    notation: Notation = Notation.LEAD_SUPPORT,
    lineage: Lineage = UNKNOWN,
) -> tuple[str, ...]:
    """What changed for those who fill a role, told to them; nothing without `before`. The id is the later grid's, or
    the former's of a role that is gone."""
    return news_by_role(before, after, (role,), notation, lineage)[role]


def news_by_role(
    before: Grid | None,
    after: Grid,
    roles: Iterable[int],
    notation: Notation = Notation.LEAD_SUPPORT,
    lineage: Lineage = UNKNOWN,
) -> dict[int, tuple[str, ...]]:
    """The same for several roles at once, by their ids."""
    if before is None:
        return dict.fromkeys(roles, ())
    sides = sides_of(before, after, notation, lineage)
    rows = rows_of(sides)
    return {role: role_news(sides, rows, role) for role in roles}


def duties(grid: Grid, role: int) -> Duties:
    """All that is a role's."""
    grid = readable(grid)

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


def leads_moved(before: Grid, after: Grid) -> int:
    """How many activities of both went from one role to another to lead; 0 where each went from a role that is gone or
    to one that is new, of which that is told anyway."""
    found = sides_of(before, after, Notation.LEAD_SUPPORT).found
    gone, new = set(found.alignment.roles_only_a), set(found.alignment.roles_only_b)
    moves = [move for move in found.lead_moves if move.before is not None and move.after is not None]
    return len(moves) if any(move.before not in gone and move.after not in new for move in moves) else 0


def gone_roles(before: Grid | None, after: Grid) -> tuple[Role, ...]:
    """The roles of `before` that are no more, in their order."""
    if before is None:
        return ()
    gone = set(align(before, after, same=True).roles_only_a)
    return tuple(role for role in readable(before).roles if role.id in gone)
