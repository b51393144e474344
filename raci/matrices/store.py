"""Between the tables and plain values: rows read as a `State`, edits written back. Only operations.py calls `write`."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from django.db.models import F

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Departure, Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.grid import Stage as GridStage
from raci.grid.levels import Level

from .edits import Edit, Row, State
from .models import Activity, Assignment, Matrix, Role, Stage

FIELDS: dict[str, tuple[str, ...]] = {
    "matrix": ("name", "culture_id", "house_id", "is_archived", "asides", "rules_off"),
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
        "departures",
        "position",
    ),
}
MODELS: dict[str, Any] = {"matrix": Matrix, "stage": Stage, "role": Role, "activity": Activity}
SETTLE_TRIES = 5
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


def read_activity(matrix: int, activity: int) -> tuple[Row, int] | None:
    """One activity with its cells, and the revision that last touched it, in one query."""
    columns = ("revision", *FIELDS["activity"], "assignments__role_id", "assignments__level")
    rows = list(Activity.objects.order_by().filter(matrix_id=matrix, pk=activity).values(*columns))
    if not rows:
        return None
    cells = {str(r["assignments__role_id"]): r["assignments__level"] for r in rows if r["assignments__level"]}
    return {**{field: rows[0][field] for field in FIELDS["activity"]}, "cells": cells}, rows[0]["revision"]


def read_state(matrix: int) -> State:
    """The whole matrix as plain values."""
    state: State = {table: read_rows(matrix, table) for table in FIELDS}
    cells = read_cells(matrix)
    for activity, row in state["activity"].items():
        row["cells"] = cells.get(activity, {})
    return state


def read_grid(matrix: Matrix, *, roles: Mapping[int, Row] | None = None, stages: bool = True) -> Grid:
    """The matrix as a Grid, in four queries; fewer where the caller has the roles, or needs no stages without rows."""
    named = Stage.objects.filter(matrix=matrix).values_list("id", "name", "origin") if stages else None
    known = read_rows(matrix.pk, "role") if roles is None else roles
    in_reading_order = (F("stage__position").asc(nulls_first=True), "position", "id")
    found = Activity.objects.filter(matrix=matrix).order_by(*in_reading_order)
    rows = list(found.values("id", "stage__name", "stage__origin", *FIELDS["activity"]))
    activities = tuple(_activity(row["id"], row) for row in rows)
    cells: dict[int, dict[int, Level]] = {activity.id: {} for activity in activities}
    levels = Assignment.objects.filter(activity__matrix_id=matrix.pk).values_list("activity_id", "role_id", "level")
    for activity, role, level in levels:
        if activity in cells:  # a row may have come between the two statements
            cells[activity][role] = _LEVELS[level]
    return Grid(
        activities=activities,
        roles=_roles(known),
        stages=_stages_of(rows) if named is None else tuple(GridStage(*row) for row in named),
        cells=cells,
        culture=matrix.culture_id or "",
    )


def read_outline(matrix: Matrix, known: Mapping[str, Mapping[int, Row]] | None = None) -> Grid:
    """The matrix without its levels, in three queries; one fewer for each table the caller has (`Done.known`)."""
    have = known or {}
    rows = {table: have.get(table) or read_rows(matrix.pk, table) for table in ("stage", "role", "activity")}
    without_cells = {pk: {**row, "cells": {}} for pk, row in rows["activity"].items()}
    return grid_of({"matrix": {matrix.pk: {"culture_id": matrix.culture_id}}, **rows, "activity": without_cells})


def read_settled(matrix: Matrix) -> tuple[Matrix, Grid]:
    """A matrix and its Grid at one and the same revision, for what is kept: an edit in between is read again."""
    grid = read_grid(matrix)
    for _ in range(SETTLE_TRIES):
        now = Matrix.objects.select_related("workspace").get(pk=matrix.pk)
        if now.revision == matrix.revision:
            break
        matrix, grid = now, read_grid(now)
    return matrix, grid


def grid_of(state: Mapping[str, Mapping[int, Row]]) -> Grid:
    """The Grid of a state, for example of an earlier revision."""
    (matrix,) = state["matrix"].values()
    stages = sorted(state["stage"].items(), key=lambda item: (item[1]["position"], item[0]))
    place: dict[int | None, int] = {pk: i for i, (pk, _) in enumerate(stages, start=1)}
    activities = sorted(
        state["activity"].items(), key=lambda item: (place.get(item[1]["stage_id"], 0), item[1]["position"], item[0])
    )
    return Grid(
        activities=tuple(_activity(pk, row) for pk, row in activities),
        roles=_roles(state["role"]),
        stages=tuple(GridStage(pk, row["name"], row["origin"]) for pk, row in stages),
        cells={pk: {int(role): _LEVELS[letter] for role, letter in row["cells"].items()} for pk, row in activities},
        culture=matrix["culture_id"] or "",
    )


def state_of(grid: Grid, *, name: str, house: int | None = None) -> State:
    """The State of a new matrix made from a grid, perhaps following a house reference.

    Its rows have negative ids until they are written.
    """
    role_ids = {role.id: -1 - i for i, role in enumerate(grid.roles)}
    stage_ids = {stage.id: -1 - i for i, stage in enumerate(grid.stages)}
    return {
        "matrix": {0: _new_matrix(name, grid.culture, house)},
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
                "departures": {departure_key(role_ids[d.role], d.against): departure_row(d) for d in a.departures},
                "position": i,
                "cells": {str(role_ids[r]): level.value for r, level in grid.cells.get(a.id, {}).items()},
            }
            for i, a in enumerate(grid.activities, start=1)
        },
    }


def write(matrix: Matrix, edits: list[Edit], revision: int) -> list[Edit]:
    """Writes the edits under the matrix's lock and returns them with the ids that new rows were given.

    Cells are cleared first and set last: a Lead is taken before it is given, whatever the order of the edits.
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
    stamped: set[int] = set()
    for table in FIELDS:
        changed = [e for e in edits if e["table"] == table and e["before"] is not None and e["after"] is not None]
        stamped |= _update(matrix, table, changed, revision)
    _set_cells(edits)
    touched = {e["id"] for e in edits if e["table"] == "activity" and e["after"] is not None} - stamped
    if touched:
        Activity.objects.filter(pk__in=touched).update(revision=revision)
    return edits


def departure_key(role: int, against: str) -> str:
    """What a departure is kept under on its activity: one for each cell and reference."""
    return f"{role}:{against}"


def departure_row(departure: Departure) -> Row:
    """A departure as its activity keeps it."""
    return {
        "theirs": None if departure.theirs is None else departure.theirs.value,
        "reason": departure.reason,
        "until": None if departure.until is None else departure.until.isoformat(),
        "by": departure.by,
    }


def departures_of(kept: Mapping[str, Row]) -> tuple[Departure, ...]:
    """The departures of one activity, in the order of their keys, which no engine changes."""
    found = []
    for key, row in sorted(kept.items()):
        role, _, against = key.partition(":")
        theirs, until = row["theirs"], row["until"]
        found.append(
            Departure(
                role=int(role),
                against=against,
                theirs=None if theirs is None else _LEVELS[theirs],
                reason=row["reason"],
                until=None if until is None else date.fromisoformat(until),
                by=row["by"],
            )
        )
    return tuple(found)


def _new_matrix(name: str, culture: str, house: int | None) -> Row:
    return {
        "name": name,
        "culture_id": culture or None,
        "house_id": house,
        "is_archived": False,
        "asides": {},
        "rules_off": [],
    }


def _stages_of(rows: Iterable[Row]) -> tuple[GridStage, ...]:
    """The stages of rows in reading order that carry the name and origin of theirs."""
    found = {row["stage_id"]: GridStage(row["stage_id"], row["stage__name"], row["stage__origin"]) for row in rows}
    return tuple(stage for pk, stage in found.items() if pk is not None)


def _roles(rows: Mapping[int, Row]) -> tuple[GridRole, ...]:
    in_order = sorted(rows.items(), key=lambda item: (item[1]["position"], item[0]))
    return tuple(
        GridRole(pk, r["name"], r["short"], r["origin"], r["purpose"], tuple(r["people"]), r["headcount"])
        for pk, r in in_order
    )


def _named(people: list[dict[str, Any]]) -> tuple[Named, ...]:
    return tuple(Named(person["role"], person["name"], person["task"]) for person in people)


def _activity(pk: int, row: Row) -> GridActivity:
    return GridActivity(
        id=pk,
        name=row["name"],
        stage=row["stage_id"],
        origin=row["origin"],
        description=row["description"],
        notes=row["notes"],
        deliverer=row["deliverer_id"],
        people=_named(row["people"]),
        departures=departures_of(row["departures"]),
    )


def _changed_cells(edits: list[Edit], side: str) -> dict[int, dict[str, str | None]]:
    """Activity id -> role id -> letter, on one side of the edits; absent rows have none."""
    return {
        edit["id"]: (edit[side] or {}).get("cells", {})  # type: ignore[literal-required]
        for edit in edits
        if edit["table"] == "activity" and "cells" in (edit[side] or {})  # type: ignore[literal-required]
    }


def _delete_cells(edits: list[Edit]) -> None:
    """The cells that become blank; one statement per distinct set of roles, so a column or a block costs one."""
    kept = _changed_cells(edits, "after")
    by_roles: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for activity, cells in _changed_cells(edits, "before").items():
        gone = tuple(sorted(role for role in cells if cells[role] and not kept.get(activity, {}).get(role)))
        if gone:
            by_roles[gone].append(activity)
    for roles, activities in by_roles.items():
        Assignment.objects.filter(activity_id__in=activities, role_id__in=[int(r) for r in roles]).delete()


def _set_cells(edits: list[Edit]) -> None:
    """The cells that get a level, in one statement: Leads last, for each is checked as it is written."""
    cells = [
        Assignment(activity_id=activity, role_id=int(role), level=letter)
        for activity, cells in _changed_cells(edits, "after").items()
        for role, letter in cells.items()
        if letter is not None
    ]
    cells.sort(key=lambda cell: cell.level == Level.LEAD)
    Assignment.objects.bulk_create(
        cells, update_conflicts=True, unique_fields=["activity", "role"], update_fields=["level"]
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


def _update(matrix: Matrix, table: str, edits: list[Edit], revision: int) -> set[int]:
    """One statement per set of fields. Returns the activities that were given the revision in passing."""
    stamped: set[int] = set()
    by_fields: dict[tuple[str, ...], list[Edit]] = defaultdict(list)
    for edit in edits:
        fields = tuple(f for f in FIELDS[table] if f in (edit["after"] or {}))
        if fields:
            by_fields[fields].append(edit)
    for fields, group in by_fields.items():
        if "asides" in fields:
            group = [_whole(edit, "asides", matrix.asides) for edit in group]
        if "departures" in fields:
            kept = dict(Activity.objects.filter(pk__in=[e["id"] for e in group]).values_list("pk", "departures"))
            group = [_whole(edit, "departures", kept[edit["id"]]) for edit in group]
        if len(group) == 1:
            (edit,) = group
            values = {f: (edit["after"] or {})[f] for f in fields}
            if table == "activity":
                values["revision"] = revision
                stamped.add(edit["id"])
            MODELS[table].objects.filter(pk=edit["id"]).update(**values)
            continue
        rows = [MODELS[table](pk=e["id"], **{f: (e["after"] or {})[f] for f in fields}) for e in group]
        MODELS[table].objects.bulk_update(rows, [f.removesuffix("_id") for f in fields], batch_size=200)
    return stamped


def _whole(edit: Edit, field: str, stands: Row) -> Edit:
    """The edit with all of a field that is one value in the table and compared key by key in the log."""
    merged = {k: v for k, v in {**stands, **(edit["after"] or {})[field]}.items() if v is not None}
    return {**edit, "after": {**(edit["after"] or {}), field: merged}}


def _renamed(edit: Edit, given: dict[str, dict[int, int]]) -> Edit:
    result = deepcopy(edit)
    result["id"] = given.get(edit["table"], {}).get(edit["id"], edit["id"])
    if result["before"] is not None:
        result["before"] = _with_ids(result["before"], given)
    if result["after"] is not None:
        result["after"] = _with_ids(result["after"], given)
    return result


def _with_ids(row: Row, given: dict[str, dict[int, int]]) -> Row:
    """The row with provisional ids replaced by those the database gave."""
    roles, stages = given.get("role", {}), given.get("stage", {})
    if not roles and not stages:
        return row
    result = dict(row)
    if "cells" in row:
        result["cells"] = {str(roles.get(int(role), int(role))): level for role, level in row["cells"].items()}
    if "departures" in row:
        keys = {key: key.partition(":") for key in row["departures"]}
        result["departures"] = {
            departure_key(roles.get(int(keys[key][0]), int(keys[key][0])), keys[key][2]): departure
            for key, departure in row["departures"].items()
        }
    if row.get("deliverer_id") is not None:
        result["deliverer_id"] = roles.get(row["deliverer_id"], row["deliverer_id"])
    if row.get("stage_id") is not None:
        result["stage_id"] = stages.get(row["stage_id"], row["stage_id"])
    if "people" in row and row["people"] and isinstance(row["people"][0], dict):
        result["people"] = [{**p, "role": roles.get(p["role"], p["role"])} for p in row["people"]]
    return result
