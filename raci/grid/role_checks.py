"""The rules C1 to C8, which look at one column each."""

from collections.abc import Callable
from dataclasses import dataclass

from .grid import Grid, Role
from .levels import Words
from .load import Load, load_of
from .rules import RULES, Finding
from .text import counted


@dataclass(frozen=True, slots=True)
class Column:
    """One role as the checks read it: its load, and what all activities, roles, people and duties add up to.

    `people` is None unless every role has stated its headcount. A duty is a Lead or a delivery: an activity has two.
    """

    role: Role
    words: Words
    load: Load
    activities: int
    roles: int
    people: int | None
    duties: int

    def says(self, rule: str, text: str, step: str) -> Finding:
        return Finding(rule, RULES[rule].severity, text, step, role=self.role.id)


def _leads_too_much(column: Column) -> Finding | None:
    leads, activities = column.load.lead, column.activities
    if activities < 8 or column.roles < 3 or 100 * leads <= 55 * activities:
        return None
    text = f"{column.role.name} {column.words.leads} {leads} of {activities} activities, so much waits on one role."
    return column.says("C1", text, "See what could go to others.")


def _carries_too_much(column: Column) -> Finding | None:
    carried, activities = column.load.lead + column.load.support, column.activities
    if activities < 8 or 10 * carried <= 9 * activities:
        return None
    carries = f"{column.words.carries} {carried} of {activities} activities"
    text = f"{column.role.name} {carries}, which few roles can carry."
    return column.says("C2", text, "See where input would be enough.")


def _on_every_row(column: Column) -> Finding | None:
    if column.roles < 6 or column.activities < 8 or column.load.total < column.activities:
        return None
    text = f"{column.role.name} is on all {column.activities} activities, and some may not need it."
    return column.says("C3", text, "Clear those it would not miss.")


def _spectator(column: Column) -> Finding | None:
    if column.load.lead or column.load.support or not column.load.total:
        return None
    text = f"{column.role.name} {column.words.never_carries}, so this may be the wrong matrix for it."
    return column.says("C4", text, "Give it work it carries, or leave it out.")


def _empty_column(column: Column) -> Finding | None:
    if column.load.total or not column.activities:
        return None
    text = f"{column.role.name} is on no activity, so its column says nothing."
    return column.says("C5", text, "Remove it, or say what it should do.")


def _orphan_lead(column: Column) -> Finding | None:
    if column.role.headcount != 0 or not column.load.lead:
        return None
    led = counted(column.load.lead, "activity", "activities")
    text = f"{column.role.name} {column.words.leads} {led} and has 0 people, so nobody answers for them."
    return column.says("C6", text, "Give them to another role, or correct the headcount.")


def _swamped_lead(column: Column) -> Finding | None:
    people, headcount, load = column.people, column.role.headcount, column.load
    if not people or not headcount or (load.lead + load.delivers) * people <= 2 * headcount * column.duties:
        return None
    work = f"{column.words.leads} {load.lead} of {column.activities} activities and delivers {load.delivers}"
    text = f"{column.role.name} is {headcount} of {people} people, {work}: more than twice its share."
    return column.says("C8", text, "Share it, or plan for fewer.")


RoleCheck = Callable[[Column], Finding | None]
ROLE_CHECKS: dict[str, RoleCheck] = {
    "C1": _leads_too_much,
    "C2": _carries_too_much,
    "C3": _on_every_row,
    "C4": _spectator,
    "C5": _empty_column,
    "C6": _orphan_lead,
    "C8": _swamped_lead,
}


def columns(grid: Grid, rows: list[str], words: Words) -> list[Column]:
    """Every column; `rows` are the letters of each row."""
    loads = load_of(grid, rows)
    stated = [role.headcount for role in grid.roles if role.headcount is not None]
    people = sum(stated) if len(stated) == len(grid.roles) else None
    duties = sum(load.lead + load.delivers for load in loads.values())
    sizes = len(grid.activities), len(grid.roles)
    return [Column(role, words, loads[role.id], *sizes, people, duties) for role in grid.roles]
