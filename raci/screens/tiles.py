"""Several matrices at once, as the list shows them: as many queries for a hundred as for one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from raci.grid.checks import Tally
from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Grid
from raci.grid.grid import Role as GridRole
from raci.grid.grid import Stage as GridStage
from raci.grid.levels import Level
from raci.matrices.models import Activity, Assignment, Change, Matrix, Role, Stage
from raci.matrices.store import departures_of
from raci.workspaces.models import Workspace

from .findings import check
from .picture import Picture, picture
from .sources import house_grids

_LEVELS = {level.value: level for level in Level}


@dataclass(frozen=True, slots=True)
class Tile:
    """One matrix in use; `last` is its latest change."""

    matrix: Matrix
    activities: int
    roles: int
    picture: Picture
    tally: Tally
    last: Change | None


@dataclass(frozen=True, slots=True)
class Archived:
    """One matrix that was put away, and its latest change: putting it away."""

    matrix: Matrix
    last: Change | None


def overview(workspace: Workspace) -> tuple[list[Tile], list[Archived]]:
    """The matrices in use and the archived ones, each by name; six queries, and one for house references that this
    process has not read yet."""
    known = Matrix.objects.filter(workspace=workspace).select_related("culture", "house").defer("house__grid")
    rows = list(known.order_by("name", "pk"))
    live = [matrix for matrix in rows if not matrix.is_archived]
    house_grids(matrix.house for matrix in live if matrix.house)  # which the checks ask for one by one
    grids, last = _grids(live), _last_changes(rows)
    tiles = [_tile(matrix, grids[matrix.pk], last.get(matrix.pk)) for matrix in live]
    return tiles, [Archived(matrix, last.get(matrix.pk)) for matrix in rows if matrix.is_archived]


def _tile(matrix: Matrix, grid: Grid, last: Change | None) -> Tile:
    tally = check(matrix, grid).tally
    return Tile(matrix, len(grid.activities), len(grid.roles), picture(grid), tally, last)


def _last_changes(matrices: Sequence[Matrix]) -> dict[int, Change]:
    """Matrix id -> its latest change, without what it changed."""
    changes = Change.objects.filter(matrix__in=matrices, revision=F("matrix__revision")).order_by()
    return {change.matrix_id: change for change in changes.select_related("by").defer("edits", "names")}


def _grids(matrices: Sequence[Matrix]) -> dict[int, Grid]:
    """Matrix id -> grid with all that pictures and checks look at: no descriptions, notes or people."""
    stages: defaultdict[int, list[GridStage]] = defaultdict(list)
    for matrix, pk, name in Stage.objects.filter(matrix__in=matrices).values_list("matrix_id", "id", "name"):
        stages[matrix].append(GridStage(pk, name))
    roles: defaultdict[int, list[GridRole]] = defaultdict(list)
    fields = ("matrix_id", "id", "name", "origin", "headcount")
    for matrix, pk, name, origin, headcount in Role.objects.filter(matrix__in=matrices).values_list(*fields):
        roles[matrix].append(GridRole(pk, name, origin=origin, headcount=headcount))
    activities: defaultdict[int, list[GridActivity]] = defaultdict(list)
    rows = Activity.objects.filter(matrix__in=matrices)
    for matrix, pk, name, stage, origin, deliverer, kept in rows.values_list(
        "matrix_id", "id", "name", "stage_id", "origin", "deliverer_id", "departures"
    ):
        row = GridActivity(pk, name, stage, origin, deliverer=deliverer, departures=departures_of(kept))
        activities[matrix].append(row)
    cells: defaultdict[int, defaultdict[int, dict[int, Level]]] = defaultdict(lambda: defaultdict(dict))
    levels = Assignment.objects.filter(role__matrix__in=matrices)
    for matrix, activity, role, letter in levels.values_list("role__matrix_id", "activity_id", "role_id", "level"):
        cells[matrix][activity][role] = _LEVELS[letter]
    return {
        matrix.pk: Grid(
            _in_reading_order(activities[matrix.pk], stages[matrix.pk]),
            tuple(roles[matrix.pk]),
            tuple(stages[matrix.pk]),
            cells[matrix.pk],
            matrix.culture_id or "",
        )
        for matrix in matrices
    }


def _in_reading_order(activities: list[GridActivity], stages: list[GridStage]) -> tuple[GridActivity, ...]:
    place: dict[int | None, int] = {stage.id: n for n, stage in enumerate(stages, start=1)}
    return tuple(sorted(activities, key=lambda activity: place.get(activity.stage, 0)))
