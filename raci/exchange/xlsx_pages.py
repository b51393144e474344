"""The sheets beside the matrix: Legend, Roles, Checks, Departures, History, and the hidden `_remit` that says what the
file was made from.

All plain values: what stood there when the file was made.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl.utils import get_column_letter as column_name

from raci.grid.levels import Level, Notation
from raci.grid.text import counted, day

from . import xlsx_book as ink
from .export import Export
from .xlsx_book import Book, Look, edges, fill, font, grow, lines_needed, page

SCHEMA = 1

_HAIR = edges(bottom=("thin", ink.LINE))
_TITLE = Look(font(18, bold=True))
_QUIET = Look(font(9.5, ink.INK_3))
_HEAD = Look(font(10, bold=True), border=edges(bottom=("thin", ink.LINE_STRONG)))
_TEXT = Look(border=_HAIR, wrap=True)
_STRONG = Look(font(10, bold=True), border=_HAIR, wrap=True)
_NUMBER = Look(font(10, ink.INK_2), border=_HAIR)
_WHEN = Look(font(10, ink.INK_2), border=_HAIR, number="d mmm yyyy hh:mm")
_PLAIN = Look()
_SEVERITIES = {
    "error": Look(font(10, ink.ERROR, bold=True), fill(ink.ERROR_WASH), _HAIR),
    "warning": Look(font(10, ink.WARN, bold=True), fill(ink.WARN_WASH), _HAIR),
}
_CHIPS = {
    Level.LEAD: Look(font(11, ink.WHITE, bold=True), fill(ink.LEAD), across="center"),
    Level.SUPPORT: Look(font(11, ink.SUPPORT_INK, bold=True), border=edges(around=("thin", ink.LEAD)), across="center"),
    Level.CONTRIBUTE: Look(font(11, ink.CONTRIBUTE_INK), fill(ink.CONTRIBUTE), across="center"),
    Level.INFORMED: Look(
        font(11, ink.INFORMED_INK), border=edges(around=("dotted", ink.INFORMED_EDGE)), across="center"
    ),
    None: Look(font(11, ink.INK_3), border=edges(around=("hair", ink.LINE_STRONG)), across="center"),
}
_CELL = Look(wrap=True)
_BESIDE_CHIP = Look(font(10, bold=True), indent=1)

_MEANINGS: dict[Level | None, str] = {
    Level.LEAD: "Owns the activity and drives it to the end. Exactly one role.",
    Level.SUPPORT: "Does a large part of the work, side by side with the lead.",
    Level.CONTRIBUTE: "Gives input: knowledge, data, a second opinion.",
    Level.INFORMED: "Hears what is going on and what came of it.",
    None: "Blank: not involved.",
}
_READING = (
    "One row is one activity, one column is one role. The letter where they meet says how deep the role is involved.",
    "Every activity has exactly one Lead (A or A/R in RACI). Rows without one, or with several, are marked in red.",
    "The Lead does the work itself unless another role stands under “Delivered by”.",
    "In RACI a Lead that does the work itself is A/R. Where another role does it, the Lead is A.",
    "Each level cell offers its letters in a list. Colours, counts and marks follow what you enter.",
    "Role load at the foot of the matrix counts the activities a role holds at each level.",
    "Descriptions and notes, where there are any, stand to the right of the printed area.",
    "Checks and History show what was known when this file was made; they don’t change with your edits.",
)


def write_legend(book: Book, export: Export) -> None:
    """The levels in both notations, and how to read the matrix."""
    sheet = book.sheet("Legend")
    _widths(sheet, (12, 18, 12, 18, 70))
    _head(book, sheet, "Legend", _facts(export))
    for column, name in enumerate(("Letter", "Level", "RACI", "In RACI", "What it means"), start=1):
        book.text(sheet, 4, column, name, _HEAD)
    for row, (level, chip) in enumerate(_CHIPS.items(), start=5):
        for column, notation in ((1, Notation.LEAD_SUPPORT), (3, Notation.RACI)):
            letter = "A/R or A" if level is Level.LEAD and notation is Notation.RACI else notation.letter(level)
            book.text(sheet, row, column, letter, chip)
            book.text(sheet, row, column + 1, notation.word(level), _BESIDE_CHIP)
        book.text(sheet, row, 5, _MEANINGS[level], _CELL)
        sheet.row_dimensions[row].height = 24.0
    book.text(sheet, 11, 1, "How to read the matrix", _HEAD)
    for column in range(2, 6):
        book.text(sheet, 11, column, "", _HEAD)
    for row, sentence in enumerate(_READING if export.version is None else _READING[:-1], start=12):
        book.text(sheet, row, 1, sentence, _PLAIN)
    page(sheet, landscape=True, footer=_footer(export))


def write_roles(book: Book, export: Export) -> None:
    """What is said of each role: what it is there for, who fills it, how to reach them; no sheet where nothing is."""
    roles = export.grid.roles
    if not any(role.purpose or role.contact or role.headcount is not None for role in roles):
        return
    sheet = book.sheet("Roles")
    widths = (28, 12, 48, 36, 40, 12)
    _widths(sheet, widths)
    _head(book, sheet, "Roles", f"{_facts(export)} · {counted(len(roles), 'role')}")
    _table_head(book, sheet, ("Role", "Short", "Purpose", "People", "Contact", "Headcount"), len(roles))
    for row, role in enumerate(roles, start=5):
        texts = (role.name, role.short, role.purpose, ", ".join(role.people), role.contact)
        for column, text in enumerate(texts, start=1):
            book.text(sheet, row, column, text, _STRONG if column == 1 else _TEXT)
        book.value(sheet, row, 6, role.headcount, _NUMBER)
        _fit(sheet, row, zip(texts, widths[:5], strict=True))
    page(sheet, landscape=True, footer=_footer(export))


def write_checks(book: Book, export: Export) -> None:
    """What the checks said, those set aside with their reason."""
    sheet = book.sheet("Checks")
    _widths(sheet, (12, 38, 62, 44))
    aside = sum(1 for line in export.findings if line.set_aside)
    said = counted(len(export.findings), "finding") + (f", {aside} set aside" if aside else "")
    _head(book, sheet, "Checks", f"{_facts(export)} · {said}" if export.findings else _facts(export))
    if not export.findings:
        book.text(sheet, 4, 1, f"The checks found nothing to settle in revision {export.revision}.", _PLAIN)
    else:
        _table_head(book, sheet, ("Severity", "Where", "What", "Set aside because"), len(export.findings))
    for row, line in enumerate(export.findings, start=5):
        severity = _TEXT if line.set_aside else _SEVERITIES.get(line.severity.lower(), _STRONG)
        book.text(sheet, row, 1, line.severity[:1].upper() + line.severity[1:], severity)
        book.text(sheet, row, 2, line.where, _STRONG)
        book.text(sheet, row, 3, line.text, _TEXT)
        book.text(sheet, row, 4, line.set_aside, _TEXT)
        _fit(sheet, row, ((line.where, 38), (line.text, 62), (line.set_aside, 44)))
    page(sheet, landscape=True, footer=_footer(export))


def write_departures(book: Book, export: Export) -> None:
    """What is kept although a reference has it otherwise, and why; no sheet where nothing is."""
    if not export.departures:
        return
    sheet = book.sheet("Departures")
    widths = (36, 24, 14, 14, 20, 50, 13, 18, 20)
    _widths(sheet, widths)
    _head(book, sheet, "Departures", f"{_facts(export)} · {counted(len(export.departures), 'departure')}")
    heads = ("Activity", "Role", "Ours", "Theirs", "Reference", "Kept because", "Until", "State", "By")
    _table_head(book, sheet, heads, len(export.departures))
    for row, line in enumerate(export.departures, start=5):
        kept = (line.reference, line.reason, line.until, line.state, line.by)
        texts = (line.activity, line.roles, line.ours, line.theirs, *kept)
        for column, text in enumerate(texts, start=1):
            book.text(sheet, row, column, text, _STRONG if column == 1 else _TEXT)
        _fit(sheet, row, zip(texts, widths, strict=True))
    page(sheet, landscape=True, footer=_footer(export))


def write_history(book: Book, export: Export) -> None:
    """The changes as they were given, in sentences."""
    sheet = book.sheet("History")
    _widths(sheet, (11, 19, 28, 96))
    zone = export.on.tzname() or "local time"
    _head(book, sheet, "History", f"{_facts(export)} · times in {zone}")
    if not export.history:
        book.text(sheet, 4, 1, "No changes yet.", _PLAIN)
    else:
        _table_head(book, sheet, ("Revision", "When", "Who", "What changed"), len(export.history))
    for row, line in enumerate(export.history, start=5):
        book.value(sheet, row, 1, line.revision, _NUMBER)
        # A cell has no time zone: all times are told in the zone of the export, named above.
        when = line.when.astimezone(export.on.tzinfo).replace(tzinfo=None)
        book.value(sheet, row, 2, when, _WHEN)
        book.text(sheet, row, 3, line.who, _TEXT)
        book.text(sheet, row, 4, line.sentence, _TEXT)
        _fit(sheet, row, ((line.who, 28), (line.sentence, 96)))
    page(sheet, landscape=True, footer=_footer(export))


def write_origin(book: Book, export: Export) -> None:
    """The hidden sheet an import reads: what the file was made from. Ids are text, for numbers lose digits at 2^53."""
    sheet = book.sheet("_remit")
    sheet.sheet_state = "veryHidden"
    facts = (
        ("schema", str(SCHEMA)),
        ("matrix", str(export.matrix)),
        ("revision", str(export.revision)),
        ("notation", export.notation.value),
        ("exported", export.on.isoformat()),
    )
    named = [("role", f"r{role.id}", role.name) for role in export.grid.roles]
    named += [("stage", f"s{stage.id}", stage.name) for stage in export.grid.stages]
    for row, cells in enumerate((*facts, *named), start=1):
        for column, text in enumerate(cells, start=1):
            book.text(sheet, row, column, text, _PLAIN)


def _facts(export: Export) -> str:
    return f"{export.name} · {export.state} · {day(export.on)}"


def _footer(export: Export) -> str:
    return f"{export.name[:60]} · {export.state} · {day(export.on)}"


def _head(book: Book, sheet: Any, title: str, facts: str) -> None:
    book.text(sheet, 1, 1, title, _TITLE)
    book.text(sheet, 2, 1, facts, _QUIET)
    sheet.row_dimensions[1].height = 30.0


def _table_head(book: Book, sheet: Any, names: Sequence[str], rows: int) -> None:
    for column, name in enumerate(names, start=1):
        book.text(sheet, 4, column, name, _HEAD)
    sheet.freeze_panes = "A5"
    sheet.auto_filter.ref = f"A4:{column_name(len(names))}{4 + rows}"
    sheet.print_title_rows = "4:4"


def _widths(sheet: Any, widths: Sequence[float]) -> None:
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[column_name(column)].width = width


def _fit(sheet: Any, row: int, texts: Iterable[tuple[str, float]]) -> None:
    grow(sheet, row, max(lines_needed(text, width) for text, width in texts))
