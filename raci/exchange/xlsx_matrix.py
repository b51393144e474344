"""The sheet Matrix: activities down, roles across, a letter in each cell, and the formulas that keep count.

Colours, counts and flags follow an edit, for they are conditional formats and formulas. Hidden, for reading the file
back: activity and stage ids in column A, role ids in the row above the header.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.utils import get_column_letter as column_name
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation

from raci.grid.grid import Activity, Stage
from raci.grid.levels import Level, Notation

from . import xlsx_book as ink
from .export import Export, day, delivered_by, lead_letters, level_letters, people_named, row_letters
from .xlsx_book import Book, Look, edges, fill, font, grow, lines_needed, row_height, tint

NAME = "Matrix"
IDS_ROW = 4
ROLES_ROW = 5
PEOPLE_ROW = 6
FIRST_ROLE = 3
_ID, _ACTIVITY = 1, 2
# Up to here the names of roles stand level; more columns are narrow and their names are turned.
_LEVEL_HEADS = 12
# Characters across one A4 page, landscape, at the smallest print we still call readable (half size).
_PAGE_WIDTH = 300
_TEXT_LINES = 8
_MANY_RANGES = 200

_HAIR = edges(bottom=("thin", ink.LINE))
TITLE = Look(font(18, bold=True))
QUIET = Look(font(9.5, ink.INK_3))
_LINE = edges(bottom=("thin", ink.LINE_STRONG))
_BOLD, _SMALL = font(10, bold=True), font(9, ink.INK_3)
_CORNER = Look(_BOLD, border=_LINE, down="bottom", wrap=True)
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
_FLAG = Look(font(9, ink.ERROR, bold=True), border=_HAIR)
_WORDS = Look(font(9, ink.INK_2), border=_HAIR, wrap=True)
_ID_LOOK = Look(font(8, ink.INK_3))
_LOAD_HEAD = Look(_BOLD, border=_LINE)
_LOAD_SUM = Look(font(9, ink.INK_2), border=_LINE)
_LOAD_NAME = Look(font(9, ink.INK_2), border=_HAIR)
_LOAD = Look(font(9, ink.INK_2), border=_HAIR, across="center", number='0;-0;"·"')


_LEAD_NOUN = {Notation.LEAD_SUPPORT: "Lead", Notation.RACI: "A"}
_FLAGS = {Notation.LEAD_SUPPORT: ("No lead", "leads"), Notation.RACI: ("No A", "with A")}


@dataclass(frozen=True, slots=True)
class Plan:
    """Where things stand on the sheet. Rows and columns count from 1; `last` is the row below the activities.

    That row is empty and belongs to every range, so that a row inserted at the end is counted and coloured too.
    """

    rows: tuple[tuple[int, Stage | Activity], ...]
    roles: int
    first: int
    texts: tuple[str, ...]

    @property
    def header(self) -> int:
        return self.first - 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows)

    @property
    def turned(self) -> bool:
        return self.roles > _LEVEL_HEADS

    @property
    def filtered(self) -> bool:
        """Turned names leave no room for the buttons of a filter."""
        return bool(self.rows) and not self.turned

    @property
    def last_role(self) -> int:
        return FIRST_ROLE + self.roles - 1

    @property
    def leads(self) -> int:
        return FIRST_ROLE + self.roles

    @property
    def flag(self) -> int:
        return self.leads + 1

    @property
    def last_column(self) -> int:
        return self.flag + len(self.texts)

    def span(self, first: int, last: int, *, row: int | None = None) -> str:
        """A range over whole columns of the body, or over one row of them."""
        top, bottom = (row, row) if row else (self.first, self.last)
        return f"{column_name(first)}{top}:{column_name(last)}{bottom}"


def write_matrix(book: Book, export: Export) -> None:
    """Add the sheet to the book."""
    sheet = book.sheet(NAME)
    plan = _plan(export)
    _title(book, sheet, export)
    _header(book, sheet, export, plan)
    _body(book, sheet, export, plan)
    _load(book, sheet, export, plan)
    if plan.roles and plan.rows:
        _colours(sheet, export.notation, plan)
        _choices(sheet, export.notation, plan)
    _columns(sheet, plan)
    _view(sheet, export, plan)


def _plan(export: Export) -> Plan:
    grid = export.grid
    first = PEOPLE_ROW + 1 if any(role.people for role in grid.roles) else PEOPLE_ROW
    entries: list[Stage | Activity] = []
    for stage, activities in grid.by_stage():
        entries.extend([stage] if stage else [])
        entries.extend(activities)
    wanted = {
        "Delivered by": any(delivered_by(grid, a) for a in grid.activities),
        "People": any(a.people for a in grid.activities),
        "Description": any(a.description for a in grid.activities),
        "Notes": any(a.notes for a in grid.activities),
    }
    texts = tuple(head for head, present in wanted.items() if present)
    return Plan(tuple(enumerate(entries, start=first)), len(grid.roles), first, texts)


def _title(book: Book, sheet: Any, export: Export) -> None:
    notation = export.notation
    book.text(sheet, 1, _ACTIVITY, export.name, TITLE)
    facts = f"{export.workspace} · Revision {export.revision} · {day(export.on)}"
    book.text(sheet, 2, _ACTIVITY, facts, QUIET)
    key = (f"{' or '.join(level_letters(notation, level))} {notation.word(level)}" for level in Level)
    book.text(sheet, 3, _ACTIVITY, f"{' · '.join(key)} · exactly one {_LEAD_NOUN[notation]} for each activity", QUIET)
    for row, height in ((1, 30.0), (2, 16.0), (3, 22.0)):
        sheet.row_dimensions[row].height = height


def _header(book: Book, sheet: Any, export: Export, plan: Plan) -> None:
    roles = export.grid.roles
    people = plan.header == PEOPLE_ROW
    book.text(sheet, IDS_ROW, _ID, "ids", _ID_LOOK)
    for column, role in enumerate(roles, start=FIRST_ROLE):
        book.text(sheet, IDS_ROW, column, f"r{role.id}", _ID_LOOK)
        book.text(sheet, ROLES_ROW, column, role.name, _ROLES[plan.turned, people])
        if people:
            book.text(sheet, PEOPLE_ROW, column, ", ".join(role.people), _PEOPLE[plan.turned])
    counted = "Leads" if export.notation is Notation.LEAD_SUPPORT else "A, A/R"
    book.text(sheet, plan.header, plan.leads, counted, _COUNT_HEAD)
    # The last header row carries the filter, so the other heads stand in it, beside the people.
    book.text(sheet, plan.header, _ACTIVITY, "Activity", _CORNER)
    for column, name in enumerate(("Check", *plan.texts), start=plan.flag):
        book.text(sheet, plan.header, column, name, _CORNER)
    sheet.row_dimensions[IDS_ROW].hidden = True
    heads = {ROLES_ROW: [role.name for role in roles]}
    if people:
        heads[PEOPLE_ROW] = [", ".join(role.people) for role in roles]
    for row, texts in heads.items():
        sheet.row_dimensions[row].height = _head_height(texts, plan) + _filter_room(row, plan)


def _head_height(texts: list[str], plan: Plan) -> float:
    """Tall enough for every head, but never so tall that the frozen header hides the matrix."""
    if plan.turned:
        return min(170.0, max(60.0, 6.2 * max(map(len, texts), default=0) + 14))
    width = _role_width(plan)
    return row_height(max((lines_needed(text, width) for text in texts), default=1), least=22, most=150)


def _filter_room(row: int, plan: Plan) -> float:
    """Points below the names for the buttons of the filter."""
    return 16.0 if row == plan.header and plan.filtered else 0.0


def _body(book: Book, sheet: Any, export: Export, plan: Plan) -> None:
    name_width = _name_width(plan)
    first, last = column_name(FIRST_ROLE), column_name(plan.last_role)
    leads = lead_letters(export.notation)
    none, many = _FLAGS[export.notation]
    for row, entry in plan.rows:
        if isinstance(entry, Stage):
            _stage(book, sheet, row, entry, plan)
            continue
        book.text(sheet, row, _ID, f"a{entry.id}", _ID_LOOK)
        book.text(sheet, row, _ACTIVITY, entry.name, _NAME)
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
    book.text(sheet, row, _ID, f"s{stage.id}", _ID_LOOK)
    book.text(sheet, row, _ACTIVITY, stage.name, _STAGE)
    book.letters(sheet, row, FIRST_ROLE, [""] * (plan.last_column - FIRST_ROLE + 1), _STAGE)
    sheet.row_dimensions[row].height = 22.0


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
        lines = lines_needed(text, _TEXT_WIDTHS[head])
        yield lines if head in ("Delivered by", "People") else min(lines, _TEXT_LINES)


def _load(book: Book, sheet: Any, export: Export, plan: Plan) -> None:
    """How many activities each role holds at each level, below the matrix."""
    if not plan.rows or not plan.roles:
        book.text(sheet, plan.last + 1, _ACTIVITY, "This matrix has no activities or no roles yet.", QUIET)
        return
    notation = export.notation
    top = plan.last + 1
    book.text(sheet, top, _ACTIVITY, "Role load", _LOAD_HEAD)
    book.letters(sheet, top, FIRST_ROLE, [""] * plan.roles, _LOAD_HEAD)
    counts = plan.span(plan.leads, plan.leads)
    book.formula(sheet, top, plan.leads, f'=COUNTIF({counts},1)&" of "&COUNT({counts})', _LOAD_SUM)
    book.text(sheet, top, plan.flag, f"have one {_LEAD_NOUN[notation]}", _LOAD_SUM)
    for row, level in enumerate(Level, start=top + 1):
        letters = level_letters(notation, level)
        book.text(sheet, row, _ACTIVITY, f"{notation.word(level)} ({' or '.join(letters)})", _LOAD_NAME)
        for column in range(FIRST_ROLE, plan.last_role + 1):
            body = plan.span(column, column)
            counted = "+".join(f'COUNTIF({body},"{letter}")' for letter in letters)
            book.formula(sheet, row, column, f"={counted}", _LOAD)


def _colours(sheet: Any, notation: Notation, plan: Plan) -> None:
    """The levels as on screen; then anything that is no level; then rows without exactly one Lead."""
    rules = sheet.conditional_formatting
    levels = plan.span(FIRST_ROLE, plan.last_role)
    for level in Level:
        for letter in level_letters(notation, level):
            rules.add(levels, CellIsRule(operator="equal", formula=[f'"{letter}"'], stopIfTrue=True, **_INKS[level]))
    at = f"{column_name(FIRST_ROLE)}{plan.first}"
    rules.add(levels, FormulaRule(formula=[f"LEN(TRIM({at}))>0"], **_UNKNOWN))
    count = f"${column_name(plan.leads)}{plan.first}"
    for columns in (plan.span(_ACTIVITY, _ACTIVITY), plan.span(plan.leads, plan.flag)):
        rules.add(columns, FormulaRule(formula=[f"AND(ISNUMBER({count}),{count}<>1)"], **_BROKEN))


_INKS: dict[Level, dict[str, Any]] = {
    Level.LEAD: {
        "font": tint(ink.WHITE, bold=True),
        "fill": fill(ink.LEAD),
        "border": edges(right=("thin", ink.WHITE), bottom=("thin", ink.WHITE)),
    },
    Level.SUPPORT: {
        "font": tint(ink.SUPPORT_INK, bold=True),
        "fill": fill(ink.WHITE),
        "border": edges(around=("thin", ink.LEAD)),
    },
    Level.CONTRIBUTE: {
        "font": tint(ink.CONTRIBUTE_INK),
        "fill": fill(ink.CONTRIBUTE),
        "border": edges(right=("thin", ink.WHITE), bottom=("thin", ink.WHITE)),
    },
    Level.INFORMED: {
        "font": tint(ink.INFORMED_INK),
        "border": edges(around=("dotted", ink.INFORMED_EDGE)),
    },
}
_UNKNOWN: dict[str, Any] = {"font": tint(ink.WARN, bold=True), "fill": fill(ink.WARN_WASH)}
_BROKEN: dict[str, Any] = {"font": tint(ink.ERROR, bold=True), "fill": fill(ink.ERROR_WASH)}


def _choices(sheet: Any, notation: Notation, plan: Plan) -> None:
    """A list of the letters in every cell of an activity."""
    letters = [letter for level in Level for letter in level_letters(notation, level)]
    rule = DataValidation(
        type="list",
        formula1=f'"{",".join(letters)}"',
        allow_blank=True,
        errorTitle="Not a level",
        showErrorMessage=True,
    )
    rule.error = f"Use {', '.join(letters)} or leave it blank."
    rule.sqref = MultiCellRange(_activity_ranges(plan))
    sheet.add_data_validation(rule)


def _activity_ranges(plan: Plan) -> str:
    """The level cells as one range a stage, or as a single one where the stages are too many to list."""
    spans: list[list[int]] = []
    for row, entry in plan.rows:
        if isinstance(entry, Stage):
            continue
        if spans and spans[-1][1] == row - 1:
            spans[-1][1] = row
        else:
            spans.append([row, row])
    if len(spans) > _MANY_RANGES or not spans:
        return plan.span(FIRST_ROLE, plan.last_role)
    first, last = column_name(FIRST_ROLE), column_name(plan.last_role)
    return " ".join(f"{first}{top}:{last}{bottom}" for top, bottom in spans)


_TEXT_WIDTHS = {"Delivered by": 22.0, "People": 34.0, "Description": 52.0, "Notes": 52.0}


def _columns(sheet: Any, plan: Plan) -> None:
    widths = {_ID: 8.0, _ACTIVITY: _name_width(plan), plan.leads: 8.0, plan.flag: 13.0}
    widths |= {column: _role_width(plan) for column in range(FIRST_ROLE, plan.last_role + 1)}
    widths |= {column: _TEXT_WIDTHS[head] for column, head in enumerate(plan.texts, start=plan.flag + 1)}
    for column, width in widths.items():
        sheet.column_dimensions[column_name(column)].width = width
    sheet.column_dimensions[column_name(_ID)].hidden = True


def _name_width(plan: Plan) -> float:
    return 36.0 if plan.turned else 44.0


def _role_width(plan: Plan) -> float:
    if plan.turned:
        return 5.0
    return max(12.0, min(18.0, 90.0 / max(1, plan.roles)))


def _view(sheet: Any, export: Export, plan: Plan) -> None:
    """What stays in view, what prints: everything but descriptions and notes, which would make the rest too small."""
    sheet.freeze_panes = f"{column_name(FIRST_ROLE)}{plan.first}"
    printed = [head for head in plan.texts if head in ("Delivered by", "People")]
    right = plan.flag + len(printed)
    width = _name_width(plan) + plan.roles * _role_width(plan) + 21 + sum(_TEXT_WIDTHS[head] for head in printed)
    footer = f"{export.name[:60]} · Revision {export.revision} · {day(export.on)}"
    ink.page(sheet, landscape=True, footer=footer, wide=-(-int(width) // _PAGE_WIDTH))
    sheet.print_title_rows = f"{ROLES_ROW}:{plan.header}"
    sheet.print_title_cols = f"{column_name(_ID)}:{column_name(_ACTIVITY)}"
    sheet.print_area = f"A1:{column_name(right)}{sheet.max_row}"
    if plan.filtered:
        top = f"{column_name(_ACTIVITY)}{plan.header}"
        sheet.auto_filter.ref = f"{top}:{column_name(plan.last_column)}{plan.last - 1}"
