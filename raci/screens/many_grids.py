"""The grids of several matrices, with as many queries for a hundred as for one."""

from collections import defaultdict
from collections.abc import Sequence

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.grid import Stage as GridStage
from raci.grid.levels import Level
from raci.matrices.models import Activity, Assignment, Matrix, Role, Stage
from raci.matrices.store import departures_of

_LEVELS = {level.value: level for level in Level}
_OF_ROLES = ("name", "short", "origin", "purpose", "contact", "people", "headcount", "members", "answers")
_OF_ROWS = ("name", "stage_id", "origin", "description", "notes", "deliverer_id", "people", "departures")


def read_grids(matrices: Sequence[Matrix]) -> dict[int, Grid]:
    """Matrix id -> its grid; four queries."""
    stages, roles = _stages(matrices), _roles(matrices)
    activities, cells = _activities(matrices), _cells(matrices)
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


def _stages(matrices: Sequence[Matrix]) -> defaultdict[int, list[GridStage]]:
    found: defaultdict[int, list[GridStage]] = defaultdict(list)
    rows = Stage.objects.filter(matrix__in=matrices)
    for matrix, pk, name, origin in rows.values_list("matrix_id", "id", "name", "origin"):
        found[matrix].append(GridStage(pk, name, origin))
    return found


def _roles(matrices: Sequence[Matrix]) -> defaultdict[int, list[GridRole]]:
    found: defaultdict[int, list[GridRole]] = defaultdict(list)
    for row in Role.objects.filter(matrix__in=matrices).values("matrix_id", "id", *_OF_ROLES):
        lists = {field: tuple(row[field]) for field in ("people", "members")}
        found[row.pop("matrix_id")].append(GridRole(**{**row, **lists}))
    return found


def _activities(matrices: Sequence[Matrix]) -> defaultdict[int, list[GridActivity]]:
    found: defaultdict[int, list[GridActivity]] = defaultdict(list)
    rows = Activity.objects.filter(matrix__in=matrices).values_list("matrix_id", "id", *_OF_ROWS)
    for matrix, pk, name, stage, origin, description, notes, deliverer, people, kept in rows:
        named = tuple(Named(person["role"], person["name"], person["task"]) for person in people)
        row = GridActivity(pk, name, stage, origin, description, notes, deliverer, named, departures_of(kept))
        found[matrix].append(row)
    return found


def _cells(matrices: Sequence[Matrix]) -> defaultdict[int, defaultdict[int, dict[int, Level]]]:
    found: defaultdict[int, defaultdict[int, dict[int, Level]]] = defaultdict(lambda: defaultdict(dict))
    levels = Assignment.objects.filter(role__matrix__in=matrices)
    for matrix, activity, role, letter in levels.values_list("role__matrix_id", "activity_id", "role_id", "level"):
        found[matrix][activity][role] = _LEVELS[letter]
    return found


def _in_reading_order(activities: list[GridActivity], stages: list[GridStage]) -> tuple[GridActivity, ...]:
    place: dict[int | None, int] = {stage.id: n for n, stage in enumerate(stages, start=1)}
    return tuple(sorted(activities, key=lambda activity: place.get(activity.stage, 0)))
