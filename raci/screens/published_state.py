"""How much is new since a version: in the matrix as it is, or in a later version."""

from collections.abc import Callable
from datetime import datetime

from raci.grid.grid import Grid
from raci.matrices.models import Matrix
from raci.publishing.models import Version
from raci.publishing.news import News, news
from raci.publishing.versions import grid_of, grids_of, latest_of

MOST_KEPT = 1_024
_Key = tuple[int, str, int, str | datetime, int]
_counts: dict[_Key, int] = {}


def unpublished(matrix: Matrix, grid: Grid) -> int:
    """How many things are new in `grid`, which is the matrix as it is, since its latest version; 0 where it has none.

    No query where this process has read the version before.
    """
    latest = latest_of(matrix)
    if latest is None or latest.is_what_stands(matrix.revision):
        return 0
    # A digest, or the moment it was made, tells apart what shares an id.
    key = (latest.pk, latest.digest, matrix.pk, matrix.created_at, matrix.revision)
    return _kept(key, lambda: news(grid_of(latest), grid))


def changes_between(before: Version, after: Version) -> int:
    """How many things are new in a version since another; one query at most."""

    def found() -> News:
        grids = grids_of([before, after])
        return news(grids[before.pk], grids[after.pk])

    return _kept((before.pk, before.digest, after.pk, after.digest, 0), found)


def _kept(key: _Key, found: Callable[[], News]) -> int:
    """The count as this process has it, or as it is found now."""
    if (count := _counts.get(key)) is None:
        if len(_counts) >= MOST_KEPT:
            _counts.clear()
        count = _counts[key] = found().count
    return count
