"""Between the tables and plain values: rows read as a `State`, edits written back. Only operations.py calls `write`."""

from collections import defaultdict
from collections.abc import Collection
from copy import deepcopy
from typing import Any

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.grid import Stage as GridStage
from raci.grid.levels import Level

from .edits import Edit, Row, State
from .models import Activity, Assignment, Matrix, Role, Stage

FIELDS: dict[str, tuple[str, ...]] = {
    "matrix": ("name", "culture_id", "is_archived", "asides", "rules_off"),
    "stage": ("name", "origin", "position"),
    "role": ("name", "short", "origin", "purpose", "people", "headcount", "position"),
    "activity": (
        "name",
        "stage_id",
        "origin",
        "description",
        "notes",
        "deliverer_id",
        "people",
        "position",
    ),
}
MODELS: dict[str, Any] = {"matrix": Matrix, "stage": Stage, "role": Role, "activity": Activity}
_LEVELS = {level.value: level for level in Level}


def read_rows(matrix: int, table: str, ids: Collection[int] | None = None) -> dict[int, Row]:
    """The rows of one table, all of them or those with these ids; activities without their cells."""
    rows = MODELS[table].objects.order_by().filter(**({"pk": matrix} if table == "matrix" else {"matrix_id": matrix}))
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return {row.pop("id"): row for row in rows.values("id", *FIELDS[table])}


def read_cells(matrix: int, activities: Collection[int] | None = None) -> dict[int, dict[str, str]]:
    """Activity id -> role id as text -> letter."""
    cells = Assignment.objects.filter(activity__matrix_id=matrix)
    if activities is not None:
        cells = cells.filter(activity_id__in=activities)
    result: dict[int, dict[str, str]] = defaultdict(dict)
    for activity, role, level in cells.values_list("activity_id", "role_id", "level"):
        result[activity][str(role)] = level
    return result


def read_state(matrix: int) -> State:
    """The whole matrix as plain values."""
    state: State = {table: read_rows(matrix, table) for table in FIELDS}
    cells = read_cells(matrix)
    for activity, row in state["activity"].items():
        row["cells"] = cells.get(activity, {})
    return state


def read_grid(matrix: Matrix) -> Grid:
    """The matrix as a Grid, in four queries."""
    stages = Stage.objects.filter(matrix=matrix).values_list("id", "name", "origin")
    roles = Role.objects.filter(matrix=matrix).values_list(
        "id", "name", "short", "origin", "purpose", "people", "headcount"
    )
    activities = Activity.objects.filter(matrix=matrix).values_list(
        "id", "name", "stage_id", "origin", "description", "notes", "deliverer_id", "people"
    )
    cells: dict[int, dict[int, Level]] = defaultdict(dict)
    levels = Assignment.objects.filter(activity__matrix_id=matrix.pk).values_list("activity_id", "role_id", "level")
    for activity, role, level in levels:
        cells[activity][role] = _LEVELS[level]
    return _grid(
        stages=tuple(GridStage(*row) for row in stages),
        roles=tuple(GridRole(*row[:5], tuple(row[5]), row[6]) for row in roles),
        activities=[GridActivity(*row[:7], _named(row[7])) for row in activities],
        cells=cells,
        culture=matrix.culture_id or "",
    )


def grid_of(state: State) -> Grid:
    """The Grid of a state, for example of an earlier revision."""
    in_order = {
        table: sorted(state[table].items(), key=lambda item: (item[1]["position"], item[0]))
        for table in ("stage", "role", "activity")
    }
    (matrix,) = state["matrix"].values()
    return _grid(
        stages=tuple(GridStage(pk, row["name"], row["origin"]) for pk, row in in_order["stage"]),
        roles=tuple(
            GridRole(pk, r["name"], r["short"], r["origin"], r["purpose"], tuple(r["people"]), r["headcount"])
            for pk, r in in_order["role"]
        ),
        activities=[
            GridActivity(
                pk,
                row["name"],
                row["stage_id"],
                row["origin"],
                row["description"],
                row["notes"],
                row["deliverer_id"],
                _named(row["people"]),
            )
            for pk, row in in_order["activity"]
        ],
        cells={
            pk: {int(role): _LEVELS[level] for role, level in row["cells"].items()} for pk, row in in_order["activity"]
        },
        culture=matrix["culture_id"] or "",
    )


def state_of(grid: Grid, *, name: str) -> State:
    """The State of a new matrix made from a grid. Its rows have negative ids until they are written."""
    role_ids = {role.id: -1 - i for i, role in enumerate(grid.roles)}
    stage_ids = {stage.id: -1 - i for i, stage in enumerate(grid.stages)}
    return {
        "matrix": {0: _new_matrix(name, grid.culture)},
        "stage": {
            stage_ids[s.id]: {"name": s.name, "origin": s.origin, "position": i}
            for i, s in enumerate(grid.stages, start=1)
        },
        "role": {
            role_ids[r.id]: {
                "name": r.name,
                "short": r.short,
                "origin": r.origin,
                "purpose": r.purpose,
                "people": list(r.people),
                "headcount": r.headcount,
                "position": i,
            }
            for i, r in enumerate(grid.roles, start=1)
        },
        "activity": {
            -i: {
                "name": a.name,
                "stage_id": None if a.stage is None else stage_ids[a.stage],
                "origin": a.origin,
                "description": a.description,
                "notes": a.notes,
                "deliverer_id": None if a.deliverer is None else role_ids[a.deliverer],
                "people": [{"role": role_ids[p.role], "name": p.name, "task": p.task} for p in a.people],
                "position": i,
                "cells": {str(role_ids[r]): level.value for r, level in grid.cells.get(a.id, {}).items()},
            }
            for i, a in enumerate(grid.activities, start=1)
        },
    }


def write(matrix: Matrix, edits: list[Edit], revision: int) -> list[Edit]:
    """Writes the edits under the matrix's lock and returns them with the ids that new rows were given.

    Cells go first and come back last: a Lead is taken before it is given, whatever the order of the edits.
    """
    _delete_cells(edits)
    for table in ("activity", "role", "stage"):
        gone = [e["id"] for e in edits if e["table"] == table and e["after"] is None]
        if gone:
            _clear_references(table, gone)
            MODELS[table].objects.filter(pk__in=gone, matrix=matrix).delete()
    given: dict[str, dict[int, int]] = {"matrix": {0: matrix.pk}}
    for table in ("stage", "role", "activity"):
        given[table] = _insert(matrix, table, edits, given)
    edits = [_renamed(edit, given) for edit in edits]
    for table in FIELDS:
        _update(table, [e for e in edits if e["table"] == table and e["before"] is not None and e["after"] is not None])
    _insert_cells(edits)
    touched = [e["id"] for e in edits if e["table"] == "activity" and e["after"] is not None]
    if touched:
        Activity.objects.filter(pk__in=touched).update(revision=revision)
    return edits


def _new_matrix(name: str, culture: str) -> Row:
    return {"name": name, "culture_id": culture or None, "is_archived": False, "asides": {}, "rules_off": []}


def _named(people: list[dict[str, Any]]) -> tuple[Named, ...]:
    return tuple(Named(person["role"], person["name"], person["task"]) for person in people)


def _grid(
    *,
    stages: tuple[GridStage, ...],
    roles: tuple[GridRole, ...],
    activities: list[GridActivity],
    cells: dict[int, dict[int, Level]],
    culture: str,
) -> Grid:
    """Activities come in their own order and leave in reading order: by stage, those without one first."""
    place: dict[int | None, int] = {stage.id: i for i, stage in enumerate(stages, start=1)}
    place[None] = 0
    activities.sort(key=lambda activity: place[activity.stage])  # stable: the order within a stage stays
    return Grid(tuple(activities), roles, stages, cells, culture)


def _changed_cells(edits: list[Edit], side: str) -> dict[int, dict[str, str | None]]:
    """Activity id -> role id -> letter, on one side of the edits; absent rows have none."""
    return {
        edit["id"]: (edit[side] or {}).get("cells", {})  # type: ignore[literal-required]
        for edit in edits
        if edit["table"] == "activity" and "cells" in (edit[side] or {})  # type: ignore[literal-required]
    }


def _delete_cells(edits: list[Edit]) -> None:
    """One statement per distinct set of roles, so a column or a block costs one."""
    by_roles: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for activity, cells in _changed_cells(edits, "before").items():
        stored = tuple(sorted(role for role, letter in cells.items() if letter is not None))
        if stored:
            by_roles[stored].append(activity)
    for roles, activities in by_roles.items():
        Assignment.objects.filter(activity_id__in=activities, role_id__in=[int(r) for r in roles]).delete()


def _insert_cells(edits: list[Edit]) -> None:
    Assignment.objects.bulk_create(
        [
            Assignment(activity_id=activity, role_id=int(role), level=letter)
            for activity, cells in _changed_cells(edits, "after").items()
            for role, letter in cells.items()
            if letter is not None
        ]
    )


def _clear_references(table: str, gone: list[int]) -> None:
    """The edits say the same of each row; clearing first keeps the foreign keys content at every step."""
    if table == "role":
        Activity.objects.filter(deliverer_id__in=gone).update(deliverer=None)
    elif table == "stage":
        Activity.objects.filter(stage_id__in=gone).update(stage=None)


def _insert(matrix: Matrix, table: str, edits: list[Edit], given: dict[str, dict[int, int]]) -> dict[int, int]:
    """Makes the new rows of one table; returns provisional id -> id."""
    new = [e for e in edits if e["table"] == table and e["before"] is None]
    if not new:
        return {}
    rows = []
    for edit in new:
        values = {f: v for f, v in _with_ids(edit["after"] or {}, given).items() if f in FIELDS[table]}
        pk = edit["id"] if edit["id"] > 0 else None
        rows.append(MODELS[table](pk=pk, matrix=matrix, **values))
    MODELS[table].objects.bulk_create([row for row in rows if row.pk is not None])
    MODELS[table].objects.bulk_create([row for row in rows if row.pk is None])
    return {edit["id"]: row.pk for edit, row in zip(new, rows, strict=True) if edit["id"] <= 0}


def _update(table: str, edits: list[Edit]) -> None:
    """One statement per set of fields."""
    by_fields: dict[tuple[str, ...], list[Edit]] = defaultdict(list)
    for edit in edits:
        fields = tuple(f for f in FIELDS[table] if f in (edit["after"] or {}))
        if fields:
            by_fields[fields].append(edit)
    for fields, group in by_fields.items():
        if "asides" in fields:
            group = [_whole_asides(edit) for edit in group]
        rows = [MODELS[table](pk=e["id"], **{f: (e["after"] or {})[f] for f in fields}) for e in group]
        MODELS[table].objects.bulk_update(rows, [f.removesuffix("_id") for f in fields], batch_size=200)


def _whole_asides(edit: Edit) -> Edit:
    """Set-aside findings are one value in the table and compared key by key in the log."""
    asides = Matrix.objects.values_list("asides", flat=True).get(pk=edit["id"])
    merged = {k: v for k, v in {**asides, **(edit["after"] or {})["asides"]}.items() if v is not None}
    return {**edit, "after": {**(edit["after"] or {}), "asides": merged}}


def _renamed(edit: Edit, given: dict[str, dict[int, int]]) -> Edit:
    result = deepcopy(edit)
    result["id"] = given.get(edit["table"], {}).get(edit["id"], edit["id"])
    for side in ("before", "after"):
        if result[side] is not None:  # type: ignore[literal-required]
            result[side] = _with_ids(result[side], given)  # type: ignore[literal-required]
    return result


def _with_ids(row: Row, given: dict[str, dict[int, int]]) -> Row:
    """The row with provisional ids replaced by those the database gave."""
    roles, stages = given.get("role", {}), given.get("stage", {})
    if not roles and not stages:
        return row
    result = dict(row)
    if "cells" in row:
        result["cells"] = {str(roles.get(int(role), int(role))): level for role, level in row["cells"].items()}
    if row.get("deliverer_id") is not None:
        result["deliverer_id"] = roles.get(row["deliverer_id"], row["deliverer_id"])
    if row.get("stage_id") is not None:
        result["stage_id"] = stages.get(row["stage_id"], row["stage_id"])
    if "people" in row and row["people"] and isinstance(row["people"][0], dict):
        result["people"] = [{**p, "role": roles.get(p["role"], p["role"])} for p in row["people"]]
    return result
