"""What answers an edit on the sheet Matrix without a formula in a cell: the lists of letters and the colours."""

from typing import Any

from openpyxl.formatting.rule import CellIsRule, FormulaRule
from openpyxl.utils import get_column_letter as column_name
from openpyxl.worksheet.cell_range import MultiCellRange
from openpyxl.worksheet.datavalidation import DataValidation

from raci.grid.grid import Stage
from raci.grid.levels import Level, Notation

from . import xlsx_book as ink
from .export import level_letters
from .xlsx_book import edges, fill, tint
from .xlsx_plan import ACTIVITY, FIRST_ROLE, Plan

_MANY_RANGES = 200
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


def add_colours(sheet: Any, notation: Notation, plan: Plan) -> None:
    """The levels as on screen; then anything that is no level; then rows without exactly one Lead."""
    rules = sheet.conditional_formatting
    levels = plan.span(FIRST_ROLE, plan.last_role)
    for level in Level:
        for letter in level_letters(notation, level):
            rules.add(levels, CellIsRule(operator="equal", formula=[f'"{letter}"'], stopIfTrue=True, **_INKS[level]))
    at = f"{column_name(FIRST_ROLE)}{plan.first}"
    rules.add(levels, FormulaRule(formula=[f"LEN(TRIM({at}))>0"], **_UNKNOWN))
    count = f"${column_name(plan.leads)}{plan.first}"
    for columns in (plan.span(ACTIVITY, ACTIVITY), plan.span(plan.leads, plan.flag)):
        rules.add(columns, FormulaRule(formula=[f"AND(ISNUMBER({count}),{count}<>1)"], **_BROKEN))


def add_choices(sheet: Any, notation: Notation, plan: Plan) -> None:
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
