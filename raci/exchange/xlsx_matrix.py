"""The sheet Matrix: activities down, roles across, a letter in each cell, and the formulas that keep count.

Colours, counts and flags follow an edit, for they are conditional formats and formulas. Hidden, for reading the file
back: activity and stage ids in column A, role ids in the row above the header.
"""

from collections.abc import Iterator
from math import ceil
from typing import Any

from openpyxl.utils import get_column_letter as column_name

from raci.grid.grid import Activity, Stage
from raci.grid.levels import Level, Notation
from raci.grid.text import day

from . import xlsx_book as ink
from .export import Export, delivered_by, lead_letters, lead_noun, level_letters, people_named, row_letters
from .xlsx_book import Book, Look, edges, fill, font, grow, lines_needed, row_height
from .xlsx_plan import ACTIVITY, FIRST_ROLE, ID, IDS_ROW, PEOPLE_ROW, ROLES_ROW, TEXT_WIDTHS, Plan, plan_for
from .xlsx_rules import add_choices, add_colours

NAME = "Matrix"
# Characters across one A4 page, landscape, at the smallest print we still call readable (half size).
_PAGE_WIDTH = 300
# What is left of A4 inside the margins, and a character of column width, all in points.
_PAPER_WIDTH, _PAPER_HEIGHT, _CHARACTER = 777.0, 512.0, 5.25
_TEXT_LINES = 8

_HAIR = edges(bottom=("thin", ink.LINE))
TITLE = Look(font(18, bold=True))
QUIET = Look(font(9.5, ink.INK_3))
_LINE = edges(bottom=("thin", ink.LINE_STRONG))
_BOLD, _SMALL = font(10, bold=True), font(9, ink.INK_3)
_CORNER = Look(_BOLD, border=_LINE, down="bottom", wrap=True)
_FLAG_HEAD = Look(_BOLD, border=_LINE, down="bottom", indent=1)
_COUNT_HEAD = Look(_BOLD, border=_LINE, across="center", down="bottom", wrap=True)
# By whether names are turned and whether the people follow below. A level name in the last header row stands at its
# top, for the button of the filter covers the bottom.
_ROLES = {
    (False, False): Look(_BOLD, border=_LINE, across="center", down="top", wrap=True),
    (False, True): Look(_BOLD, across="center", down="bottom", wrap=True),
    (True, False): Look(_BOLD, border=_LINE, across="center", down="bottom", wrap=True, turned=True),
    (True, True): Look(_BOLD, across="center", down="bottom", wrap=True, turned=True),
}
_PEOPLE = {
    False: Look(_SMALL, border=_LINE, across="center", down="top", wrap=True),
    True: Look(_SMALL, border=_LINE, across="center", down="bottom", wrap=True, turned=True),
}
_STAGE = Look(font(10, ink.INK_2, bold=True), fill=fill(ink.SUNKEN), down="center")
_NAME = Look(border=_HAIR, wrap=True)
# Only right and below: a Support or Informed cell brings all four sides, and must not meet a rival on them.
_LEVEL = Look(font(10, ink.INK_3), border=edges(right=("thin", ink.LINE), bottom=("thin", ink.LINE)), across="center")
_COUNT = Look(font(9, ink.INK_3), border=_HAIR, across="center")
_FLAG = Look(font(9, ink.ERROR, bold=True), border=_HAIR, indent=1)
_WORDS = Look(font(9, ink.INK_2), border=_HAIR, wrap=True)
_KEY = Look(font(8, ink.INK_3))
_LOAD_HEAD = Look(_BOLD, border=_LINE)
_LOAD_SUM = Look(font(9, ink.INK_2), border=_LINE, across="right")
_LOAD_SUM_WORDS = Look(font(9, ink.INK_2), border=_LINE, indent=1)
_LOAD_NAME = Look(font(9, ink.INK_2), border=_HAIR)
_LOAD = Look(font(9, ink.INK_2), border=_HAIR, across="center", number='0;-0;"·"')
_FLAGS = {Notation.LEAD_SUPPORT: ("No lead", "leads"), Notation.RACI: ("No A", "with A")}


def write_matrix(book: Book, export: Export) -> None:
    """Add the sheet to the book."""
    sheet = book.sheet(NAME)
    plan = plan_for(export)
    _title(book, sheet, export)
    _header(book, sheet, export, plan)
    _body(book, sheet, export, plan)
    _load(book, sheet, export, plan)
    if plan.roles and plan.rows:
        add_colours(sheet, export.notation, plan)
        add_choices(sheet, export.notation, plan)
    _columns(sheet, plan)
    _view(sheet, export, plan)


def _title(book: Book, sheet: Any, export: Export) -> None:
    notation = export.notation
    book.text(sheet, 1, ACTIVITY, export.name, TITLE)
    facts = f"{export.workspace} · {export.state} · {day(export.on)}"
    book.text(sheet, 2, ACTIVITY, facts, QUIET)
    key = (f"{' or '.join(level_letters(notation, level))} {notation.word(level)}" for level in Level)
    book.text(sheet, 3, ACTIVITY, f"{' · '.join(key)} · exactly one {lead_noun(notation)} for each activity", QUIET)
    for row, height in ((1, 28.0), (2, 15.0), (3, 22.0)):
        sheet.row_dimensions[row].height = height


def _header(book: Book, sheet: Any, export: Export, plan: Plan) -> None:
    roles = export.grid.roles
    people = plan.header == PEOPLE_ROW
    book.text(sheet, IDS_ROW, ID, "ids", _KEY)
    for column, role in enumerate(roles, start=FIRST_ROLE):
        book.text(sheet, IDS_ROW, column, f"r{role.id}", _KEY)
        book.text(sheet, ROLES_ROW, column, role.name, _ROLES[plan.turned, people])
        if people:
            book.text(sheet, PEOPLE_ROW, column, ", ".join(role.people), _PEOPLE[plan.turned])
    counted = "Leads" if export.notation is Notation.LEAD_SUPPORT else "A, A/R"
    book.text(sheet, plan.header, plan.leads, counted, _COUNT_HEAD)
    # The last header row carries the filter, so the other heads stand in it, beside the people.
    book.text(sheet, plan.header, ACTIVITY, "Activity", _CORNER)
    book.text(sheet, plan.header, plan.flag, "Check", _FLAG_HEAD)
    for column, name in enumerate(plan.texts, start=plan.flag + 1):
        book.text(sheet, plan.header, column, name, _CORNER)
    sheet.row_dimensions[IDS_ROW].hidden = True
    sheet.row_dimensions[ROLES_ROW].height = _head_height([role.name for role in roles], plan, ROLES_ROW)
    if people:
        names = [", ".join(role.people) for role in roles]
        sheet.row_dimensions[PEOPLE_ROW].height = _head_height(names, plan, PEOPLE_ROW)


def _head_height(texts: list[str], plan: Plan, row: int) -> float:
    """Tall enough for every head, but never so tall that the frozen header hides the matrix."""
    if plan.turned:
        return min(170.0, max(60.0, 5.9 * max(map(len, texts), default=0) + 14))
    # People are set smaller than the bold names of roles, so more of them fit a line.
    width = plan.role_width * (1.1 if row == PEOPLE_ROW else 0.85)
    lines = max((lines_needed(text, width) for text in texts), default=1)
    buttons = 13.0 if row == plan.header and plan.filtered else 0.0
    return row_height(lines, most=150.0) + buttons


def _body(book: Book, sheet: Any, export: Export, plan: Plan) -> None:
    name_width = plan.name_width
    first, last = column_name(FIRST_ROLE), column_name(plan.last_role)
    leads = lead_letters(export.notation)
    none, many = _FLAGS[export.notation]
    for row, entry in plan.rows:
        if isinstance(entry, Stage):
            _stage(book, sheet, row, entry, plan)
            continue
        book.text(sheet, row, ID, f"a{entry.id}", _KEY)
        book.text(sheet, row, ACTIVITY, entry.name, _NAME)
        if plan.roles:
            book.letters(sheet, row, FIRST_ROLE, row_letters(export, entry), _LEVEL)
            counted = "+".join(f'COUNTIF({first}{row}:{last}{row},"{letter}")' for letter in leads)
            book.formula(sheet, row, plan.leads, f"={counted}", _COUNT)
            cell = f"{column_name(plan.leads)}{row}"
            said = f'=IF({cell}=1,"",IF({cell}=0,"{none}",{cell}&" {many}"))'
            book.formula(sheet, row, plan.flag, said, _FLAG)
        lines = max([lines_needed(entry.name, name_width), *_texts(book, sheet, row, export, entry, plan)])
        grow(sheet, row, lines)


def _stage(book: Book, sheet: Any, row: int, stage: Stage, plan: Plan) -> None:
    book.text(sheet, row, ID, f"s{stage.id}", _KEY)
    book.text(sheet, row, ACTIVITY, stage.name, _STAGE)
    book.letters(sheet, row, FIRST_ROLE, [""] * (plan.last_column - FIRST_ROLE + 1), _STAGE)
    sheet.row_dimensions[row].height = 20.0


def _texts(book: Book, sheet: Any, row: int, export: Export, activity: Activity, plan: Plan) -> Iterator[int]:
    """Write the columns of prose, and say how many lines each needs; long ones are read in the cell, not the row."""
    for column, head in enumerate(plan.texts, start=plan.flag + 1):
        match head:
            case "Delivered by":
                text = delivered_by(export.grid, activity)
            case "People":
                text = people_named(export.grid, activity)
            case "Description":
                text = activity.description
            case _:
                text = activity.notes
        book.text(sheet, row, column, text, _WORDS)
        lines = lines_needed(text, TEXT_WIDTHS[head])
        yield lines if head in ("Delivered by", "People") else min(lines, _TEXT_LINES)


def _load(book: Book, sheet: Any, export: Export, plan: Plan) -> None:
    """How many activities each role holds at each level, below the matrix."""
    if not plan.rows or not plan.roles:
        book.text(sheet, plan.last + 1, ACTIVITY, "This matrix has no activities or no roles yet.", QUIET)
        return
    notation = export.notation
    top = plan.last + 1
    book.text(sheet, top, ACTIVITY, "Role load", _LOAD_HEAD)
    book.letters(sheet, top, FIRST_ROLE, [""] * plan.roles, _LOAD_HEAD)
    counts = plan.span(plan.leads, plan.leads)
    book.formula(sheet, top, plan.leads, f'=COUNTIF({counts},1)&" of "&COUNT({counts})', _LOAD_SUM)
    book.text(sheet, top, plan.flag, f"have one {lead_noun(notation)}", _LOAD_SUM_WORDS)
    for row, level in enumerate(Level, start=top + 1):
        letters = level_letters(notation, level)
        book.text(sheet, row, ACTIVITY, f"{notation.word(level)} ({' or '.join(letters)})", _LOAD_NAME)
        for column in range(FIRST_ROLE, plan.last_role + 1):
            body = plan.span(column, column)
            counted = "+".join(f'COUNTIF({body},"{letter}")' for letter in letters)
            book.formula(sheet, row, column, f"={counted}", _LOAD)


def _columns(sheet: Any, plan: Plan) -> None:
    widths = {ID: 8.0, ACTIVITY: plan.name_width, plan.leads: 8.0, plan.flag: 15.0}
    widths |= dict.fromkeys(range(FIRST_ROLE, plan.last_role + 1), plan.role_width)
    widths |= {column: TEXT_WIDTHS[head] for column, head in enumerate(plan.texts, start=plan.flag + 1)}
    for column, width in widths.items():
        sheet.column_dimensions[column_name(column)].width = width
    sheet.column_dimensions[column_name(ID)].hidden = True


def _view(sheet: Any, export: Export, plan: Plan) -> None:
    """What stays in view, what prints: everything but descriptions and notes, which would make the rest too small."""
    sheet.freeze_panes = first = f"{column_name(FIRST_ROLE)}{plan.first}"
    sheet.sheet_view.tabSelected = True
    sheet.sheet_view.selection[-1].activeCell = sheet.sheet_view.selection[-1].sqref = first
    printed = [head for head in plan.texts if head in ("Delivered by", "People")]
    right = plan.flag + len(printed)
    width = plan.name_width + plan.roles * plan.role_width + 23 + sum(TEXT_WIDTHS[head] for head in printed)
    footer = f"{export.name[:60]} · {export.state} · {day(export.on)}"
    wide = ceil(width / _PAGE_WIDTH)
    ink.page(sheet, landscape=True, footer=footer, wide=wide, high=_pages_high(sheet, width) if wide == 1 else 0)
    sheet.print_title_rows = f"{ROLES_ROW}:{plan.header}"
    sheet.print_title_cols = f"{column_name(ID)}:{column_name(ACTIVITY)}"
    sheet.print_area = f"A1:{column_name(right)}{sheet.max_row}"
    if plan.filtered:
        top = f"{column_name(ACTIVITY)}{plan.header}"
        sheet.auto_filter.ref = f"{top}:{column_name(plan.last_column)}{plan.last - 1}"


def _pages_high(sheet: Any, width: float) -> int:
    """1 where a slightly smaller print saves the few rows that would spill over to a second page, else 0."""
    heights = (sheet.row_dimensions.get(row) for row in range(1, sheet.max_row + 1))
    height = sum((dimension and dimension.height) or ink.ROW for dimension in heights)
    scale = min(1.0, _PAPER_WIDTH / (width * _CHARACTER))
    return 1 if height * scale <= 1.4 * _PAPER_HEIGHT else 0
