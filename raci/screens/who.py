"""Whom to ask about something: the activities a question may mean, who leads and who delivers each, how to reach them.

Pure: it answers from one grid, for members and for visitors alike. What a reader may not see must not be found either,
so it is taken out of the grid before it is searched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from raci.grid.find import IN_DESCRIPTION, asked_about
from raci.grid.grid import Activity, Grid, Named, Role
from raci.grid.levels import Level, Notation
from raci.grid.text import normalised

from .chips import Chip, chip


@dataclass(frozen=True, slots=True)
class Holder:
    """A role that leads or delivers, and how to reach it, "" where nobody said. `named` are those of the role who are
    named on the activity itself, `people` the others who fill it."""

    role: Role
    people: tuple[str, ...]
    named: tuple[Named, ...]
    contact: str


@dataclass(frozen=True, slots=True)
class Place:
    """The version an answer is from, and where it stands."""

    matrix: str
    version: str
    url: str


@dataclass(frozen=True, slots=True)
class Holding:
    """Whom to ask about one activity. `deliverer` is None where the Lead does the work itself; `place` where a page
    shows one version alone. `rank` is that of raci.grid.find: 0 for the best. `because` is the description, where the
    question is found nowhere else."""

    activity: Activity
    stage: str
    lead: Holder | None
    deliverer: Holder | None
    chip: Chip
    rank: int
    because: str = ""
    place: Place | None = None


def answers(
    grid: Grid,
    q: str,
    *,
    notation: Notation = Notation.LEAD_SUPPORT,
    shows_people: bool = False,
    mails: Mapping[int, str] | None = None,
    place: Place | None = None,
) -> list[Holding]:
    """What a grid answers to a question, best first; nothing to an empty one.

    `roles` of the grid have the names of all who fill them (see raci.matrices.people.named). Without `shows_people`
    no name and no contact is told, nor searched for. `mails` maps role ids to the address of who answers for them,
    told where a role has no contact: for members alone, whose question is also looked for in descriptions.
    """
    searched = grid if shows_people and mails is not None else _without(grid, people=not shows_people)
    stages = {stage.id: stage.name for stage in grid.stages}
    holders = _Holders(searched, mails or {})
    return [
        Holding(
            activity=row,
            stage=stages.get(row.stage or 0, ""),
            lead=holders.of(searched.lead(row.id), row),
            deliverer=holders.of(row.deliverer, row) if row.deliverer != searched.lead(row.id) else None,
            chip=chip(notation, Level.LEAD, delivers=row.deliverer in (None, searched.lead(row.id))),
            rank=rank,
            because=row.description if rank == IN_DESCRIPTION else "",
            place=place,
        )
        for rank, row in asked_about(searched, q)
    ]


def best(found: Iterable[Holding]) -> list[Holding]:
    """The answers of several grids, best first."""
    return sorted(found, key=lambda answer: answer.rank)


@dataclass(frozen=True, slots=True)
class _Holders:
    grid: Grid
    mails: Mapping[int, str]

    def of(self, role: int | None, row: Activity) -> Holder | None:
        found = next((one for one in self.grid.roles if one.id == role), None)
        if found is None:
            return None
        named = tuple(person for person in row.people if person.role == found.id)
        known = {normalised(person.name) for person in named}
        others = tuple(name for name in found.people if normalised(name) not in known)
        return Holder(found, others, named, found.contact or self.mails.get(found.id, ""))


def _without(grid: Grid, *, people: bool) -> Grid:
    """The grid without descriptions, and without `people` too: names and contacts."""
    roles = tuple(replace(role, people=(), contact="") for role in grid.roles) if people else grid.roles
    rows = (replace(row, description="", people=() if people else row.people) for row in grid.activities)
    return replace(grid, roles=roles, activities=tuple(rows))
