"""Which activities a reader asked to see: by word, stage, role, level, because a check found something, or because they
want to know whom to ask."""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from .grid import Activity, Grid
from .levels import Level

IN_DESCRIPTION = 6  # the rank of what is found there alone
_WORDS = re.compile(r"\w+")
_ASKING = frozenset(
    {"a", "about", "and", "are", "ask", "do", "does", "for", "i", "in", "is", "lead", "leads", "of", "on", "or", "our"}
    | {"owns", "responsible", "the", "to", "we", "what", "who", "whom"}
)  # what belongs to the question, where anything else was typed


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


class Match(NamedTuple):
    """An activity that may be meant; `rank` is 0 for the best."""

    rank: int
    activity: Activity


def asked_about(grid: Grid, question: str) -> list[Match]:
    """The activities somebody may mean who asks whom to ask, best first, then in the order of the grid.

    Every word of the question is in them, but for those that only ask. Best is a name that starts with the question;
    then one in which each word starts a word; then one that has each word inside. After those come the words with
    the stage, with the roles that lead or deliver it and with who fills them; then names with words that start alike,
    as "prices" and "Pricing" do; last, what has them in its description.
    """
    phrase = _plain(question).strip()
    words = _WORDS.findall(phrase)
    words = [word for word in words if word not in _ASKING] or words
    if not words:
        return []
    stages = {stage.id: stage.name for stage in grid.stages}
    roles = {role.id: "\n".join((role.name, role.short, *role.people)) for role in grid.roles}
    found = []
    for row in grid.activities:
        around = (
            stages.get(row.stage or 0, ""),
            *(roles.get(role or 0, "") for role in (grid.lead(row.id), row.deliverer)),
        )
        rank = _rank(phrase, words, row, "\n".join((*around, *(person.name for person in row.people))))
        if rank is not None:
            found.append(Match(rank, row))
    return sorted(found, key=lambda match: match.rank)


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


def _rank(phrase: str, words: list[str], row: Activity, around: str) -> int | None:
    name = _plain(row.name)
    if name.startswith(phrase):
        return 0
    if _starts(words, name):
        return 1
    if _inside(words, name):
        return 2
    beside = f"{name}\n{_plain(around)}"
    if _starts(words, beside):
        return 3
    if _inside(words, beside):
        return 4
    if _starts([_stem(word) for word in words], name):
        return 5
    return IN_DESCRIPTION if _inside(words, f"{beside}\n{_plain(row.description)}") else None


def _starts(words: list[str], text: str) -> bool:
    begun = _WORDS.findall(text)
    return all(any(one.startswith(word) for one in begun) for word in words)


def _inside(words: list[str], text: str) -> bool:
    return all(word in text for word in words)


def _stem(word: str) -> str:
    """Its beginning, which other forms of it share: the better part of a long word, all of a short one."""
    return word if len(word) < 5 else word[: max(4, len(word) - 3)]


def _plain(text: str) -> str:
    """The text as searching sees it: lower case, compatible forms made one, accents taken off."""
    if text.isascii():  # most text is, and the long way costs about 20 times as much
        return text.lower()
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(c for c in apart if not unicodedata.combining(c))
