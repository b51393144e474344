"""The matrix as its page shows it: the grid with what the checks say, its load, and the rows that were asked for."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from raci.grid.find import Wanted, find
from raci.grid.grid import Grid, Role
from raci.grid.levels import Level, Notation
from raci.grid.load import load
from raci.grid.rules import Finding, Severity, rules_in
from raci.matrices.models import Matrix
from raci.matrices.people import named
from raci.matrices.rows import Beside as Cell
from raci.matrices.rows import Mark, StageRows, Vital, load_html, row_of, seen_row_html, stage_rows
from raci.matrices.store import read_grid
from raci.publishing.models import Version
from raci.publishing.versions import latest_of
from raci.screens.findings import Checked, check
from raci.workspaces.access import MemberRequest

from .asked import notation, number_or_none
from .beside import Beside, beside, chosen
from .published_state import unpublished
from .vitals import vitals

_HELP = {
    Level.LEAD: "owns it and drives it",
    Level.SUPPORT: "does much of the work",
    Level.CONTRIBUTE: "gives input",
    Level.INFORMED: "hears of it",
}


LARGE = 2_000  # cells


@dataclass
class GridPage:
    """Everything the grid shows to anyone who may look; what differs by reader stands outside the rows."""

    matrix: Matrix
    grid: Grid
    notation: Notation
    wanted: Wanted
    beside: Beside | None = None

    @cached_property
    def checked(self) -> Checked:
        return check(self.matrix, self.grid, self.notation)

    @property
    def version(self) -> Version | None:
        """The version that people read."""
        return latest_of(self.matrix)

    @cached_property
    def unpublished(self) -> int:
        """How much has changed since."""
        return unpublished(self.matrix, self.grid)

    @cached_property
    def marks(self) -> dict[int, list[Mark]]:
        return {
            activity: [mark_of(f, self.notation) for f in found] for activity, found in self.checked.by_activity.items()
        }

    @cached_property
    def vitals(self) -> dict[int, Vital]:
        """Of each activity that does not go well, what comes first."""
        return vitals(self.matrix, self.grid)

    @cached_property
    def shown(self) -> tuple[int, ...]:
        """The ids of the activities that the filter leaves."""
        if self.wanted.is_empty:
            return tuple(activity.id for activity in self.grid.activities)
        return find(self.grid, self.wanted, self.flagged, self.cells_beside)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """The columns with the names of all who fill them; they are looked up where the heads are printed."""
        return named(self.grid.roles, self.matrix)

    @cached_property
    def cells_beside(self) -> Mapping[int, Mapping[int, Cell]]:
        """Activity -> role -> what the reference has there, of the cells that differ."""
        return self.beside.cells if self.beside else {}

    @property
    def flagged(self) -> Collection[int]:
        """The activities with an error or a warning."""
        return [a for a, marks in self.marks.items() if any(mark.kind != "note" for mark in marks)]

    @property
    def stages(self) -> list[StageRows]:
        only = None if self.wanted.is_empty else self.shown
        return stage_rows(self.grid, self.marks, self.notation, self.href, self.cells_beside, only, self.vitals)

    @property
    def is_large(self) -> bool:
        """From here on the browser lays rows out one by one, and only those in view."""
        return len(self.grid.activities) * len(self.grid.roles) >= LARGE

    @property
    def columns(self) -> int:
        """How many columns the table has, with the activity and its notes."""
        return len(self.grid.roles) + 2

    @property
    def levels(self) -> list[dict[str, str]]:
        return levels(self.notation)

    @property
    def loads(self) -> list[str]:
        loads = load(self.grid)
        return [load_html(loads[role.id], role.name, self.notation) for role in self.grid.roles]

    @property
    def href(self) -> Callable[[int], str]:
        """The page of an activity, without asking the URLconf for each."""
        start = reverse("activity", args=[self.matrix.workspace_id, self.matrix.pk, 1]).removesuffix("1/")
        return lambda activity: f"{start}{activity}/"

    def rows(self, activities: Collection[int]) -> list[dict[str, Any]]:
        """Just these rows, as answers to an edit carry them."""
        how = vitals(self.matrix, self.grid, activities)
        return [
            {
                "id": activity.id,
                "html": seen_row_html(
                    row_of(
                        self.grid,
                        activity,
                        self.marks.get(activity.id, ()),
                        self.notation,
                        self.href,
                        self.cells_beside.get(activity.id),
                        how.get(activity.id),
                    ),
                    self.matrix.revision,
                ),
            }
            for activity in self.grid.activities
            if activity.id in activities
        ]


def levels(notation: Notation) -> list[dict[str, str]]:
    """The four levels in the reader's notation, as the picker, the filter and the legend list them."""
    return [
        {
            "letter": level.value,
            "name": level.key,
            "key": notation.letter(level, delivers=False),
            "word": notation.word(level),
            "help": _HELP[level],
        }
        for level in Level
    ]


def mark_of(finding: Finding, notation: Notation) -> Mark:
    """A finding as the grid shows it: an error by the short name of its rule, the rest by its sentence."""
    text = rules_in(notation)[finding.rule].name if finding.severity is Severity.ERROR else finding.text
    return Mark(finding.activity or 0, finding.role, finding.severity.value, text)


def grid_page(
    request: MemberRequest,
    matrix: Matrix,
    asked: QueryDict,
    grid: Grid | None = None,
    only: Collection[int] | None = None,
) -> GridPage:
    """The matrix as this reader sees it; `asked` holds the filter, `only` the rows that are shown again."""
    grid, words = grid or read_grid(matrix), notation(request)
    return GridPage(matrix, grid, words, wanted(asked), beside(chosen(request), matrix, grid, words, only))


def wanted(asked: QueryDict) -> Wanted:
    """The filter of a page's address; a part that makes no sense is a 400."""
    letter = asked.get("level", "")
    return Wanted(
        word=asked.get("find", "")[:200],
        stage=number_or_none(asked.get("stage")),
        role=number_or_none(asked.get("role")),
        level="none" if letter == "none" else Level(letter) if letter in tuple(Level) else None,
        findings=bool(asked.get("findings")),
        differs=bool(asked.get("differs")),
    )
