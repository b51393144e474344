"""The plain values of a matrix under its lock: what a plan may change, and what must hold once it has."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from raci.accounts.models import name_of
from raci.grid.grid import MAX_ACTIVITIES, MAX_CELLS, MAX_ROLES
from raci.grid.levels import Level
from raci.web.refusals import Conflict, Malformed, Refused
from raci.workspaces.models import Member

from . import store
from .edits import TABLES, Edit, Row, State, diff
from .models import Activity, Change, HouseReference, Matrix

NO_ACTIVITY = "That activity is not in this matrix. Somebody may have removed it; reload the page."


@dataclass
class Work:
    """The plain values of a matrix under its lock: `after` is what a plan changes, `before` what it was."""

    matrix: Matrix
    member: Member
    before: State = field(default_factory=lambda: {table: {} for table in TABLES})
    after: State = field(default_factory=lambda: {table: {} for table in TABLES})
    revisions: dict[int, int] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)  # what the history sentence needs and the edits lack
    undoes: Change | None = None
    is_event: bool = False  # to be logged though no row changed
    then: Callable[[Change], None] = lambda _: None  # called with the entry of the log, in the same transaction
    _whole: set[str] = field(default_factory=set)
    _changes: dict[int, list[Change]] = field(default_factory=dict)

    def rows(self, table: str) -> dict[int, Row]:
        """All rows of a table; activities without their cells unless those were loaded."""
        if table not in self._whole:
            found = _settings_of(self.matrix) if table == "matrix" else store.read_rows(self.matrix.pk, table)
            self._take(table, found)
            self._whole.add(table)
        return self.after[table]

    def known(self) -> dict[str, dict[int, Row]]:
        """The tables that were read whole, as they are now; not those with a new row, whose id is provisional."""
        return {table: self.after[table] for table in self._whole if min(self.after[table], default=1) > 0}

    def activity(self, activity: int) -> Row:
        """One activity with its cells. Refuses one that is not in this matrix (any more)."""
        if "cells" not in self.after["activity"].get(activity, {}):
            self._load_activity(activity)
        return self.after["activity"][activity]

    def role(self, role: int) -> Row:
        """One role. Refuses one that is not in this matrix (any more)."""
        if role not in self.rows("role"):
            raise Refused("That role is not in this matrix. Somebody may have removed it; reload the page.")
        return self.after["role"][role]

    def stage(self, stage: int) -> Row:
        """One stage. Refuses one that is not in this matrix (any more)."""
        if stage not in self.rows("stage"):
            raise Refused("That stage is not in this matrix. Somebody may have removed it; reload the page.")
        return self.after["stage"][stage]

    def make(self, state: State) -> None:
        """All of a new matrix: nothing was there before, so nothing is left to read."""
        self.after, self._whole = deepcopy(state), set(TABLES)

    def settings(self) -> Row:
        """The matrix's own values: name, culture, what is set aside."""
        return next(iter(self.rows("matrix").values()))

    def _load_activity(self, activity: int) -> None:
        """One activity and its cells, in one query."""
        rows = store.read_activity(self.matrix.pk, activity) if 0 < activity < 2**63 else None
        if rows is None:
            raise Refused(NO_ACTIVITY)
        row, self.revisions[activity] = rows
        cells = row.pop("cells")
        self._take("activity", {activity: row})
        self.before["activity"][activity]["cells"] = dict(cells)
        self.after["activity"][activity]["cells"] = dict(cells)

    def load_activities(self, activities: Sequence[int]) -> None:
        """These activities with their cells, in two queries. Refuses when one is not in this matrix (any more)."""
        missing = [pk for pk in activities if pk not in self.after["activity"] and 0 < pk < 2**63]
        if missing:
            found = Activity.objects.order_by().filter(matrix=self.matrix, pk__in=missing)
            for row in found.values("pk", "revision", *store.FIELDS["activity"]):
                pk = row.pop("pk")
                self.revisions[pk] = row.pop("revision")
                self._take("activity", {pk: row})
        if not self.after["activity"].keys() >= set(activities):
            raise Refused(NO_ACTIVITY)
        self.load_cells(activities)

    def changes_since(self, seen: int) -> list[Change]:
        """What happened after a revision, newest first; read once for a whole block."""
        if seen not in self._changes:
            self._changes[seen] = changes_since(self.matrix.pk, seen)
        return self._changes[seen]

    def refuse_stale(self, table: str, row: int, values: Row, seen: int) -> None:
        """409 with both values where somebody changed one of these fields after the sender looked."""
        check_seen(self, seen)
        if seen == self.matrix.revision:
            return
        current = self.after[table][row]
        for change in self.changes_since(seen):
            after = (change.edit_of(table, row) or {}).get("after") or {}
            for name in sorted(after.keys() & values.keys()):
                if current[name] != values[name]:
                    raise Conflict(_both(self, name_of(change.by), name, current[name], values[name]))

    def load_cells(self, activities: Sequence[int] | None = None) -> None:
        """The cells of these activities, or of all."""
        wanted = list(self.rows("activity")) if activities is None else activities
        missing = [a for a in wanted if "cells" not in self.after["activity"][a]]
        if not missing:
            return
        cells = store.read_cells(self.matrix.pk, None if activities is None else missing)
        for activity in missing:
            self.before["activity"][activity]["cells"] = dict(cells.get(activity, {}))
            self.after["activity"][activity]["cells"] = dict(cells.get(activity, {}))

    def add(self, table: str, row: Row) -> int:
        """A new row; its id is provisional (negative) until it is written."""
        rows = self.rows(table)
        provisional = min([0, *rows]) - 1
        rows[provisional] = row
        return provisional

    def finish(self) -> list[Edit]:
        """The edits of this work, once positions are dense again and nothing points at what is gone."""
        self._check_references()
        self._clear_deliverers()
        self._clear_departures()
        self._clear_answers()
        for table in ("stage", "role", "activity"):
            self._renumber(table)
        edits = diff(self.before, self.after)
        self._check_pointers(edits)
        self._check_leads(edits)
        self._check_limits(edits)
        return edits

    def _take(self, table: str, rows: Mapping[int, Row]) -> None:
        for pk, row in rows.items():
            if pk not in self.before[table]:
                self.before[table][pk] = row
                self.after[table][pk] = deepcopy(row)

    def _renumber(self, table: str) -> None:
        before, after = self.before[table], self.after[table]
        moved = any(before[pk]["position"] != row["position"] for pk, row in after.items() if pk in before)
        if not moved and before.keys() == after.keys():
            return
        rows = self.rows(table)
        new_last = sorted(rows, key=lambda pk: (rows[pk]["position"], pk < 0, abs(pk)))
        for position, pk in enumerate(new_last, start=1):
            rows[pk]["position"] = position

    def _clear_deliverers(self) -> None:
        """The role that leads delivers unless another is named, so naming it says nothing."""
        for pk, row in self.after["activity"].items():
            leads = row["deliverer_id"] is not None and row.get("cells", {}).get(str(row["deliverer_id"])) == Level.LEAD
            if leads and row != self.before["activity"].get(pk):
                row["deliverer_id"] = None

    def _clear_departures(self) -> None:
        """A departure says why a level stands: it goes with the level, and with its role.

        One that comes back, by an undo, must find the level it was about.
        """
        for pk, row in self.after["activity"].items():
            kept = (self.before["activity"].get(pk) or {}).get("departures", {})
            for key, departure in list(row["departures"].items()):
                role = key.partition(":")[0]
                is_gone = "role" in self._whole and int(role) not in self.after["role"]
                is_other = "cells" in row and row["cells"].get(role) != departure["ours"]
                if not is_gone and not is_other:
                    continue
                if kept.get(key) == departure:
                    del row["departures"][key]
                elif is_other:
                    raise Conflict(
                        f"“{row['name']}” has another level now than the one that was kept. Nothing was changed; "
                        "look again first."
                    )

    def _clear_answers(self) -> None:
        """Who answers for a role fills it: an undo may have taken them out of it."""
        for row in self.after["role"].values():
            if row["answers"] is not None and row["answers"] not in row["members"]:
                row["answers"] = None

    def _check_references(self) -> None:
        """A role or stage goes only when nothing stands on it that the plan did not see to."""
        roles = self.before["role"].keys() - self.after["role"].keys()
        stages = self.before["stage"].keys() - self.after["stage"].keys()
        if not roles and not stages:
            return
        self.rows("activity")
        self.load_cells()
        for row in self.after["activity"].values():
            used = {int(role) for role in row["cells"]} | {row["deliverer_id"]} | {p["role"] for p in row["people"]}
            if used & roles or row["stage_id"] in stages:
                raise Conflict(
                    f"“{row['name']}” has come to depend on it since. Nothing was changed; look again first."
                )

    def _check_pointers(self, edits: list[Edit]) -> None:
        """What comes back, or is put somewhere, finds the roles and stages it needs."""
        for edit in edits:
            after = edit["after"] or {}
            roles = {int(role) for role, letter in after.get("cells", {}).items() if letter}
            roles |= {person["role"] for person in after.get("people", []) if edit["table"] == "activity"}
            roles |= {int(key.partition(":")[0]) for key, kept in after.get("departures", {}).items() if kept}
            if after.get("deliverer_id"):
                roles.add(after["deliverer_id"])
            stage = after.get("stage_id")
            if (roles and not roles <= self.rows("role").keys()) or (stage and stage not in self.rows("stage")):
                raise Conflict(
                    f"“{edit['name']}” needs a role or a stage that has been removed since. Bring that back first."
                )

    def _check_leads(self, edits: list[Edit]) -> None:
        """A Lead that comes back must not meet the one that was given since."""
        for edit in edits:
            row = self.after["activity"].get(edit["id"], {}) if edit["table"] == "activity" else {}
            if "cells" in (edit["after"] or {}) and list(row["cells"].values()).count(Level.LEAD.value) > 1:
                raise Conflict(
                    f"“{row['name']}” went to another role since. Nothing was changed; set its levels by hand instead."
                )

    def _check_limits(self, edits: list[Edit]) -> None:
        if not any(edit["before"] is None for edit in edits if edit["table"] in ("role", "activity")):
            return
        activities, roles = len(self.rows("activity")), len(self.rows("role"))
        if activities > MAX_ACTIVITIES:
            raise Refused(f"A matrix holds up to {MAX_ACTIVITIES:,} activities. Split it into two.")
        if roles > MAX_ROLES:
            raise Refused(f"A matrix holds up to {MAX_ROLES} roles. Merge some first.")
        if activities * roles > MAX_CELLS:
            raise Refused(f"A matrix holds up to {MAX_CELLS:,} cells; this would make {activities * roles:,}.")


def changes_since(matrix: int, seen: int) -> list[Change]:
    """What happened after a revision, newest first."""
    return list(Change.objects.filter(matrix_id=matrix, revision__gt=seen).select_related("by").order_by("-revision"))


def check_seen(work: Work, seen: int) -> None:
    if not 0 <= seen <= work.matrix.revision:
        raise Malformed


def names_of(work: Work, edits: list[Edit], written: list[Edit]) -> dict[str, dict[str, str]]:
    """The names of the roles and stages that the edits point to, as they are now."""
    given = {(e["table"], e["id"]): w["id"] for e, w in zip(edits, written, strict=True)}
    roles = {**work.before["role"], **work.after["role"]}
    stages = {**work.before["stage"], **work.after["stage"]}
    sides = [side for edit in edits for side in (edit["before"], edit["after"]) if side]
    role_ids = {int(role) for side in sides for role in side.get("cells", {})} | {s.get("deliverer_id") for s in sides}
    role_ids |= {int(key.partition(":")[0]) for side in sides for key in side.get("departures", {})}
    stage_ids = {side.get("stage_id") for side in sides}
    house_ids = {side["house_id"] for side in sides if side.get("house_id")}
    houses = HouseReference.objects.filter(pk__in=house_ids).values_list("pk", "name") if house_ids else ()
    return {
        "role": {str(given.get(("role", r), r)): row["name"] for r, row in roles.items() if r in role_ids},
        "stage": {str(given.get(("stage", s), s)): row["name"] for s, row in stages.items() if s in stage_ids},
        **({"house": {str(pk): name for pk, name in houses}} if houses else {}),
        "about": work.about,
    }


def _both(work: Work, who: str, name: str, theirs: Any, mine: Any) -> str:
    what = {"stage_id": "stage", "deliverer_id": "deliverer", "short": "short name"}.get(name, name)
    rows = work.after["stage" if name == "stage_id" else "role"]
    theirs, mine = (_shown(value, name, rows) for value in (theirs, mine))
    return (
        f"{who} changed the {what} while you were writing. It is now {theirs}; you wrote {mine}. "
        "Save again to use yours."
    )


def _shown(value: Any, name: str, rows: dict[int, Row]) -> str:
    if value in (None, "", []):
        return "empty"
    if name.endswith("_id"):
        return f"“{rows.get(value, {}).get('name', 'another one')}”"
    if isinstance(value, list):
        return "“" + ", ".join(v["name"] if isinstance(v, dict) else str(v) for v in value) + "”"
    return f"“{value}”"


def _settings_of(matrix: Matrix) -> dict[int, Row]:
    """The matrix's own values as the lock read them."""
    return {matrix.pk: {name: getattr(matrix, name) for name in store.FIELDS["matrix"]}}
