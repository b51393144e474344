"""The arithmetic of changes, without a database.

A `State` holds rows as plain values: table -> id -> fields. An edit says what happened to one row:
`{"table", "id", "name", "before", "after"}`, where before is None for a row that was made and after is None for one
that was removed; otherwise both hold the changed fields only. The fields "cells" of an activity (role id -> letter),
its "departures" and "asides" of the matrix are themselves compared key by key, so that two people who set two cells of
one row do not stand in each other's way. Ids are text inside such fields, as JSON has it.

Positions are the one value nobody can conflict about: they follow from the order.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, TypedDict

Row = dict[str, Any]
State = dict[str, dict[int, Row]]

TABLES = ("matrix", "stage", "role", "activity")
KEYED_FIELDS = {"cells", "asides", "departures"}
LATER_FIELDS: dict[str, Row] = {
    "matrix": {"house_id": None},
    "role": {"members": [], "answers": None, "contact": ""},
    "activity": {"departures": {}},
}
"""What rows have that the log's first entries do not know: with these values they were made."""


class Edit(TypedDict):
    table: str
    id: int
    name: str
    before: Row | None
    after: Row | None


def diff(before: State, after: State) -> list[Edit]:
    """What turns one state into the other, in the order of TABLES and ids."""
    edits = []
    for table in TABLES:
        old_rows, new_rows = before.get(table, {}), after.get(table, {})
        # New rows have provisional ids, -1 first: they are made in the order they were added.
        for row in sorted(old_rows.keys() | new_rows.keys(), key=lambda pk: (pk < 0, abs(pk))):
            edit = _row_edit(table, row, old_rows.get(row), new_rows.get(row))
            if edit is not None:
                edits.append(edit)
    return edits


def inverse(edits: Iterable[Edit]) -> list[Edit]:
    """The edits that take these back."""
    return [{**edit, "before": edit["after"], "after": edit["before"]} for edit in edits]


def applied(state: State, edits: Iterable[Edit]) -> State:
    """The state after the edits; the given one is left as it was."""
    result = {table: dict(state.get(table, {})) for table in TABLES}
    for edit in edits:
        rows, after = result[edit["table"]], edit["after"]
        if after is None:
            rows.pop(edit["id"], None)
        elif edit["before"] is None:
            rows[edit["id"]] = deepcopy({**LATER_FIELDS.get(edit["table"], {}), **after})
        else:
            rows[edit["id"]] = _merged(rows[edit["id"]], after)
    return result


def overtaken(state: State, edits: Iterable[Edit]) -> list[Edit]:
    """Those edits whose outcome no longer stands in `state`, so that taking them back would lose a later change."""
    return [edit for edit in edits if not _stands(state.get(edit["table"], {}).get(edit["id"]), edit)]


def is_renumbered(edit: Mapping[str, Any]) -> bool:
    """Whether the row merely has another position, because others came, went or moved."""
    return edit["before"] is not None and edit["after"] is not None and set(edit["after"]) == {"position"}


def _row_edit(table: str, row: int, old: Row | None, new: Row | None) -> Edit | None:
    name = str((new or old or {}).get("name", ""))
    if old is None or new is None:
        return None if old is new else {"table": table, "id": row, "name": name, "before": old, "after": new}
    changed = [field for field in new if field in old and old[field] != new[field]]
    if not changed:
        return None
    before, after = {}, {}
    for field in changed:
        if field in KEYED_FIELDS:
            keys = [k for k in old[field].keys() | new[field].keys() if old[field].get(k) != new[field].get(k)]
            before[field] = {k: old[field].get(k) for k in sorted(keys)}
            after[field] = {k: new[field].get(k) for k in sorted(keys)}
        else:
            before[field], after[field] = old[field], new[field]
    return {"table": table, "id": row, "name": name, "before": before, "after": after}


def _merged(row: Row, changes: Row) -> Row:
    result = dict(row)
    for field, value in changes.items():
        if field in KEYED_FIELDS:
            merged = {**row.get(field, {}), **value}
            result[field] = {k: v for k, v in merged.items() if v is not None}
        else:
            result[field] = deepcopy(value)
    return result


def _stands(row: Row | None, edit: Edit) -> bool:
    after = edit["after"]
    if row is None or after is None:
        return row is None and after is None
    for field, value in after.items():
        if field == "position":
            continue
        if field in KEYED_FIELDS and edit["before"] is not None:
            if any(row[field].get(k) != v for k, v in value.items()):
                return False
        elif row[field] != value:
            return False
    return True
