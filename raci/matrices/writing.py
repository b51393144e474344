"""Edits written to the tables. Only operations.py calls `write`, under the matrix's lock."""

from collections import defaultdict
from collections.abc import Mapping
from copy import deepcopy

from raci.grid.levels import Level

from .edits import Edit, Row, State
from .models import Activity, Assignment, Matrix
from .store import FIELDS, MODELS, departure_key


def write(matrix: Matrix, edits: list[Edit], revision: int, after: State) -> list[Edit]:
    """Writes the edits under the matrix's lock and returns them with the ids that new rows were given.

    `after` holds the touched rows whole, for the fields that are one value in the table and compared key by key in the
    log. Cells are cleared first and set last: a Lead is taken before it is given, whatever the order of the edits.
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
        stamped |= _update(table, changed, revision, after)
    _set_cells(edits)
    touched = {e["id"] for e in edits if e["table"] == "activity" and e["after"] is not None} - stamped
    if touched:
        Activity.objects.filter(pk__in=touched).update(revision=revision)
    return edits


def _changed_cells(edits: list[Edit], side: str) -> dict[int, dict[str, str | None]]:
    """Activity id -> role id -> letter, on one side of the edits; absent rows have none."""
    return {
        edit["id"]: (edit[side] or {}).get("cells", {})  # type: ignore[literal-required]
        for edit in edits
        if edit["table"] == "activity" and "cells" in (edit[side] or {})  # type: ignore[literal-required]
    }


def _delete_cells(edits: list[Edit]) -> None:
    """The cells that become blank: one statement per distinct set of roles, so a column or a block costs one; or one
    per role, where every row has a set of its own."""
    kept = _changed_cells(edits, "after")
    by_roles: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for activity, cells in _changed_cells(edits, "before").items():
        gone = tuple(sorted(int(role) for role in cells if cells[role] and not kept.get(activity, {}).get(role)))
        if gone:
            by_roles[gone].append(activity)
    if len(by_roles) > len({role for roles in by_roles for role in roles}):
        by_roles = _by_role(by_roles)
    for roles, activities in by_roles.items():
        Assignment.objects.filter(activity_id__in=activities, role_id__in=roles).delete()


def _by_role(by_roles: Mapping[tuple[int, ...], list[int]]) -> dict[tuple[int, ...], list[int]]:
    """The same cells, each role apart."""
    apart: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for roles, activities in by_roles.items():
        for role in roles:
            apart[(role,)] += activities
    return apart


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


def _update(table: str, edits: list[Edit], revision: int, after: State) -> set[int]:
    """One statement per set of fields. Returns the activities that were given the revision in passing."""
    stamped: set[int] = set()
    by_fields: dict[tuple[str, ...], list[Edit]] = defaultdict(list)
    for edit in edits:
        fields = tuple(f for f in FIELDS[table] if f in (edit["after"] or {}))
        if fields:
            by_fields[fields].append(edit)
    for fields, group in by_fields.items():
        group = [_with_whole(edit, after[table][edit["id"]]) for edit in group]
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


def _with_whole(edit: Edit, row: Row) -> Edit:
    """The edit with all of what the table keeps as one value, not only the keys that changed."""
    changed: Row = edit["after"] or {}
    whole: Row = {field: row[field] for field in ("asides", "departures") if field in changed}
    return {**edit, "after": {**changed, **whole}} if whole else edit


def _renamed(edit: Edit, given: dict[str, dict[int, int]]) -> Edit:
    if edit["table"] != "matrix" and not any(ids for table, ids in given.items() if table != "matrix"):
        return edit
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
