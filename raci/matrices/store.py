"""From the tables to plain values: rows read as a `State` or a `Grid`. What writes them back is in writing.py."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import F

from raci.grid.grid import Activity as GridActivity
from raci.grid.grid import Departure, Grid, Named
from raci.grid.grid import Role as GridRole
from raci.grid.grid import Stage as GridStage
from raci.grid.levels import Level

from .edits import Row, State
from .models import Activity, Assignment, Change, Matrix, Role, Stage

FIELDS: dict[str, tuple[str, ...]] = {
    "matrix": ("name", "culture_id", "house_id", "is_archived", "asides", "rules_off"),
    "stage": ("name", "origin", "position"),
    "role": ("name", "short", "origin", "purpose", "contact", "people", "members", "answers", "headcount", "position"),
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


def read_state(matrix: int, known: Mapping[str, dict[int, Row]] | None = None) -> State:
    """The whole matrix as plain values, in five queries; fewer where the caller has a table."""
    had = known or {}
    state: State = {table: had[table] if table in had else read_rows(matrix, table) for table in FIELDS}
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


def grid_after(grid: Grid, change: Change) -> Grid | None:
    """The Grid that the very next change makes of this one; None where it did more than set levels of some rows, keep
    them, or say who delivers."""
    edits = {edit["id"]: edit["after"] for edit in change.edits}
    if any(edit["table"] != "activity" or not _is_small(edit) for edit in change.edits):
        return None
    cells = dict(grid.cells)
    for pk, after in edits.items():
        levels = {**cells.get(pk, {}), **{int(role): _LEVELS.get(letter) for role, letter in _of(after, "cells")}}
        cells[pk] = {role: level for role, level in levels.items() if level is not None}
    activities = tuple(_changed(row, edits[row.id]) if row.id in edits else row for row in grid.activities)
    return replace(grid, activities=activities, cells=cells)


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

    Its rows have negative ids until they are written. Nobody fills its roles yet: those who did, did so elsewhere.
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
                "contact": r.contact,
                "people": list(r.people),
                "members": [],
                "answers": None,
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
                "departures": {
                    departure_key(role_ids[d.role], d.against): departure_row(d, grid.level(a.id, d.role))
                    for d in a.departures
                },
                "position": i,
                "cells": {str(role_ids[r]): level.value for r, level in grid.cells.get(a.id, {}).items()},
            }
            for i, a in enumerate(grid.activities, start=1)
        },
    }


def departure_key(role: int, against: str) -> str:
    """What a departure is kept under on its activity: one for each cell and reference."""
    return f"{role}:{against}"


def departure_row(departure: Departure, ours: Level | None) -> Row:
    """A departure as its activity keeps it, with the level it explains."""
    return {
        "ours": None if ours is None else ours.value,
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


def _is_small(edit: Mapping[str, Any]) -> bool:
    both = edit["before"] is not None and edit["after"] is not None
    return both and set(edit["after"]) <= {"cells", "departures", "deliverer_id"}


def _of(after: Row, field: str) -> Iterable[tuple[str, Any]]:
    changed: Mapping[str, Any] = after.get(field, {})
    return changed.items()


def _changed(row: GridActivity, after: Row) -> GridActivity:
    """The row with what an edit made of its departures and of who delivers."""
    kept = {departure_key(each.role, each.against): each for each in row.departures}
    for key, departure in _of(after, "departures"):
        kept.pop(key, None)
        if departure is not None:
            kept[key] = departures_of({key: departure})[0]
    in_order = tuple(departure for _, departure in sorted(kept.items()))
    return replace(row, departures=in_order, deliverer=after.get("deliverer_id", row.deliverer))


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
        GridRole(
            id=pk,
            name=r["name"],
            short=r["short"],
            origin=r["origin"],
            purpose=r["purpose"],
            contact=r["contact"],
            people=tuple(r["people"]),
            headcount=r["headcount"],
            members=tuple(r["members"]),
            answers=r["answers"],
        )
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
