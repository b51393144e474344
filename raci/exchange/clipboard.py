"""Blocks of levels as the clipboard of a spreadsheet carries them: letters, tabs between columns, a line a row."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass

from raci.grid.grid import MAX_ACTIVITIES, MAX_CELLS, MAX_ROLES
from raci.grid.levels import Level, Notation

Row = tuple[Level | None, ...]
_MAX_TEXT = 1_000_000
_SHOWN = 20
_BETWEEN = re.compile(r"[\s,/&+;]+")
# Words mean the same in both notations, so both are understood in either.
_WORDS = {notation.word(level).upper(): level for notation in Notation for level in Level}
_NOT_INVOLVED = "NOT INVOLVED"


class BlockError(ValueError):
    """The pasted text is not a block of levels; the message names the place and what to do."""


@dataclass(frozen=True, slots=True)
class Block:
    """A rectangle of levels, at least one cell, None where a cell is blank."""

    rows: tuple[Row, ...]

    @property
    def height(self) -> int:
        return len(self.rows)

    @property
    def width(self) -> int:
        return len(self.rows[0])


def read_block(text: str, notation: Notation) -> Block:
    """The levels in a pasted text. Raises BlockError with a sentence.

    Understood in any case: the letters of the notation, the words of both, A/R or A,R for a RACI Lead, a blank or a
    dash for not involved. Rows of different length are refused, for there is no telling which cell is missing; empty
    lines after a block of several columns are left out.
    """
    table = _table(text)
    _check_size(table)
    known: dict[str, Level | None] = {}
    rows = []
    for at, cells in enumerate(table, start=1):
        levels = []
        for column, cell in enumerate(cells, start=1):
            if cell not in known:
                known[cell] = _level(cell, notation, at, column)
            levels.append(known[cell])
        rows.append(tuple(levels))
    return Block(tuple(rows))


def settle(row: Sequence[Level | None]) -> tuple[Row, tuple[int, ...]]:
    """The row with its first Lead only, and the indexes of the other Leads, which became Support."""
    leads = [index for index, level in enumerate(row) if level is Level.LEAD]
    moved = tuple(leads[1:])
    return tuple(Level.SUPPORT if index in moved else level for index, level in enumerate(row)), moved


def write_block(rows: Sequence[Sequence[Level | None]], notation: Notation = Notation.LEAD_SUPPORT) -> str:
    """The letters of a block, as `read_block` reads them. A RACI Lead is A: who delivers is not part of a level."""
    return "".join("\t".join(notation.letter(level, delivers=False) for level in row) + "\r\n" for row in rows)


def _table(text: str) -> list[list[str]]:
    if not text:
        raise BlockError("There is nothing to paste. Copy a block of cells first.")
    if len(text) > _MAX_TEXT:
        raise BlockError("That is too much text for a block of levels. Copy only the cells with letters.")
    try:
        table = [cells or [""] for cells in csv.reader(io.StringIO(text, newline=""), delimiter="\t")]
    except csv.Error as error:
        raise BlockError("That text can’t be read as rows and columns. Copy the cells again.") from error
    while len(table) > 1 and len(table[0]) > 1 and table[-1] == [""]:
        table.pop()
    return table


def _check_size(table: list[list[str]]) -> None:
    width = len(table[0])
    if len(table) > MAX_ACTIVITIES:
        raise BlockError(f"The block has {len(table):,} rows; {MAX_ACTIVITIES:,} fit. Copy fewer rows.")
    if width > MAX_ROLES:
        raise BlockError(f"The block has {width:,} columns; {MAX_ROLES} fit. Copy fewer columns.")
    if len(table) * width > MAX_CELLS:
        raise BlockError(f"The block has {len(table) * width:,} cells; {MAX_CELLS:,} fit. Copy a smaller block.")
    for at, cells in enumerate(table, start=1):
        if len(cells) != width:
            lengths = f"Row {at} has {_columns(len(cells))} and row 1 has {_columns(width)}."
            raise BlockError(f"{lengths} Copy a block with straight edges.")


def _columns(count: int) -> str:
    return "1 column" if count == 1 else f"{count:,} columns"


def _level(cell: str, notation: Notation, row: int, column: int) -> Level | None:
    text = " ".join(cell.split()).upper()
    if text == _NOT_INVOLVED:
        return None
    try:
        return _WORDS[text] if text in _WORDS else notation.read(text)
    except ValueError:
        if notation is Notation.RACI and _both(text):
            return Level.LEAD
    raise BlockError(f"Row {row}, column {column} holds “{_shown(cell)}”. {_ALLOWED[notation]}")


def _both(text: str) -> bool:
    """Whether the cell names accountable and responsible at once: A/R, A,R, AR, Accountable/Responsible."""
    parts = set(_BETWEEN.split(text))
    return parts in ({"A", "R"}, {"ACCOUNTABLE", "RESPONSIBLE"}) or text in ("AR", "RA")


def _shown(cell: str) -> str:
    line = "".join(c if c.isprintable() else " " for c in cell).strip()
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"


_ALLOWED = {
    Notation.LEAD_SUPPORT: "Use L, S, C, I or leave it blank.",
    Notation.RACI: "Use A/R, A, R, C, I or leave it blank.",
}
