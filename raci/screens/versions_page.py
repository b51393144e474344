"""The versions of a matrix as a list, and what is new between any two of them, or the matrix as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404

from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.grid.text import counted
from raci.matrices.models import Matrix
from raci.matrices.store import read_grid
from raci.publishing.lineage import lineage_between, lineage_since
from raci.publishing.models import Version
from raci.publishing.news import News, news
from raci.publishing.news_sides import UNKNOWN, Lineage
from raci.publishing.signing import roles_to_sign, signed_counts
from raci.publishing.versions import grid_of, grids_of, latest_of

from .asked import number_or_none, version_of
from .published_state import changes_between

A_PAGE = 10  # the grid of each is read
DRAFT, LATEST = "draft", "latest"


@dataclass(frozen=True, slots=True)
class Line:
    """One version of the list. `changes` says how much is new since `before`, "" for the first. `signed` of `to_sign`
    roles are signed for. `can_restore` says that the matrix has moved on from it."""

    version: Version
    before: int | None
    changes: str
    signed: int
    to_sign: int
    can_restore: bool


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: `key` is how the address names it, `version` None for the matrix as it is."""

    key: str
    grid: Grid
    version: Version | None = None

    @property
    def name(self) -> str:
        """As a sentence has it."""
        return f"version {self.version.number}" if self.version else "the draft"


def lines(matrix: Matrix, before: int | None) -> tuple[list[Line], int | None]:
    """The versions, newest first, or those before that number; and the number from which older ones go on, if any.

    Three queries at most.
    """
    rows = Version.objects.filter(matrix=matrix).defer("grid").select_related("published_by", "letter")
    found = list(rows.filter(number__lt=before)[: A_PAGE + 1] if before else rows[: A_PAGE + 1])
    shown, further = found[:A_PAGE], found[A_PAGE:]
    grids = grids_of(found)
    signed = signed_counts(matrix.pk, {version.digest for version in shown}) if shown else {}
    former = dict(zip((version.pk for version in shown), [*shown[1:], *further], strict=False))
    made = [_line(matrix, version, former.get(version.pk), grids, signed[version.digest]) for version in shown]
    return made, shown[-1].number if further else None


def side(matrix: Matrix, asked: str) -> Side:
    """What one side of an address names: a number, the latest version, or the matrix as it is; 404 for no version."""
    if asked == DRAFT:
        return Side(DRAFT, read_grid(matrix))
    version = latest_of(matrix) if asked == LATEST else version_of(matrix, number_or_none(asked) or 0)
    if version is None:
        raise Http404
    return Side(str(version.number), grid_of(version), version)


@dataclass(frozen=True, slots=True)
class Changes:
    """What is new between two sides, and all that could stand on either."""

    before: Side
    after: Side
    numbers: Sequence[tuple[int, datetime]]
    found: News

    @property
    def sentence(self) -> str:
        """What is said where nothing is new; "" where something is."""
        if self.before.key == self.after.key:
            return "That is the same on both sides. Choose two that are not."
        if not self.found.is_empty:
            return ""
        return f"Both say the same: {self.before.name} and {self.after.name}."

    @property
    def many(self) -> str:
        """How much is new."""
        return counted(self.found.count, "change")


def changes(matrix: Matrix, before: str, after: str, notation: Notation) -> Changes:
    """The two sides of an address beside each other; two queries at most besides those of the sides."""
    one, two = side(matrix, before), side(matrix, after)
    numbers = list(Version.objects.filter(matrix=matrix).values_list("number", "published_at"))
    return Changes(one, two, numbers, news(one.grid, two.grid, notation, _lineage(matrix, one, two)))


def _lineage(matrix: Matrix, before: Side, after: Side) -> Lineage:
    """What is known of the roles that came or went between the two, where the first is the earlier one."""
    if before.version is None:
        return UNKNOWN
    if after.version is None:
        return lineage_since(before.version, matrix, after.grid)
    return lineage_between(before.version, after.version)


def _line(matrix: Matrix, version: Version, before: Version | None, grids: Mapping[int, Grid], signed: int) -> Line:
    changes = ""
    if before is not None:
        many = changes_between(before, version)
        changes = f"{counted(many, 'change') if many else 'nothing new'} since version {before.number}"
    return Line(
        version=version,
        before=before.number if before else None,
        changes=changes,
        signed=signed,
        to_sign=len(roles_to_sign(grids[version.pk])),
        can_restore=not version.is_what_stands(matrix.revision),
    )
