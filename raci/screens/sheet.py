"""The published sheet: one version as those read it whom it was published for, members and visitors alike.

What a reader may not see is taken out of the grid before anything else looks at it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from raci.accounts.models import User
from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.matrices.drafts import for_visitors
from raci.matrices.people import filled, filling
from raci.publishing.due import next_review
from raci.publishing.lineage import lineage_between
from raci.publishing.models import Publication, Version
from raci.publishing.news import News, news
from raci.publishing.signing import signatures
from raci.publishing.versions import grids_of, latest_of

from .grid_page import levels
from .static_grid import StaticGrid, static_grid
from .who import Holding, answers


@dataclass(frozen=True, slots=True)
class Facts:
    """What stands beside a version and may change after it: all of a sheet that the version itself does not say.

    `publisher` is "" where names are not shown, or that account is gone. `latest` is the number of the version in
    force; `before` the one this one follows. `people` maps role ids to the names of members who fill them now, `signed`
    to who signed for them.
    """

    publisher: str
    latest: int
    before: Version | None
    next_review: date
    is_archived: bool
    people: Mapping[int, tuple[str, ...]]
    signed: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What `_sheet.html` prints. `grid` holds what its readers may see and no more. `role` is the column in focus."""

    version: Version
    facts: Facts
    grid: Grid
    news: News | None
    notation: Notation
    shows_people: bool
    role: int | None = None

    @property
    def static(self) -> StaticGrid:
        rows = self.news.activities if self.news else ()
        tags = {row.activity: "new" if row.is_new else "changed" for row in rows if not row.is_gone}
        return static_grid(self.grid, self.notation, tags)

    @property
    def title(self) -> str:
        return f"{self.version.name}: who {self.notation.words.leads} what"

    @property
    def levels(self) -> list[dict[str, str]]:
        return levels(self.notation)

    @property
    def agreed(self) -> tuple[str, ...]:
        """Who signed, in the order of the columns: by name where names are shown, else by role."""
        signed = self.facts.signed
        roles = [role for role in self.grid.roles if role.id in signed]
        named = (signed[role.id] if self.shows_people else role.name for role in roles)
        return tuple(dict.fromkeys(name or role.name for name, role in zip(named, roles, strict=True)))

    @property
    def is_in_force(self) -> bool:
        return self.version.number == self.facts.latest

    @property
    def has_deliverers(self) -> bool:
        """Whether any row is delivered by another role than its Lead, so that the mark for it is explained."""
        return any(row.deliverer not in (None, self.grid.lead(row.id)) for row in self.grid.activities)

    def answers(self, q: str) -> list[Holding]:
        """Whom to ask about something, as far as this sheet tells it."""
        return answers(self.grid, q, notation=self.notation, shows_people=self.shows_people)


def sheet(
    version: Version,
    *,
    notation: Notation,
    shows_people: bool,
    shows_reasons: bool = False,
    role: int | None = None,
    facts: Facts | None = None,
) -> Sheet:
    """A version as its readers may see it: `shows_people` tells who fills each role and how to reach them,
    `shows_reasons` why rows are unlike the reference. The version has its matrix, read as `asked.matrix_of` does.
    """
    known = facts or facts_of(version, shows_people=shows_people)
    grids = grids_of([version, known.before] if known.before else [version])
    told = grids if shows_reasons else {pk: for_visitors(grid) for pk, grid in grids.items()}
    return Sheet(
        version=version,
        facts=known,
        grid=grid_for(grids[version.pk], known.people, shows_people=shows_people),
        news=news(told[known.before.pk], told[version.pk], notation, lineage_between(known.before, version))
        if known.before
        else None,
        notation=notation,
        shows_people=shows_people,
        role=role,
    )


def facts_of(version: Version, *, shows_people: bool) -> Facts:
    """At most four queries: the version before, signatures, and, where they are shown, those who fill the roles."""
    matrix = version.matrix
    latest = latest_of(matrix) or version
    signed = signatures(matrix.pk, version.digest)
    return Facts(
        publisher=_name(version.published_by) if shows_people else "",
        latest=latest.number,
        before=version.before,
        next_review=next_review(_publication(version), latest),
        is_archived=matrix.is_archived,
        people=_people(version) if shows_people else {},
        signed={role: _name(each.by) if shows_people else "" for role, each in signed.items()},
    )


def grid_for(grid: Grid, people: Mapping[int, Sequence[str]], *, shows_people: bool) -> Grid:
    """The grid without what is the team's own; with `shows_people`, who fills each role, by the names that were typed
    and those of `people`, and how to reach them."""
    bare = for_visitors(grid)
    if not shows_people:
        return bare
    known = zip(bare.roles, filled(grid, people).roles, strict=True)
    roles = tuple(replace(role, people=full.people, contact=full.contact) for role, full in known)
    return replace(bare, roles=roles)


def _publication(version: Version) -> Publication:
    """That of its matrix, which was read with it or is read now; there is one, for there is a version."""
    return version.matrix.publication


def _people(version: Version) -> dict[int, tuple[str, ...]]:
    """Role id -> the names of the members who fill it now, whenever the version was published."""
    held = filling(version.matrix.workspace_id, [version.matrix_id])
    return {role: each.names for role, each in held.items()}


def _name(user: User | None) -> str:
    return str(user) if user else ""
