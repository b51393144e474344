"""What changed in a matrix since a revision, as the fragments that bring a page up to date.

They differ between readers by notation and by what the matrix is laid beside, and by nothing else: readers of one
variant at one revision are sent the same bytes.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string

from raci.grid.find import Wanted
from raci.grid.grid import Grid
from raci.grid.levels import Notation
from raci.matrices.models import Change, Matrix
from raci.matrices.store import grid_after, read_grid
from raci.screens.asked import notation
from raci.screens.beside import beside, chosen
from raci.screens.grid_page import GridPage

MOST_ROWS = 60  # more touched rows than this, and the page fetches the whole table
MOST_CHANGES = 200  # likewise


@dataclass(frozen=True, slots=True)
class Variant:
    """What rows are rendered for: the notation, and the key of what the matrix is laid beside (see beside.py)."""

    notation: Notation
    beside: str

    @classmethod
    def of(cls, request: HttpRequest) -> "Variant":
        return cls(notation(request), chosen(request))


@dataclass(frozen=True, slots=True)
class News:
    """Up to which revision, and the ids of the rows to show again; None where the whole table is to be fetched."""

    revision: int
    rows: frozenset[int] | None


def news_since(matrix: Matrix, revision: int) -> News:
    """What a page that shows `revision` must show again; one query."""
    return news_of(matrix, revision, changes_between(matrix, revision))


def changes_between(matrix: Matrix, revision: int) -> list[Change]:
    """The changes after `revision` up to that of `matrix`, the oldest first; at most one more than are looked at."""
    found = Change.objects.filter(matrix=matrix, revision__gt=revision, revision__lte=matrix.revision)
    return list(found.order_by("revision").only("matrix_id", "revision", "kind", "edits")[: MOST_CHANGES + 1])


def news_of(matrix: Matrix, revision: int, changes: Collection[Change]) -> News:
    """The same from the changes since."""
    rows = frozenset[int]().union(*(change.touched() for change in changes))
    few = len(changes) <= MOST_CHANGES and len(rows) <= MOST_ROWS
    whole = not few or revision > matrix.revision or any(change.is_structural() for change in changes)
    return News(matrix.revision, None if whole else rows)


def grid_now(matrix: Matrix, known: tuple[int, Grid] | None, changes: Iterable[Change]) -> Grid:
    """The Grid of the matrix: the `known` one of an earlier revision with the changes since, or read anew."""
    if known is None:
        return read_grid(matrix)
    revision, grid = known
    for change in changes:
        if change.revision <= revision:
            continue
        following = grid_after(grid, change) if change.revision == revision + 1 else None
        if following is None:
            return read_grid(matrix)
        revision, grid = change.revision, following
    return grid if revision == matrix.revision else read_grid(matrix)


def fragments(matrix: Matrix, grid: Grid, rows: frozenset[int], variant: Variant) -> str:
    """The rows, the load and the counts, each for its own place on the page."""
    laid = beside(variant.beside, matrix, grid, variant.notation, only=rows)
    page = GridPage(matrix, grid, variant.notation, Wanted(), laid)
    return render_to_string("screens/changes.htmx.html", {"page": page, "rows": page.rows(rows)})
