"""Which activities a reader asked to see: by word, stage, role, level, or because a check found something."""

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from .grid import Activity, Grid
from .levels import Level


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row must be to be shown; each part that is set narrows further.

    `word`: every word of it stands somewhere in the name, description, notes or names of people, in any case and with
    or without accents. `stage`: the id of its stage. `role` alone: that role has a level. `role` and `level`: that role
    has that level, "none" being not involved. `level` alone: some role has it, or for "none" some role is not involved.
    `findings`: a check has something to say about it. `differs`: it differs from what it is laid beside.
    """

    word: str = ""
    stage: int | None = None
    role: int | None = None
    level: Level | Literal["none"] | None = None
    findings: bool = False
    differs: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked, so that every row is wanted."""
        asked = self.word.strip() or self.findings or self.differs
        return not (asked or any(v is not None for v in (self.stage, self.role, self.level)))


def find(grid: Grid, wanted: Wanted, flagged: Collection[int] = (), differing: Collection[int] = ()) -> tuple[int, ...]:
    """The ids of the wanted activities, in the order of the grid.

    `flagged` holds the ids of the activities with findings, `differing` of those that differ. A stage or role that is
    not in the grid matches nothing.
    """
    rows = grid.activities
    if wanted.stage is not None:
        rows = tuple(row for row in rows if row.stage == wanted.stage)
    if wanted.findings:
        ids = frozenset(flagged)
        rows = tuple(row for row in rows if row.id in ids)
    if wanted.differs:
        ids = frozenset(differing)
        rows = tuple(row for row in rows if row.id in ids)
    if wanted.role is not None or wanted.level is not None:
        rows = tuple(row for row in rows if _has_level(grid, row, wanted))
    if words := _plain(wanted.word).split():
        rows = tuple(row for row in rows if _has_words(row, words))
    return tuple(row.id for row in rows)


def role_rows(grid: Grid, role: int) -> dict[Level | None, tuple[Activity, ...]]:
    """The activities of one role by its level in them: every level, deepest first, then None for not involved."""
    rows: dict[Level | None, list[Activity]] = {level: [] for level in (*Level, None)}
    for activity in grid.activities:
        rows[grid.level(activity.id, role)].append(activity)
    return {level: tuple(activities) for level, activities in rows.items()}


def _has_level(grid: Grid, activity: Activity, wanted: Wanted) -> bool:
    levels = grid.cells.get(activity.id, {})
    if wanted.role is None:
        return _some_role_has(grid, levels, wanted.level)
    if all(role.id != wanted.role for role in grid.roles):
        return False
    level = levels.get(wanted.role)
    if wanted.level is None:
        return level is not None
    return level is (None if wanted.level == "none" else wanted.level)


def _some_role_has(grid: Grid, levels: Mapping[int, Level], level: Level | Literal["none"] | None) -> bool:
    asked = None if level == "none" else level
    return any(levels.get(role.id) is asked for role in grid.roles)


def _has_words(activity: Activity, words: list[str]) -> bool:
    people = (person.name for person in activity.people)
    text = _plain("\n".join((activity.name, activity.description, activity.notes, *people)))
    return all(word in text for word in words)


def _plain(text: str) -> str:
    """The text as searching sees it: lower case, compatible forms made one, accents taken off."""
    if text.isascii():  # most text is, and the long way costs about 20 times as much
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in apart if not unicodedata.combining(c))
