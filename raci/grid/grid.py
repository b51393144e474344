"""The one value: a matrix as plain, frozen Python, whatever it was made from.

The live matrix, a culture's reference, a published version, an imported file, a what-if: each is made into a
`Grid`, and every question about it is a pure function of this package.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from .levels import Level

MAX_ACTIVITIES = 1_000
MAX_ROLES = 100
MAX_CELLS = 30_000


@dataclass(frozen=True, slots=True)
class Stage:
    """A named group of rows."""

    id: int
    name: str
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """A column. `contact` says how to reach those who fill it, as typed: an address, a page, a channel. `people` are
    the names of those who do, as typed; `members` the ids of accounts that do, of which `answers` is the one who
    answers for it. `headcount` is None where nobody has stated it."""

    id: int
    name: str
    short: str = ""
    origin: str = ""
    purpose: str = ""
    people: tuple[str, ...] = ()
    headcount: int | None = None
    members: tuple[int, ...] = ()
    answers: int | None = None
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A person named on an activity: the role they are in, and a word what for."""

    role: int
    name: str
    task: str = ""


@dataclass(frozen=True, slots=True)
class Departure:
    """Why the level of one cell is kept although a reference has another there.

    `against` is the key of that reference and `theirs` its level when this was decided; `until` is the last day it is
    meant to hold, None for as long as the level stands; `by` is the id of the account that decided.
    """

    role: int
    against: str
    theirs: Level | None
    reason: str
    until: date | None = None
    by: int | None = None

    def has_ended(self, today: date) -> bool:
        """Whether it is to be decided again."""
        return self.until is not None and self.until < today


@dataclass(frozen=True, slots=True)
class Activity:
    """A row. `stage` is a Stage id or None; `deliverer` is the role that does the work when the Lead does not."""

    id: int
    name: str
    stage: int | None = None
    origin: str = ""
    description: str = ""
    notes: str = ""
    deliverer: int | None = None
    people: tuple[Named, ...] = ()
    departures: tuple[Departure, ...] = ()


@dataclass(frozen=True, slots=True)
class Grid:
    """Ordered activities and roles, and the level in each cell.

    `activities` stand in the order they are read, so those of one stage follow each other. `cells` maps activity id ->
    role id -> Level and holds no blank cells. `origin` of an activity or role is the key of the catalogue entry it came
    from, kept through rename and copy. `culture` is the key of the culture the matrix follows, or "".
    """

    activities: tuple[Activity, ...] = ()
    roles: tuple[Role, ...] = ()
    stages: tuple[Stage, ...] = ()
    cells: Mapping[int, Mapping[int, Level]] = field(default_factory=dict)
    culture: str = ""

    def level(self, activity: int, role: int) -> Level | None:
        """The level in one cell, None where the role is not involved."""
        return self.cells.get(activity, {}).get(role)

    def row(self, activity: int) -> tuple[Level | None, ...]:
        """The levels of one activity, in the order of `roles`."""
        levels = self.cells.get(activity, {})
        return tuple(levels.get(role.id) for role in self.roles)

    def leads(self, activity: int) -> tuple[int, ...]:
        """The ids of the roles that lead: one in a sound matrix, more only in drafts of imports."""
        levels = self.cells.get(activity, {})
        return tuple(role.id for role in self.roles if levels.get(role.id) is Level.LEAD)

    def lead(self, activity: int) -> int | None:
        """The id of the role that leads, None where nobody does yet."""
        return next(iter(self.leads(activity)), None)

    def by_stage(self) -> Iterator[tuple[Stage | None, tuple[Activity, ...]]]:
        """Each stage with its activities, empty stages too; activities without a stage come first, under None."""
        loose = tuple(a for a in self.activities if a.stage is None)
        if loose:
            yield None, loose
        for stage in self.stages:
            yield stage, tuple(a for a in self.activities if a.stage == stage.id)
