"""The workbook being written: its looks, and the only ways a cell comes to hold text, a number or a formula.

Belongs here: colours, fonts and borders (one object each, shared by all cells), the guard that keeps user text from
becoming a formula, page set-up common to all sheets.
"""

import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side

from .export import reads_as_formula

TEXT_LIMIT = 32_767
CUT = " … (cut)"
ROW = 18.0

INK, INK_2, INK_3, LINE, LINE_STRONG = "1A1B1F", "4A4C53", "63656C", "E7E5E1", "D2D0CB"
SUNKEN, WHITE = "EFEEEB", "FFFFFF"
LEAD, SUPPORT_INK, CONTRIBUTE, CONTRIBUTE_INK = "2B3990", "26327F", "E3E6F7", "363E69"
INFORMED_EDGE, INFORMED_INK = "82869C", "5A5E70"
ERROR, ERROR_WASH, WARN, WARN_WASH = "B02217", "FDF1EF", "855600", "FCF4E2"

# Characters XML 1.0 has no way to write.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads _x0041_ in a string as the letter A; its own way to say it literally is _x005F_x0041_.
_ESCAPE = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")


def font(size: float, color: str = INK, *, bold: bool = False) -> Any:
    return Font(name="Arial", size=size, color=color, bold=bold)


def tint(color: str, *, bold: bool = False) -> Any:
    """Colour and weight alone: all of a font that a conditional format may change."""
    return Font(color=color, bold=bold)


def fill(color: str) -> Any:
    """A solid fill; both colours, since a conditional format shows the second and a cell the first."""
    return PatternFill(fill_type="solid", start_color=color, end_color=color)


def edges(**sides: tuple[str, str]) -> Any:
    """A border from side=(style, colour); `around` means all four."""
    around = sides.pop("around", None)
    named = dict.fromkeys(("left", "right", "top", "bottom"), around) if around else sides
    return Border(**{side: Side(style=style, color=color) for side, (style, color) in named.items()})


@dataclass(frozen=True, slots=True)
class Look:
    """How a cell looks at rest; levels add their colours by conditional format."""

    font: Any = field(default_factory=lambda: font(10))
    fill: Any = None
    border: Any = None
    across: str = "left"
    down: str = "center"
    wrap: bool = False
    turned: bool = False
    indent: int = 0
    number: str = "General"

    def dress(self, cell: Any, *, quoted: bool) -> None:
        cell.font = self.font
        if self.fill is not None:
            cell.fill = self.fill
        if self.border is not None:
            cell.border = self.border
        cell.alignment = Alignment(
            horizontal=self.across,
            vertical=self.down,
            wrap_text=self.wrap,
            text_rotation=90 if self.turned else 0,
            indent=self.indent,
        )
        cell.number_format = self.number
        cell.quotePrefix = quoted


class Book:
    """An openpyxl workbook with shared styles: a look is worked out once, then copied by reference."""

    def __init__(self) -> None:
        self.workbook = Workbook()
        # The face of the Normal style is the measure of column widths, and what an empty cell is typed in.
        self.workbook._fonts[0] = self.workbook._named_styles["Normal"].font = font(10)
        self._scratch = self.workbook.active.cell(1, 1)
        self._styles: dict[tuple[int, bool], tuple[Look, Any]] = {}

    def sheet(self, title: str) -> Any:
        """A new sheet without grid lines. The first one takes the place of the sheet a workbook is born with."""
        sheet = self.workbook.create_sheet(title)
        sheet.sheet_view.showGridLines = False
        sheet.sheet_format.defaultRowHeight = ROW
        sheet.sheet_format.customHeight = True
        return sheet

    def close(self) -> None:
        """Take away the sheet that styles were tried on."""
        self.workbook.remove(self._scratch.parent)

    def text(self, sheet: Any, row: int, column: int, text: str, look: Look) -> None:
        """User text, or ours: shown as it stands, never computed, never an error value."""
        written = safe_text(text)
        cell = sheet.cell(row, column)
        cell._style = self._style(look, quoted=reads_as_formula(written))
        if written:
            cell.value = written
            cell.data_type = "s"

    def formula(self, sheet: Any, row: int, column: int, formula: str, look: Look) -> None:
        """A formula of our own. Never pass text of a user."""
        cell = sheet.cell(row, column, formula)
        cell._style = self._style(look)

    def value(self, sheet: Any, row: int, column: int, value: float | datetime | None, look: Look) -> None:
        cell = sheet.cell(row, column, value)
        cell._style = self._style(look)

    def letters(self, sheet: Any, row: int, column: int, letters: Sequence[str], look: Look) -> None:
        """A run of level letters, blank ones too: the many cells of a matrix, so nothing is looked up per cell."""
        style = self._style(look)
        for offset, letter in enumerate(letters):
            sheet.cell(row, column + offset, letter or None)._style = style

    def _style(self, look: Look, *, quoted: bool = False) -> Any:
        key = (id(look), quoted)
        if key not in self._styles:
            look.dress(self._scratch, quoted=quoted)
            # The look is kept beside its style, for an id is free again once its object is gone.
            self._styles[key] = (look, copy(self._scratch._style))
            self._scratch._style = None
        return self._styles[key][1]


def safe_text(text: str) -> str:
    """The text as a cell can hold it: no characters XML forbids, at most what Excel takes, cut with a mark."""
    clean = xml_text(text)
    written = _ESCAPE.sub("_x005F_", clean)
    if len(written) * 2 <= TEXT_LIMIT:
        return written
    # Excel counts in UTF-16 units: two for an emoji.
    units = written.encode("utf-16-le")
    if len(units) <= TEXT_LIMIT * 2:
        return written
    return units[: (TEXT_LIMIT - len(CUT)) * 2].decode("utf-16-le", "ignore") + CUT


def xml_text(text: str) -> str:
    """The text without what XML 1.0 can't hold, line breaks as one kind."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def lines_needed(text: str, width: float) -> int:
    """About how many lines a text takes in a column of `width` characters."""
    if not text:
        return 1
    return sum(_lines(_measure(part) / max(1.0, width - 1)) for part in text.split("\n"))


def row_height(lines: int, *, least: float = ROW, most: float = 400.0) -> float:
    """Points for so many lines of ten-point text; Excel refuses rows above 409."""
    return min(most, max(least, 13.0 * lines + 5))


def grow(sheet: Any, row: int, lines: int) -> None:
    """Make room for the lines of a row; a row of one line needs no word of its own."""
    if lines > 1:
        sheet.row_dimensions[row].height = row_height(lines)


def page(sheet: Any, *, landscape: bool, footer: str, wide: int = 1, high: int = 0) -> None:
    """A4, so many pages wide and high (0: as many as it takes), a footer with page numbers."""
    sheet.page_setup.paperSize = 9
    sheet.page_setup.orientation = "landscape" if landscape else "portrait"
    sheet.page_setup.fitToWidth = wide
    sheet.page_setup.fitToHeight = high
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    for side in ("left", "right"):
        setattr(sheet.page_margins, side, 0.45)
    sheet.page_margins.top, sheet.page_margins.bottom, sheet.page_margins.footer = 0.5, 0.65, 0.3
    # An ampersand begins a code in footers, and 255 characters are all a footer holds.
    sheet.oddFooter.left.text = xml_text(footer)[:100].replace("\n", " ").replace("&", "&&")
    sheet.oddFooter.right.text = "Page &P of &N"
    for part in (sheet.oddFooter.left, sheet.oddFooter.right):
        part.font, part.size, part.color = "Arial,Regular", 8, INK_3


def _lines(share: float) -> int:
    """Words don't break, so each line but a lone one loses some of its end."""
    return 1 if share <= 1 else ceil(share * 1.06)


def _measure(text: str) -> float:
    """The width of a text in digits of Arial: small letters are narrower, capitals and Han wider."""
    wide = 0 if text.isascii() else sum(ord(c) >= 0x1100 for c in text)
    return 0.95 * len(text) + 0.35 * sum(map(str.isupper, text)) + wide
