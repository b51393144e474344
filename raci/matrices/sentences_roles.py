"""What the log says of a role: its name, what it is for, and the people in it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from raci.grid.levels import Notation
from raci.grid.text import SOMEBODY, counted

from .edits import Edit, Row
from .models import Change


def role_statements(edit: Edit, names: Mapping[str, Any], notation: Notation) -> Iterator[str]:
    """What an edit did to one role. `names["people"]` maps the users it speaks of to their names."""
    name, before, after = edit["name"], edit["before"], edit["after"]
    if before is None:
        yield f"The role {name} was added."
    elif after is None:
        yield f"The role {name} was removed."
    else:
        if "name" in after:
            yield f"The role {before['name']} is now called {after['name']}."
        if "short" in after:
            yield f"{name} is “{after['short']}” for short." if after["short"] else f"{name} has no short name now."
        if "purpose" in after:
            yield f"The purpose of {name} changed."
        if "contact" in after:
            yield f"How to reach {name} changed."
        if "people" in after:
            typed = ", ".join(after["people"])
            yield f"{name} is filled by {typed}." if typed else f"No name is typed for {name} any more."
        if "headcount" in after:
            yield _headcount(name, after["headcount"])
        yield from _parts(name, before, after, names["people"])


def mentioned(changes: Iterable[Change]) -> set[int]:
    """The users whose part in a role these changes speak of."""
    return {user for change in changes for edit in change.edits for user in _moved(edit)}


def _headcount(name: str, headcount: int | None) -> str:
    if headcount is None:
        return f"The headcount of {name} is no longer stated."
    return f"{name} has {counted(headcount, 'person', 'people')}."


def _parts(name: str, before: Row, after: Row, people: Mapping[int, str]) -> Iterator[str]:
    """Who fills a role from now on, who no longer does, and who answers for it."""
    old, new = before.get("members", []), after.get("members", [])
    for user in new:
        if user not in old:
            yield f"{_person(people, user)} now fills {name}."
    for user in old:
        if user not in new:
            yield f"{_person(people, user)} no longer fills {name}."
    if "answers" in after:
        answers = after["answers"]
        yield f"{_person(people, answers)} answers for {name}." if answers else f"Nobody answers for {name} any more."


def _moved(edit: Edit) -> set[int]:
    """The users an edit speaks of. A role that was made or removed says nothing of those who fill it."""
    before, after = edit["before"], edit["after"]
    if edit["table"] != "role" or before is None or after is None:
        return set()
    moved = set(before.get("members", [])) ^ set(after.get("members", []))
    return moved | {after["answers"]} - {None} if "answers" in after else moved


def _person(people: Mapping[int, str], user: int) -> str:
    return people.get(user, f"{SOMEBODY} who left")
