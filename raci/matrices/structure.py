"""The operations on rows, stages and columns: add, change, move, remove; merge and split of roles."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from raci.grid.levels import Level
from raci.grid.text import TEXT_LIMIT, counted, prose
from raci.web.refusals import Conflict, Refused

from .edits import Row
from .operations import Done, Sender, checked_line, commit, give
from .people import unite
from .work import NO_ACTIVITY, Work, check_seen

MAX_HEADCOUNT = 1_000_000  # a hundred roles of it, merged into one, still fit the column
LAST = 1_000_000  # a position past every other; numbering closes the gap


@dataclass(frozen=True, slots=True)
class NewActivity:
    """A row to add. `lead` is the origin of the role that leads it, where the catalogue proposes one."""

    name: str
    stage: int | None = None
    origin: str = ""
    description: str = ""
    lead: str = ""


def add_activities(*, matrix: int, sender: Sender, activities: Sequence[NewActivity], after: int | None = None) -> Done:
    """Adds rows at the end of their stages, or behind the activity `after`."""
    rows = [_new_activity(new) for new in activities]

    def plan(work: Work) -> None:
        for new, row in zip(activities, rows, strict=True):
            if new.stage is not None:
                work.stage(new.stage)
            place = work.rows("activity").get(after, {}).get("position", LAST) if after else LAST
            cells = {}
            if lead := next(
                (pk for pk, role in work.rows("role").items() if new.lead and role["origin"] == new.lead), 0
            ):
                cells[str(lead)] = Level.LEAD.value
            work.add("activity", {**row, "position": place, "cells": cells})

    body = [[asdict(new) for new in activities], after]
    return commit(plan, matrix=matrix, sender=sender, kind="activity_add", body=body)


def edit_activity(*, matrix: int, sender: Sender, activity: int, values: Row, seen: int) -> Done:
    """Changes the name, description, notes, stage, deliverer or people of an activity.

    `values` holds any of name, description, notes, stage_id, deliverer_id, people ({role, name, task} each).
    Refused with 409 where somebody changed the same field after `seen`.
    """
    checked = _checked_activity(values)

    def plan(work: Work) -> None:
        row = work.activity(activity)
        work.refuse_stale("activity", activity, checked, seen)
        if checked.get("stage_id") is not None:
            work.stage(checked["stage_id"])
        if checked.get("deliverer_id") is not None:
            work.role(checked["deliverer_id"])
        for person in checked.get("people", []):
            work.role(person["role"])
        if "stage_id" in checked and checked["stage_id"] != row["stage_id"]:
            row["position"] = LAST
        row.update(checked)

    return commit(plan, matrix=matrix, sender=sender, kind="activity", body=[activity, checked])


def name_person(*, matrix: int, sender: Sender, activity: int, person: Row) -> Done:
    """Names somebody on an activity: {role, name, task}. Who is named there already, in the same words, stays."""
    new = _checked_person(person)

    def plan(work: Work) -> None:
        row = work.activity(activity)
        work.role(new["role"])
        if new not in row["people"]:
            row["people"] = _checked_people([*row["people"], new])

    return commit(plan, matrix=matrix, sender=sender, kind="activity", body=[activity, "name", new])


def unname_person(*, matrix: int, sender: Sender, activity: int, person: Row) -> Done:
    """Takes somebody off an activity; nothing happens where nobody is named in these words."""

    def plan(work: Work) -> None:
        row = work.activity(activity)
        row["people"] = [named for named in row["people"] if named != person]

    return commit(plan, matrix=matrix, sender=sender, kind="activity", body=[activity, "unname", person])


def move_activity(*, matrix: int, sender: Sender, activity: int, stage: int | None, before: int | None) -> Done:
    """Puts an activity into a stage, before another activity or (None) at the end of the stage."""

    def plan(work: Work) -> None:
        rows = work.rows("activity")
        if activity not in rows:
            raise Refused(NO_ACTIVITY)
        if stage is not None:
            work.stage(stage)
        rows[activity]["stage_id"] = stage
        _place(work, "activity", activity, before)

    return commit(plan, matrix=matrix, sender=sender, kind="move", body=["activity", activity, stage, before])


def remove_activity(*, matrix: int, sender: Sender, activity: int) -> Done:
    def plan(work: Work) -> None:
        work.activity(activity)
        del work.rows("activity")[activity]

    return commit(plan, matrix=matrix, sender=sender, kind="activity_remove", body=activity)


def add_stage(*, matrix: int, sender: Sender, name: str) -> Done:
    title = checked_line(name)

    def plan(work: Work) -> None:
        work.add("stage", {"name": title, "origin": "", "position": LAST})

    return commit(plan, matrix=matrix, sender=sender, kind="stage_add", body=title)


def rename_stage(*, matrix: int, sender: Sender, stage: int, name: str, seen: int) -> Done:
    title = checked_line(name)

    def plan(work: Work) -> None:
        row = work.stage(stage)
        work.refuse_stale("stage", stage, {"name": title}, seen)
        row["name"] = title

    return commit(plan, matrix=matrix, sender=sender, kind="stage", body=[stage, title])


def move_stage(*, matrix: int, sender: Sender, stage: int, before: int | None) -> Done:
    def plan(work: Work) -> None:
        work.stage(stage)
        _place(work, "stage", stage, before)

    return commit(plan, matrix=matrix, sender=sender, kind="move", body=["stage", stage, before])


def remove_stage(*, matrix: int, sender: Sender, stage: int, into: int | None) -> Done:
    """Removes a stage; its activities go into another one, or stand without a stage."""

    def plan(work: Work) -> None:
        work.stage(stage)
        if into is not None:
            work.stage(into)
        if into == stage:
            raise Refused("Choose another stage for the activities.")
        for row in work.rows("activity").values():
            if row["stage_id"] == stage:
                row["stage_id"] = into
        del work.rows("stage")[stage]

    return commit(plan, matrix=matrix, sender=sender, kind="stage_remove", body=[stage, into])


def add_role(*, matrix: int, sender: Sender, values: Row) -> Done:
    """Adds a column at the end. `values` as for edit_role, with a name; `origin` where the catalogue has it."""
    checked = _checked_role(values)

    def plan(work: Work) -> None:
        work.add("role", {**_empty_role(), **checked, "position": LAST})

    return commit(plan, matrix=matrix, sender=sender, kind="role_add", body=checked)


def edit_role(*, matrix: int, sender: Sender, role: int, values: Row, seen: int) -> Done:
    """Changes any of name, short, purpose, contact, people (names) and headcount of a role."""
    checked = _checked_role(values)

    def plan(work: Work) -> None:
        row = work.role(role)
        work.refuse_stale("role", role, checked, seen)
        row.update(checked)

    return commit(plan, matrix=matrix, sender=sender, kind="role", body=[role, checked])


def move_role(*, matrix: int, sender: Sender, role: int, before: int | None) -> Done:
    def plan(work: Work) -> None:
        work.role(role)
        _place(work, "role", role, before)

    return commit(plan, matrix=matrix, sender=sender, kind="move", body=["role", role, before])


def remove_role(*, matrix: int, sender: Sender, role: int, heir: int | None, leaderless: bool = False) -> Done:
    """Removes a column. Where it leads, `heir` takes the Lead over; without one, `leaderless` must be said."""

    def plan(work: Work) -> None:
        name = work.role(role)["name"]
        if heir == role:
            raise Refused("Choose another role to take its rows over.")
        if heir is not None:
            work.role(heir)
        led = 0
        for row in _all_activities(work):
            if row["cells"].pop(str(role), None) == Level.LEAD:
                led += 1
                if heir is not None:
                    give(row["cells"], heir, Level.LEAD)
            _drop_role(row, role)
        work.about = {"heir": work.role(heir)["name"] if heir is not None and led else ""}
        if led and heir is None and not leaderless:
            left = counted(led, "activity", "activities")
            raise Conflict(f"{name} answers for {left}. Say who takes over first.")
        del work.rows("role")[role]

    return commit(plan, matrix=matrix, sender=sender, kind="role_remove", body=[role, heir, leaderless])


def merge_roles(*, matrix: int, sender: Sender, role: int, into: int, seen: int) -> Done:
    """Puts one role's rows into another's: the deeper level wins in each, Lead first. People and headcounts add up;
    a role without a contact takes that of the other.

    Refused with 409 where anything changed after `seen`: the sender has not looked at what the merge does now.
    """

    def plan(work: Work) -> None:
        gone = work.role(role)
        check_seen(work, seen)
        if seen != work.matrix.revision:
            raise Conflict("The matrix has changed since. This is what the merge would do now.")
        kept = work.role(into)
        work.about = {"into": kept["name"], "other": str(into)}
        if role == into:
            raise Refused("Choose two different roles to merge.")
        for row in _all_activities(work):
            letter = row["cells"].pop(str(role), None)
            level = deeper(letter, row["cells"].get(str(into)))
            if level is not None:
                row["cells"][str(into)] = level.value
            if row["deliverer_id"] == role:
                row["deliverer_id"] = into
            if any(person["role"] == role for person in row["people"]):
                row["people"] = _once([{**p, "role": into if p["role"] == role else p["role"]} for p in row["people"]])
        kept["people"] = _checked_names([*kept["people"], *(p for p in gone["people"] if p not in kept["people"])])
        unite(kept, gone)
        kept["contact"] = kept["contact"] or gone["contact"]
        if gone["headcount"] is not None and kept["headcount"] is not None:
            kept["headcount"] += gone["headcount"]
        del work.rows("role")[role]

    return commit(plan, matrix=matrix, sender=sender, kind="role_merge", body=[role, into])


def split_role(*, matrix: int, sender: Sender, role: int, name: str) -> Done:
    """Makes a second role beside this one with the same levels; where it leads, the new one supports.

    Who fills it stays with the first.
    """
    title = checked_line(name)

    def plan(work: Work) -> None:
        old = work.role(role)
        work.about = {"from": old["name"], "other": str(role)}
        new = work.add("role", {**_empty_role(), "name": title, "position": old["position"] + 0.5})
        for row in _all_activities(work):
            letter = row["cells"].get(str(role))
            if letter is not None:
                row["cells"][str(new)] = Level.SUPPORT.value if letter == Level.LEAD else letter

    return commit(plan, matrix=matrix, sender=sender, kind="role_split", body=[role, title])


def deeper(one: str | None, other: str | None) -> Level | None:
    """What a merge leaves of two levels."""
    levels = [Level(letter) for letter in (one, other) if letter]
    return max(levels, key=lambda level: level.depth, default=None)


def _new_activity(new: NewActivity) -> Row:
    return {
        "name": checked_line(new.name),
        "stage_id": new.stage,
        "origin": _checked_origin(new.origin),
        "description": _checked_prose(new.description, "description"),
        "notes": "",
        "deliverer_id": None,
        "people": [],
        "departures": {},
    }


def _empty_role() -> Row:
    """What a column has that nobody has said anything about."""
    return {
        "short": "",
        "origin": "",
        "purpose": "",
        "contact": "",
        "people": [],
        "members": [],
        "answers": None,
        "headcount": None,
    }


def _checked_activity(values: Row) -> Row:
    checked: Row = {}
    for field, value in values.items():
        match field:
            case "name":
                checked[field] = checked_line(value)
            case "description" | "notes":
                checked[field] = _checked_prose(value, field)
            case "stage_id" | "deliverer_id":
                checked[field] = value
            case "people":
                checked[field] = _checked_people([_checked_person(person) for person in value])
            case _:
                raise KeyError(field)
    return checked


def _checked_people(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if len(people) > 50:
        raise Refused("Up to 50 people fit on one activity.")
    return people


def _checked_person(person: dict[str, Any]) -> dict[str, Any]:
    task = checked_line(person["task"], what="word what for") if person["task"].strip() else ""
    return {"role": int(person["role"]), "name": checked_line(person["name"]), "task": task}


def _checked_role(values: Row) -> Row:
    if unknown := values.keys() - {"name", "short", "origin", "purpose", "contact", "people", "headcount"}:
        raise KeyError(*unknown)
    checked = dict(values)
    if "origin" in values:
        checked["origin"] = _checked_origin(values["origin"])
    if values.get("headcount") is not None and not 0 <= values["headcount"] <= MAX_HEADCOUNT:
        raise Refused(f"A headcount is a number from 0 to {MAX_HEADCOUNT:,}.")
    if "name" in values:
        checked["name"] = checked_line(values["name"])
    for field, limit in (("short", 12), ("purpose", 200), ("contact", 200)):
        if field in values:
            text = values[field].strip()
            checked[field] = (
                checked_line(text, limit=limit, what=f"{field} name" if field == "short" else field) if text else ""
            )
    if "people" in values:
        checked["people"] = _checked_names([checked_line(name) for name in values["people"] if name.strip()])
    return checked


def _checked_names(names: list[str]) -> list[str]:
    if len(names) > 200:
        raise Refused(f"Up to 200 names fit on a role; these are {len(names)}. Take some out first.")
    return names


def _checked_origin(origin: str) -> str:
    return checked_line(origin, limit=80, what="origin") if origin else ""


def _checked_prose(text: str, what: str) -> str:
    try:
        return prose(text, limit=TEXT_LIMIT, what=what)
    except ValueError as error:
        raise Refused(str(error)) from error


def _place(work: Work, table: str, moved: int, before: int | None) -> None:
    rows = work.rows(table)
    if before is not None and before not in rows:
        raise Refused("The place to move it to is gone. Reload the page.")
    rows[moved]["position"] = rows[before]["position"] - 0.5 if before is not None else LAST
    work.about = {"moved": f"{table}:{moved}"}


def _all_activities(work: Work) -> list[Row]:
    work.load_cells()
    return list(work.rows("activity").values())


def _drop_role(row: Row, role: int) -> None:
    if row["deliverer_id"] == role:
        row["deliverer_id"] = None
    row["people"] = [person for person in row["people"] if person["role"] != role]


def _once(people: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Who is named twice in one role stands there once; with a task, where one was given, or with each of several."""
    busy = {(p["role"], p["name"]) for p in people if p["task"]}
    wanted = [p for p in people if p["task"] or (p["role"], p["name"]) not in busy]
    return [person for at, person in enumerate(wanted) if person not in wanted[:at]]
