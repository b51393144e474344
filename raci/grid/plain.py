"""A Grid as values that JSON can hold, and back: for what is kept as it was (house references, versions)."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from .grid import Activity, Departure, Grid, Named, Role, Stage
from .levels import Level

Plain = dict[str, Any]
_LEVELS = {level.value: level for level in Level}
_Value = TypeVar("_Value")
_Item = TypeVar("_Item", Activity, Role, Stage)


def to_plain(grid: Grid) -> Plain:
    """The grid as dicts, lists, texts, whole numbers and None.

    Equal grids give equal values in equal order, down to each key, so that a digest of the dumped text is one of the
    grid. Ids that are keys (of `cells`) are text, as JSON has it. Which accounts fill a role is left out: what is kept
    for good knows people by the names that were typed alone.
    """
    return {
        "culture": grid.culture,
        "stages": [{"id": stage.id, "name": stage.name, "origin": stage.origin} for stage in grid.stages],
        "roles": [_plain_role(role) for role in grid.roles],
        "activities": [_plain_activity(activity) for activity in grid.activities],
        "cells": {
            str(activity): {str(role): level.value for role, level in sorted(levels.items())}
            for activity, levels in sorted(grid.cells.items())
        },
    }


def from_plain(data: object) -> Grid:
    """The grid that `to_plain` was given, ids and all. Raises ValueError with a sentence for anything else."""
    fields = _Fields("The matrix", data, ("culture", "stages", "roles", "activities", "cells"))
    return Grid(
        activities=_unique(fields.items("activities", _activity), "activities"),
        roles=_unique(fields.items("roles", _role), "roles"),
        stages=_unique(fields.items("stages", _stage), "stages"),
        cells=_cells(fields.value("cells")),
        culture=fields.text("culture"),
    )


def _plain_role(role: Role) -> Plain:
    return {
        "id": role.id,
        "name": role.name,
        "short": role.short,
        "origin": role.origin,
        "purpose": role.purpose,
        "contact": role.contact,
        "people": list(role.people),
        "headcount": role.headcount,
    }


def _plain_activity(activity: Activity) -> Plain:
    return {
        "id": activity.id,
        "name": activity.name,
        "stage": activity.stage,
        "origin": activity.origin,
        "description": activity.description,
        "notes": activity.notes,
        "deliverer": activity.deliverer,
        "people": [{"role": named.role, "name": named.name, "task": named.task} for named in activity.people],
        "departures": [_plain_departure(departure) for departure in activity.departures],
    }


def _plain_departure(departure: Departure) -> Plain:
    return {
        "role": departure.role,
        "against": departure.against,
        "theirs": None if departure.theirs is None else departure.theirs.value,
        "reason": departure.reason,
        "until": None if departure.until is None else departure.until.isoformat(),
        "by": departure.by,
    }


class _Fields:
    """The fields of one thing, each asked for by its kind; every answer that is not of that kind is a ValueError."""

    def __init__(self, what: str, data: object, names: tuple[str, ...]) -> None:
        if not isinstance(data, Mapping):
            raise ValueError(f"{what} is not a set of named fields.")
        if missing := [name for name in names if name not in data]:
            raise ValueError(f"{what} has no {missing[0]}.")
        if unknown := [name for name in data if name not in names]:
            raise ValueError(f"{what} has a field {unknown[0]!r} that is not known.")
        self.what, self.data = what, data

    def value(self, name: str) -> object:
        return self.data[name]

    def text(self, name: str) -> str:
        value = self.data[name]
        if not isinstance(value, str):
            raise ValueError(f"{self.what}: {name} is not text.")
        return value

    def number(self, name: str) -> int:
        value = self.data[name]
        if not isinstance(value, int) or isinstance(value, bool):
            raise ValueError(f"{self.what}: {name} is not a whole number.")
        return value

    def number_or_none(self, name: str) -> int | None:
        return None if self.data[name] is None else self.number(name)

    def day_or_none(self, name: str) -> date | None:
        if self.data[name] is None:
            return None
        try:
            return date.fromisoformat(self.text(name))
        except ValueError as error:
            raise ValueError(f"{self.what}: {name} is not a day such as 2026-03-12.") from error

    def texts(self, name: str) -> tuple[str, ...]:
        values = self._list(name)
        if not all(isinstance(value, str) for value in values):
            raise ValueError(f"{self.what}: {name} holds something that is not text.")
        return tuple(values)

    def items(self, name: str, read: Callable[[object], _Value]) -> tuple[_Value, ...]:
        return tuple(read(value) for value in self._list(name))

    def _list(self, name: str) -> list[Any]:
        value = self.data[name]
        if not isinstance(value, list):
            raise ValueError(f"{self.what}: {name} is not a list.")
        return value


def _stage(data: object) -> Stage:
    fields = _Fields("A stage", data, ("id", "name", "origin"))
    return Stage(fields.number("id"), fields.text("name"), fields.text("origin"))


def _role(data: object) -> Role:
    known = {"contact": "", **data} if isinstance(data, Mapping) else data  # the first that were kept had none
    fields = _Fields("A role", known, ("id", "name", "short", "origin", "purpose", "contact", "people", "headcount"))
    return Role(
        id=fields.number("id"),
        name=fields.text("name"),
        short=fields.text("short"),
        origin=fields.text("origin"),
        purpose=fields.text("purpose"),
        contact=fields.text("contact"),
        people=fields.texts("people"),
        headcount=fields.number_or_none("headcount"),
    )


def _activity(data: object) -> Activity:
    names = ("id", "name", "stage", "origin", "description", "notes", "deliverer", "people", "departures")
    fields = _Fields("An activity", data, names)
    return Activity(
        id=fields.number("id"),
        name=fields.text("name"),
        stage=fields.number_or_none("stage"),
        origin=fields.text("origin"),
        description=fields.text("description"),
        notes=fields.text("notes"),
        deliverer=fields.number_or_none("deliverer"),
        people=fields.items("people", _named),
        departures=fields.items("departures", _departure),
    )


def _named(data: object) -> Named:
    fields = _Fields("A person on an activity", data, ("role", "name", "task"))
    return Named(fields.number("role"), fields.text("name"), fields.text("task"))


def _departure(data: object) -> Departure:
    fields = _Fields("A departure", data, ("role", "against", "theirs", "reason", "until", "by"))
    theirs = fields.value("theirs")
    return Departure(
        role=fields.number("role"),
        against=fields.text("against"),
        theirs=None if theirs is None else _level(theirs),
        reason=fields.text("reason"),
        until=fields.day_or_none("until"),
        by=fields.number_or_none("by"),
    )


def _cells(data: object) -> dict[int, dict[int, Level]]:
    return {
        activity: {role: _level(letter) for role, letter in _by_id(levels, "A row of cells").items()}
        for activity, levels in _by_id(data, "The cells").items()
    }


def _by_id(data: object, what: str) -> dict[int, object]:
    if not isinstance(data, Mapping):
        raise ValueError(f"{what}: not a set of ids with their levels.")
    found: dict[int, object] = {}
    for key, value in data.items():
        try:
            number = int(key)
        except (TypeError, ValueError):
            number = None
        if number is None or str(number) != key:  # " 7" and "07" would be a second way to write 7
            raise ValueError(f"{what}: {key!r} is not an id.")
        found[number] = value
    return found


def _level(letter: object) -> Level:
    level = _LEVELS.get(letter) if isinstance(letter, str) else None
    if level is None:
        raise ValueError(f"{letter!r} is not a level; levels are {', '.join(Level)}.")
    return level


def _unique(items: tuple[_Item, ...], what: str) -> tuple[_Item, ...]:
    if len({item.id for item in items}) != len(items):
        raise ValueError(f"Two of the {what} have one id.")
    return items
