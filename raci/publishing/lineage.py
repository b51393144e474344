"""Which roles were merged into others, and which were split off others, between two states of a matrix: the log knows
what the two grids do not show."""

from collections.abc import Hashable
from threading import Lock

from raci.grid.grid import Grid
from raci.matrices.models import Change, Matrix

from .models import Version
from .news_sides import UNKNOWN, Lineage
from .versions import grid_of, grids_of

MOST_KEPT = 1_024

_kept: dict[Hashable, Lineage] = {}  # neither version of a pair ever changes
_lock = Lock()


def lineage_between(before: Version | None, after: Version) -> Lineage:
    """What the log says of the roles that came or went between two versions, the former of which is given first.

    No query where both have the same roles or this process has read it before, and their grids; else one.
    """
    if before is None or before.number >= after.number:
        return UNKNOWN
    grids = grids_of([before, after])
    if _same_roles(grids[before.pk], grids[after.pk]):
        return UNKNOWN
    key = tuple((version.pk, version.digest, version.published_at) for version in (before, after))
    with _lock:
        found = _kept.get(key)
    if found is None:
        found = read_lineage(before.matrix_id, before.revision, after.revision)
        with _lock:
            if len(_kept) >= MOST_KEPT:
                _kept.clear()
            _kept[key] = found
    return found


def lineage_since(version: Version, matrix: Matrix, grid: Grid) -> Lineage:
    """The same between a version and `grid`, which is the matrix as it is; one query, none where both have the same
    roles."""
    if matrix.revision <= version.revision or _same_roles(grid_of(version), grid):
        return UNKNOWN
    return read_lineage(matrix.pk, version.revision, matrix.revision)


def _same_roles(one: Grid, two: Grid) -> bool:
    return {role.id for role in one.roles} == {role.id for role in two.roles}


def read_lineage(matrix: int, start: int, end: int) -> Lineage:
    """What was merged and split after one revision and up to another. A role that was removed after all was not merged;
    one that went on into a third is in that one."""
    merged: dict[int, int] = {}
    split: dict[int, int] = {}
    log = Change.objects.filter(matrix=matrix, revision__gt=start, revision__lte=end)
    log = log.filter(kind__in=("role_merge", "role_split", "role_remove")).order_by("revision")
    for kind, edits, names in log.values_list("kind", "edits", "names"):
        other = int(names.get("about", {}).get("other", 0))
        for edit in edits:
            if edit["table"] != "role":
                continue
            if edit["after"] is None:
                merged.pop(edit["id"], None)
                if kind == "role_merge" and other:
                    merged |= {role: other for role, into in merged.items() if into == edit["id"]}
                    merged[edit["id"]] = other
            elif kind == "role_split" and edit["before"] is None and other:
                split[edit["id"]] = other
    return Lineage(merged, split)
