"""The log in plain sentences: what a change says to the person who reads it, in either notation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from raci.grid.levels import Level, Notation
from raci.grid.rules import rules_in
from raci.grid.text import counted, day

from .edits import Edit, Row, is_renumbered
from .models import Change
from .people import names_in
from .sentences_reviews import decided, where_decided
from .sentences_roles import mentioned, role_statements

SHOWN = 2  # statements that stand in a headline; more become details


@dataclass(frozen=True, slots=True)
class Told:
    """A change as a headline and, where it did more than a line holds, its details."""

    headline: str
    details: tuple[str, ...] = ()


def tell(
    change: Change,
    notation: Notation = Notation.LEAD_SUPPORT,
    *,
    only: int | None = None,
    people: Mapping[int, str] | None = None,
) -> Told:
    """What a change did; with `only`, what it did to that one activity.

    `people` maps the ids that `mentioned` gives to names; without it they are looked up, in one query if there are any.
    """
    names = names_in(change.matrix_id, mentioned([change])) if people is None else people
    edits = [e for e in change.edits if only is None or (e["table"] == "activity" and e["id"] == only)]
    statements = tuple(_statements(change, edits, notation, names))
    special = _headline(change, statements) if only is None else ""
    if special:
        return Told(special, statements)
    prefix = {"undo": "Undone. ", "redo": "Redone. "}.get(change.kind) or where_decided(change)
    if 0 < len(statements) <= SHOWN:
        return Told(prefix + " ".join(statements))
    return Told(prefix + _summary(edits, statements), statements)


def _summary(edits: list[Edit], statements: tuple[str, ...]) -> str:
    """The one line of a change that did more than two things."""
    told = [edit for edit in edits if not is_renumbered(edit)]
    rows = counted(len(told), "activity", "activities")
    if told and told[0]["table"] == "matrix" and all(edit["table"] == "activity" for edit in told[1:]):
        rows = counted(len(told) - 1, "activity", "activities")
        return f"{statements[0].removesuffix('.')}; {rows} changed with it."
    if all(edit["table"] == "activity" and edit["before"] is None for edit in told):
        return f"{rows} were added."
    if all(edit["table"] == "activity" and set(edit["after"] or ()) == {"cells"} for edit in told):
        cells = sum(len((edit["after"] or {})["cells"]) for edit in told)
        return f"{counted(cells, 'cell')} in {rows} changed."
    if len(told) == 1:
        (edit,) = told
        subject = f"“{edit['name']}”" if edit["table"] == "activity" else edit["name"]
        return f"{counted(len(statements), 'change')} to {subject}."
    return f"{counted(len(statements), 'change')}."


def _headline(change: Change, statements: tuple[str, ...]) -> str:
    """The one line of the changes that touch a whole column or the whole matrix; "" for the others."""
    about: Mapping[str, str] = change.names.get("about", {})
    made = [e for e in change.edits if e["before"] is None]
    gone = next((e["name"] for e in change.edits if e["after"] is None and e["table"] == "role"), "")
    match change.kind:
        case "create":
            activities = sum(e["table"] == "activity" for e in made)
            roles = sum(e["table"] == "role" for e in made)
            return f"Created with {counted(activities, 'activity', 'activities')} and {counted(roles, 'role')}."
        case "role_merge":
            return f"{gone} was merged into {about['into']}."
        case "role_split":
            return f"{next(e['name'] for e in made)} was split off {about['from']}."
        case "role_remove":
            heir = f"; what it answered for went to {about['heir']}" if about.get("heir") else ""
            return f"{gone} was removed{heir}."
        case "stage_remove" if len(statements) > SHOWN:
            return next(f"The stage {e['name']} was removed." for e in change.edits if e["after"] is None)
        case "house":
            return f"Saved as the house reference “{about['house']}”."
        case "publish":
            return f"Published as version {about['version']}."
        case "restore":
            return f"Went back to {_went_back_to(about)}."
        case "decide" | "undecide" if not statements or about["decision"] in ("ask", "open"):
            return decided(change)
    return ""


def _went_back_to(about: Mapping[str, str]) -> str:
    if "version" in about:
        return f"version {about['version']}"
    return f"revision {about['revision']}" if about else "an earlier revision"


def _statements(change: Change, edits: list[Edit], notation: Notation, people: Mapping[int, str]) -> Iterator[str]:
    names = {**change.names, "people": people}
    renumbered, explained = set(), set()
    for edit in edits:
        table = edit["table"]
        if not is_renumbered(edit):
            yield from _STATEMENTS[table](edit, names, notation)
        elif change.moved(table, edit["id"]):
            yield f"“{edit['name']}” moved." if table == "activity" else f"The {table} {edit['name']} moved."
            explained.add(table)
        else:
            renumbered.add(table)
    for table in sorted(renumbered - explained):
        if not any(_moves_others(edit) for edit in edits if edit["table"] == table):
            yield f"The order of {_PLURALS[table]} changed."


def _moves_others(edit: Edit) -> bool:
    """Whether its own sentence explains that others gave way: it came, went, or changed its stage."""
    return edit["before"] is None or edit["after"] is None or "stage_id" in edit["after"]


_PLURALS = {"activity": "activities", "role": "roles", "stage": "stages", "matrix": "matrices"}


def _activity(edit: Edit, names: Mapping[str, Any], notation: Notation) -> Iterator[str]:
    name, before, after = edit["name"], edit["before"], edit["after"]
    if before is None:
        yield f"“{name}” was added."
        return
    if after is None:
        yield f"“{name}” was removed."
        return
    if "name" in after:
        yield f"“{before['name']}” is now called “{after['name']}”."
    if "stage_id" in after:
        stage = names["stage"].get(str(after["stage_id"]))
        yield f"“{name}” moved to {stage}." if stage else f"“{name}” stands without a stage."
    for field in ("description", "notes"):
        if field in after:
            yield f"The {field} of “{name}” changed." if after[field] else f"The {field} of “{name}” went."
    if "deliverer_id" in after:
        deliverer = names["role"].get(str(after["deliverer_id"]))
        itself = f"The {notation.words.lead_role} now delivers “{name}” itself."
        yield f"{deliverer} now delivers “{name}”." if deliverer else itself
    if "people" in after:
        yield from _people(name, before["people"], after["people"])
    if "cells" in after:
        yield _cells(name, before["cells"], after["cells"], names["role"], notation)
    if "departures" in after:
        yield from _departures(name, before["departures"], after["departures"], names, "cells" in after)


def _departures(
    name: str,
    before: Mapping[str, dict[str, Any] | None],
    after: Mapping[str, dict[str, Any] | None],
    names: Mapping[str, Any],
    levels_moved: bool,
) -> Iterator[str]:
    """What is kept for a reason now, and what is no longer: let go, or gone with the level it was about."""
    about: Mapping[str, str] = names["about"]
    reference = about.get("reference", "the reference")
    told: dict[tuple[str, str], list[str]] = {}
    for key, departure in after.items():
        role = _role(names["role"], key.partition(":")[0])
        if departure is not None:
            until = f" until {day(date.fromisoformat(departure['until']))}" if departure["until"] else ""
            told.setdefault(("kept", f"{until}, unlike {reference}: {_reason(departure)}"), []).append(role)
        elif levels_moved:
            told.setdefault(("gone", _reason(before[key] or {})), []).append(role)
        elif "carried" not in about:
            told.setdefault(("open", reference), []).append(role)
    for (what, said), roles in told.items():
        who = " and ".join(roles)
        match what:
            case "kept":
                yield f"“{name}” keeps {who} as {'it is' if len(roles) == 1 else 'they are'}{said}"
            case "gone":
                yield f"What was kept for {who} there went with it: {said}"
            case "open":
                yield f"The level of {who} in “{name}” is to be decided again against {said}."


def _reason(departure: Mapping[str, Any]) -> str:
    """Why something was kept, in one line."""
    return " ".join(departure["reason"].split()).rstrip(".") + "."


def _people(name: str, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> Iterator[str]:
    old, new = {p["name"] for p in before}, {p["name"] for p in after}
    for person in sorted(new - old):
        yield f"{person} is named on “{name}”."
    for person in sorted(old - new):
        yield f"{person} is no longer named on “{name}”."
    if old == new and {p["role"] for p in before} != {p["role"] for p in after}:
        yield f"The roles of those named on “{name}” changed."
    elif old == new:
        yield f"What people do on “{name}” changed."


def _cells(
    name: str,
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
    roles: Mapping[str, str],
    notation: Notation,
) -> str:
    """One sentence for the row: who leads first, then the others."""
    parts = []
    lead = next((role for role, letter in after.items() if letter == Level.LEAD), None)
    former = next((role for role, letter in before.items() if letter == Level.LEAD and role != lead), None)
    if lead is not None:
        parts.append(f"{_role(roles, lead)} {_does(notation, Level.LEAD)} “{name}”")
    elif former is not None:
        parts.append(f"Nobody {_does(notation, Level.LEAD)} “{name}”")
    for role, letter in after.items():
        if role == lead:
            continue
        subject = f"{_role(roles, role)}"
        if letter is None:
            verb = "is no longer involved"
            parts.append(f"{subject} {verb}" if parts else f"{subject} {verb} in “{name}”")
        elif parts:
            parts.append(f"{subject} moved to {notation.word(Level(letter))}")
        else:
            parts.append(f"{subject} {_does(notation, Level(letter))} “{name}”")
    was = next((notation.word(Level(letter)) for letter in before.values() if letter), "")
    ending = f", was {was}" if len(after) == 1 and was and lead is None and former is None else ""
    return "; ".join(parts) + ending + "."


def _stage_row(edit: Edit, names: Mapping[str, Any], notation: Notation) -> Iterator[str]:
    before, after = edit["before"], edit["after"]
    if before is None:
        yield f"The stage {edit['name']} was added."
    elif after is None:
        yield f"The stage {edit['name']} was removed."
    elif "name" in after:
        yield f"The stage {before['name']} is now called {after['name']}."


def _matrix_row(edit: Edit, names: Mapping[str, Any], notation: Notation) -> Iterator[str]:
    before, after = edit["before"], edit["after"]
    if before is None or after is None:
        return
    if "name" in after:
        yield f"The matrix “{before['name']}” is now called “{after['name']}”."
    if "house_id" in after or "culture_id" in after:
        yield f"The matrix follows {_followed(before, after, names)} now."
    if "is_archived" in after:
        yield "The matrix was archived." if after["is_archived"] else "The matrix was brought back."
    for finding, aside in after.get("asides", {}).items():
        said = f"“{_check(finding.partition(':')[0], notation)}” {'was set aside' if aside else 'is shown again'}"
        subject = (aside or before["asides"][finding]).get("about")
        of = f" for {subject}" if subject else ""
        yield f"{said}{of}: {aside['reason'].rstrip('.')}." if aside else f"{said}{of}."
    if "rules_off" in after:
        for rule in sorted(set(after["rules_off"]) ^ set(before["rules_off"])):
            yield f"The check “{_check(rule, notation)}” is {'off' if rule in after['rules_off'] else 'on'} now."


def _followed(before: Row, after: Row, names: Mapping[str, Any]) -> str:
    """The reference that an edit of the matrix leaves it with; a house reference goes before its culture's."""
    house = after.get("house_id")
    if house is not None:
        return f"“{names.get('house', {}).get(str(house), 'a house reference')}”"
    culture = after.get("culture_id") or names["about"].get("culture")
    return f"the {culture}-led reference" if culture else "no reference"


def _check(rule: str, notation: Notation) -> str:
    """What a check is called; its id where an old log names one that is no more."""
    known = rules_in(notation).get(rule)
    return known.name if known else rule


_STATEMENTS = {"activity": _activity, "role": role_statements, "stage": _stage_row, "matrix": _matrix_row}


def _does(notation: Notation, level: Level) -> str:
    """What a role does from now on: now leads, is now accountable for."""
    words = notation.words
    match level:
        case Level.LEAD:
            verb = words.leads
        case Level.SUPPORT:
            verb = words.supports
        case Level.CONTRIBUTE:
            verb = words.contributes
        case Level.INFORMED:
            verb = words.hears
    return f"is now {verb[3:]}" if verb.startswith("is ") else f"now {verb}"


def _role(roles: Mapping[str, str], role: str) -> str:
    return roles.get(role, "A role")
