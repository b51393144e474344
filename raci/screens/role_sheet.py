"""What is one role's in a version, as a page to read and to print."""

from dataclasses import dataclass
from functools import cached_property

from django.http import Http404

from raci.grid.find import role_rows
from raci.grid.grid import Activity, Role
from raci.grid.levels import Level
from raci.matrices.drafts import for_visitors
from raci.publishing.lineage import lineage_between
from raci.publishing.news import news_for
from raci.publishing.versions import grids_of

from .chips import Chip, chip
from .sheet import Sheet


@dataclass(frozen=True, slots=True)
class Item:
    """One activity of a role. `beside` says who leads it, where another role does."""

    activity: Activity
    stage: str
    beside: str
    delivers: bool


@dataclass(frozen=True, slots=True)
class Part:
    """The activities of a role at one level, deepest first."""

    chip: Chip
    verb: str
    items: tuple[Item, ...]


@dataclass
class RoleSheet:
    """What `_role_sheet.html` prints."""

    sheet: Sheet
    role: Role

    @cached_property
    def parts(self) -> list[Part]:
        rows, words = role_rows(self.sheet.grid, self.role.id), self.sheet.notation.words
        verbs = dict(zip(Level, (words.leads, words.supports, words.contributes, words.hears), strict=True))
        return [
            Part(chip(self.sheet.notation, level, delivers=False), verb, tuple(map(self._item, rows[level])))
            for level, verb in verbs.items()
            if rows[level]
        ]

    @cached_property
    def only_delivers(self) -> tuple[Item, ...]:
        """What the role delivers without a level of its own in it."""
        grid = self.sheet.grid
        rows = (
            row for row in grid.activities if row.deliverer == self.role.id and not grid.level(row.id, self.role.id)
        )
        return tuple(map(self._item, rows))

    @cached_property
    def news(self) -> tuple[str, ...]:
        """What changed for the role since the version before."""
        version, before = self.sheet.version, self.sheet.facts.before
        if before is None:
            return ()
        grids = {pk: for_visitors(grid) for pk, grid in grids_of([before, version]).items()}
        lineage = lineage_between(before, version)
        return news_for(grids[before.pk], grids[version.pk], self.role.id, self.sheet.notation, lineage)

    def _item(self, row: Activity) -> Item:
        grid = self.sheet.grid
        stages = {stage.id: stage.name for stage in grid.stages}
        names = {role.id: role.name for role in grid.roles}
        lead = grid.lead(row.id)
        beside = "" if lead in (None, self.role.id) else f"{names[lead]} {self.sheet.notation.words.leads}"
        delivers = row.deliverer == self.role.id and lead != self.role.id
        return Item(row, stages.get(row.stage or 0, ""), beside, delivers)


def role_sheet(sheet: Sheet, role: int) -> RoleSheet:
    """The part of one role; 404 for one the version does not have."""
    found = next((each for each in sheet.grid.roles if each.id == role), None)
    if found is None:
        raise Http404
    return RoleSheet(sheet, found)
