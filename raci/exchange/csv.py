"""Writes a matrix as CSV that spreadsheets and scripts both read: UTF-8 with BOM, comma, CRLF, one row an activity."""

import csv
import io
import re
from collections.abc import Iterator

from .export import FORMULA_STARTS, Export, delivered_by, reads_as_formula, row_letters

# Where the list separator is a semicolon (much of Europe), Excel does not see our quotes and starts a new cell at each
# semicolon, tab or line break inside a text: what stands there must not be a formula either.
_INNER_START = re.compile(rf"([;\t\r\n]\s*)(?=[{re.escape(FORMULA_STARTS)}])")


def to_csv(export: Export) -> bytes:
    """Columns: Stage, Activity, one a role, Delivered by, Description, Notes.

    A text that a spreadsheet would compute gets an apostrophe in front, which an import takes off again.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(_header(export))
    writer.writerows(_rows(export))
    return file.getvalue().encode("utf-8-sig", "replace")


def _header(export: Export) -> list[str]:
    roles = [_guarded(role.name) for role in export.grid.roles]
    return ["Stage", "Activity", *roles, "Delivered by", "Description", "Notes"]


def _rows(export: Export) -> Iterator[list[str]]:
    grid = export.grid
    for stage, activities in grid.by_stage():
        stage_name = _guarded(stage.name) if stage else ""
        for activity in activities:
            texts = (delivered_by(grid, activity), activity.description, activity.notes)
            yield [
                stage_name,
                _guarded(activity.name),
                *row_letters(export, activity),
                *(_guarded(text) for text in texts),
            ]


def _guarded(text: str) -> str:
    text = text.replace("\0", "")
    guarded = _INNER_START.sub(r"\1'", text)
    return f"'{guarded}" if reads_as_formula(text) else guarded
