"""Rows of the grid as HTML: each distinct cell and each distinct row is rendered once and then joined.

The one place with `mark_safe`: it joins what templates have escaped. A row knows nothing of its reader, so pages,
answers and later the live stream share it.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe

from raci.grid.grid import Activity, Grid, Stage
from raci.grid.levels import Level, Notation
from raci.grid.load import Load, letters_of

KEPT_ROWS = 20_000  # distinct rows kept per process; a row of 30 roles takes about 4 kB
BLANK = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    """What a row or cell shows beside its level: `kind` is error, warn or note; `text` says it."""

    activity: int
    role: int | None
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What the reference has in one cell that differs: its level ("-" for not involved), and the words for it.

    `is_kept` says that the difference was decided to stay.
    """

    level: str
    text: str
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Vital:
    """What is first wrong with how an activity goes: `answer` is partly, no, or "" where nobody was asked."""

    answer: str
    word: str


@dataclass(frozen=True, slots=True)
class Row:
    """All that one row shows. `levels` holds one letter per role, "-" where blank; `deliverer` is a column or -1;
    `marked` are the columns whose cell has an error; `beside` pairs the columns that differ from a reference with what
    it has there; `href` is the activity's page."""

    id: int
    name: str
    href: str
    levels: str
    deliverer: int
    notation: Notation
    flag: str = ""
    warnings: tuple[str, ...] = ()
    marked: tuple[int, ...] = ()
    has_notes: bool = False
    beside: tuple[tuple[int, Beside], ...] = ()
    vital: Vital | None = None


@dataclass(frozen=True, slots=True)
class StageRows:
    """A stage and its rows, ready to print."""

    stage: Stage | None
    html: SafeString


def row_of(
    grid: Grid,
    activity: Activity,
    marks: Iterable[Mark],
    notation: Notation,
    href: Callable[[int], str],
    beside: Mapping[int, Beside] | None = None,
    vital: Vital | None = None,
) -> Row:
    """What the row of one activity shows; `beside` maps its roles that differ from a reference to what that has."""
    columns = {role.id: column for column, role in enumerate(grid.roles)}
    errors = [mark for mark in marks if mark.kind == "error"]
    return Row(
        id=activity.id,
        name=activity.name,
        href=href(activity.id),
        levels=letters_of(grid, activity.id),
        deliverer=-1 if activity.deliverer is None else columns.get(activity.deliverer, -1),
        notation=notation,
        flag=errors[0].text if errors else "",
        warnings=tuple(mark.text for mark in marks if mark.kind == "warn"),
        marked=tuple(columns[mark.role] for mark in errors if mark.role in columns),
        has_notes=bool(activity.notes),
        beside=tuple((columns[role], what) for role, what in (beside or {}).items() if role in columns),
        vital=vital,
    )


def stage_rows(
    grid: Grid,
    marks: Mapping[int, Collection[Mark]],
    notation: Notation,
    href: Callable[[int], str],
    beside: Mapping[int, Mapping[int, Beside]],
    only: Collection[int] | None = None,
    vitals: Mapping[int, Vital] | None = None,
) -> list[StageRows]:
    """Every stage with its rows; with `only`, just those rows and the stages that have one.

    `beside` maps activities, then roles, to what a reference has in cells that differ.
    """
    shown, vitals = None if only is None else set(only), vitals or {}
    result = []

    def row(activity: Activity) -> Row:
        of = activity.id
        return row_of(grid, activity, marks.get(of, ()), notation, href, beside.get(of), vitals.get(of))

    for stage, activities in grid.by_stage():
        html = [row_html(row(activity)) for activity in activities if shown is None or activity.id in shown]
        if html or shown is None:
            result.append(StageRows(stage, mark_safe("".join(html))))
    return result


@lru_cache(maxsize=KEPT_ROWS)
def row_html(row: Row) -> SafeString:
    """One `<tr>`."""
    beside = dict(row.beside)
    cells = "".join(
        _cell_html(
            letter, row.notation, row.deliverer == column, row.deliverer < 0, column in row.marked, beside.get(column)
        )
        for column, letter in enumerate(row.levels)
    )
    html: str = _row_template().render({"row": row, "cells": mark_safe(cells)})
    return mark_safe(html.strip())


def seen_row_html(row: Row, revision: int) -> SafeString:
    """The row as an answer carries it: with the revision it shows, so that a later edit is measured against that."""
    return mark_safe(row_html(row).replace("<tr ", f'<tr data-seen="{int(revision)}" ', 1))


@lru_cache(maxsize=1_000)
def load_html(load: Load, name: str, notation: Notation) -> SafeString:
    """The small picture under a column: how many activities the role holds at each level."""
    most = max(*(count for _, count in load.counts()), 1)
    bars = [
        {
            "level": level.key,
            "letter": notation.letter(level, delivers=False),
            "word": notation.word(level),
            "count": count,
            "x": 3 + 28 * column,
            "middle": 13 + 28 * column,
            "height": round(18.9 * count / most, 1),
            "top": round(34 - 18.9 * count / most, 1),
            "label": round(30 - 18.9 * count / most, 1),
        }
        for column, (level, count) in enumerate(load.counts())
    ]
    return mark_safe(get_template("matrices/_load.html").render({"bars": bars, "name": name}))


@lru_cache(maxsize=4_096)
def _cell_html(
    letter: str, notation: Notation, delivers: bool, lead_delivers: bool, marked: bool, beside: Beside | None
) -> str:
    level = None if letter == BLANK else Level(letter)
    return str(
        get_template("matrices/_cell.html").render(
            {
                "level": level.key if level else "none",
                "letter": notation.letter(level, delivers=lead_delivers),
                "word": notation.word(level),
                "delivers": delivers,
                "marked": marked,
                "beside": beside and {"letter": _letter(beside.level, notation), "text": beside.text},
                "is_kept": beside is not None and beside.is_kept,
            }
        )
    ).strip()


def _letter(level: str, notation: Notation) -> str:
    """The letter of a level of a reference, where the Lead delivers; a dash for not involved."""
    return "–" if level == BLANK else notation.letter(Level(level), delivers=True)


@lru_cache(maxsize=1)
def _row_template() -> Any:
    return get_template("matrices/_row.html")
