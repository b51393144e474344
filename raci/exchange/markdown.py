"""Writes a matrix as a Markdown table to paste into a wiki: a title, one line of facts, a legend, the table,
and below it what is kept against a reference, where anything is.
"""

import re
from collections.abc import Iterator

from raci.grid.grid import Activity
from raci.grid.levels import Level
from raci.grid.text import day

from .export import Export, delivered_by, lead_letters, lead_noun, level_letters, row_letters

_MARKS = re.compile(r"([\\`*_\[\]{}~!^$])")
# Entities rather than backslashes: readers disagree on a backslash before a pipe, and @ and # call people and issues.
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;", "#": "&#35;"})
# Many wikis make a link of a bare address; ours stay text.
_SCHEME = re.compile(r":(?=//)")
_WWW = re.compile(r"(?i)\b(www)\.")
_BLOCK_START = re.compile(r"^([-+=]|\d+[.)])")


def to_markdown(export: Export) -> str:
    """Stages are bold rows, a Lead is bold, blank cells stay blank. No user text can end a cell, link or add HTML."""
    grid = export.grid
    delivers = any(delivered_by(grid, activity) for activity in grid.activities)
    head = ["Activity", *(_text(role.name) for role in grid.roles), *(["Delivered by"] if delivers else [])]
    lines = [
        f"# {_text(export.name)}",
        "",
        f"{_text(export.workspace)} · {export.state} · {day(export.on)}",
        "",
        _legend(export),
        "",
        _row(head),
        _row([":---", *[":---:"] * len(grid.roles), *([":---"] if delivers else [])]),
    ]
    for stage, activities in grid.by_stage():
        if stage:
            lines.append(_row([f"**{_text(stage.name)}**", *[""] * (len(head) - 1)]))
        lines.extend(_row(_activity(export, activity, delivers)) for activity in activities)
    lines.extend(_departures(export))
    return "\n".join(lines) + "\n"


def _departures(export: Export) -> Iterator[str]:
    if not export.departures:
        return
    head = ["Activity", "Role", "Ours", "Theirs", "Reference", "Kept because", "Until", "State", "By"]
    yield from ("", "## Departures", "", _row(head), _row([":---"] * len(head)))
    for line in export.departures:
        kept = (line.reference, line.reason, line.until, line.state, line.by)
        texts = (line.activity, line.roles, line.ours, line.theirs, *kept)
        yield _row([_text(text) for text in texts])


def _legend(export: Export) -> str:
    notation = export.notation
    levels = (f"{' or '.join(level_letters(notation, level))} {notation.word(level)}" for level in Level)
    return f"{', '.join(levels)}. Exactly one {lead_noun(notation)} for each activity."


def _activity(export: Export, activity: Activity, delivers: bool) -> list[str]:
    leads = lead_letters(export.notation)
    letters = (f"**{letter}**" if letter in leads else letter for letter in row_letters(export, activity))
    last = [_text(delivered_by(export.grid, activity))] if delivers else []
    return [_text(activity.name), *letters, *last]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _text(text: str) -> str:
    """User text as one line in which nothing is markup."""
    line = " ".join("".join(c if c.isprintable() or c.isspace() else "" for c in text).split())
    line = _MARKS.sub(r"\\\1", line.translate(_ENTITIES))
    line = _WWW.sub(r"\1&#46;", _SCHEME.sub("&#58;", line))
    return _BLOCK_START.sub(lambda m: f"{m[1][:-1]}\\{m[1][-1]}", line)
