"""The workbook, read back with openpyxl: what it says, offers, prints and hides."""

import io
import re
import zipfile
from dataclasses import replace
from datetime import datetime

import pytest
from openpyxl import load_workbook

from raci.exchange.xlsx import to_xlsx
from raci.exchange.xlsx_book import CUT, TEXT_LIMIT
from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level, Notation

FORMULA = re.compile(r"<f[ >/].*?</f>")
RANGE = r"[A-Z]+\d+:[A-Z]+\d+"
COUNT = rf'COUNTIF\({RANGE},"(L|S|C|I|A|R|A/R)"\)'
FLAG = r'IF\(([A-Z]+\d+)=1,"",IF\(\1=0,"No (lead|A)",\1&amp;" (leads|with A)"\)\)'
SUM = rf'COUNTIF\({RANGE},1\)&amp;" of "&amp;COUNT\({RANGE}\)'
OURS = [re.compile(f"<f>{pattern}</f>") for pattern in (FLAG, SUM, rf"{COUNT}(\+{COUNT})*")]


def book(export):
    return load_workbook(io.BytesIO(to_xlsx(export)))


def row_of(sheet, text):
    return next(cell.row for cell in sheet["B"] if cell.value == text)


def parts(workbook: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_four_sheets_are_shown_and_one_is_hidden_for_good(export):
    workbook = book(export())
    assert workbook.sheetnames == ["Matrix", "Legend", "Checks", "History", "_remit"]
    assert [sheet.sheet_state for sheet in workbook] == ["visible"] * 4 + ["veryHidden"]
    assert workbook.active.title == "Matrix"


def test_the_title_tells_name_workspace_revision_and_date(export):
    sheet = book(export())["Matrix"]
    assert sheet["B1"].value == "Core product"
    assert sheet["B2"].value == "Tidewater · Revision 12 · 12 Mar 2026"
    assert "exactly one Lead" in sheet["B3"].value


def test_roles_head_the_columns_with_their_people_below(export):
    sheet = book(export())["Matrix"]
    assert [cell.value for cell in sheet[5][2:6]] == [
        "Product Management",
        "Product Marketing",
        "Engineering",
        "Sales",
    ]
    assert [cell.value for cell in sheet[6][1:8]] == [
        "Activity",
        None,
        "Mei Tanaka",
        None,
        "Priya Raman, Jo Lund",
        "Leads",
        "Check",
    ]


@pytest.mark.parametrize("notation", list(Notation))
def test_each_level_stands_as_its_letter_in_stage_order(export, market_grid, notation):
    sheet = book(export(notation=notation))["Matrix"]
    expected = []
    for stage, activities in market_grid.by_stage():
        expected.append((f"s{stage.id}", stage.name, None, None, None, None))
        for activity in activities:
            letters = (notation.letter(level) for level in market_grid.row(activity.id))
            expected.append((f"a{activity.id}", activity.name, *letters))
    rows = sheet.iter_rows(min_row=7, max_row=6 + len(expected), max_col=6, values_only=True)
    assert list(rows) == expected


def test_a_raci_lead_that_another_role_delivers_for_is_a(export, market_grid):
    first = market_grid.activities[0]
    lead = market_grid.lead(first.id)
    other = next(role for role in market_grid.roles if role.id != lead)
    grid = replace(market_grid, activities=(replace(first, deliverer=other.id), *market_grid.activities[1:]))
    sheet = book(export(grid, Notation.RACI))["Matrix"]
    row = [cell.value for cell in sheet[row_of(sheet, first.name)]]
    assert "A" in row[2:6]
    assert "A/R" not in row[2:6]
    assert sheet["I6"].value == "Delivered by"
    assert row[8] == other.name


def test_columns_of_prose_appear_only_where_there_is_some(export, market_grid):
    assert book(export())["Matrix"].max_column == 8
    first = replace(
        market_grid.activities[0], description="Why", notes="How", people=(Named(14, "Priya Raman", "deal desk"),)
    )
    grid = replace(market_grid, activities=(first, *market_grid.activities[1:]))
    sheet = book(export(grid))["Matrix"]
    assert [cell.value for cell in sheet[6][8:]] == ["People", "Description", "Notes"]
    assert [cell.value for cell in sheet[8][8:]] == ["Priya Raman, Sales: deal desk", "Why", "How"]


@pytest.mark.parametrize(("notation", "letters"), [("lsci", '"L,S,C,I"'), ("raci", '"A/R,A,R,C,I"')])
def test_every_level_cell_offers_the_letters(export, market_grid, notation, letters):
    sheet = book(export(notation=Notation(notation)))["Matrix"]
    (rule,) = sheet.data_validations.dataValidation
    assert (rule.type, rule.formula1, rule.allow_blank, bool(rule.showDropDown)) == ("list", letters, True, False)
    assert rule.showErrorMessage
    for activity in market_grid.activities:
        assert f"C{row_of(sheet, activity.name)}" in rule.sqref
        assert f"F{row_of(sheet, activity.name)}" in rule.sqref
    assert f"C{row_of(sheet, 'Build it')}" not in rule.sqref
    assert f"G{row_of(sheet, 'Product Launch')}" not in rule.sqref


def test_levels_are_coloured_by_rules_over_the_whole_grid(export):
    sheet = book(export())["Matrix"]
    rules = {rule.formula[0]: rule for block in sheet.conditional_formatting for rule in block.rules}
    ranges = {str(block.sqref) for block in sheet.conditional_formatting}
    assert ranges == {"C7:F30", "B7:B30", "G7:H30"}
    lead, support, contribute, informed = (rules[f'"{letter}"'].dxf for letter in "LSCI")
    assert (lead.fill.bgColor.rgb, lead.font.color.rgb, lead.font.b) == ("002B3990", "00FFFFFF", True)
    assert (support.border.left.style, support.border.left.color.rgb, support.font.b) == ("thin", "002B3990", True)
    assert contribute.fill.bgColor.rgb == "00E3E6F7"
    assert informed.border.top.style == "dotted"
    assert "AND(ISNUMBER($G7),$G7<>1)" in rules
    assert "LEN(TRIM(C7))>0" in rules


def test_both_raci_leads_are_coloured_as_lead(export):
    sheet = book(export(notation=Notation.RACI))["Matrix"]
    rules = {rule.formula[0]: rule for block in sheet.conditional_formatting for rule in block.rules}
    assert rules['"A"'].dxf.fill.bgColor.rgb == rules['"A/R"'].dxf.fill.bgColor.rgb == "002B3990"


def test_header_and_activities_stay_in_view_and_can_be_filtered(export):
    sheet = book(export())["Matrix"]
    assert sheet.freeze_panes == "C7"
    assert sheet.auto_filter.ref == "B6:H29"
    assert not sheet.sheet_view.showGridLines


def test_it_prints_on_a4_landscape_with_heads_on_every_page(export):
    sheet = book(export())["Matrix"]
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)
    assert sheet.print_title_rows == "$5:$6"
    assert sheet.print_title_cols == "$A:$B"
    assert sheet.print_area == "'Matrix'!$A$1:$H$35"
    assert "&P of &N" in sheet.oddFooter.right.text
    assert "Core product · Revision 12" in sheet.oddFooter.left.text


def test_ids_are_hidden_beside_rows_and_above_columns(export, market_grid):
    sheet = book(export())["Matrix"]
    assert sheet.column_dimensions["A"].hidden
    assert sheet.row_dimensions[4].hidden
    assert [cell.value for cell in sheet[4][2:6]] == [f"r{role.id}" for role in market_grid.roles]
    assert sheet.cell(row_of(sheet, "Product Launch"), 1).value == "a112"


def test_the_hidden_sheet_says_what_the_file_was_made_from(export):
    rows = list(book(export(notation=Notation.RACI))["_remit"].iter_rows(values_only=True))
    facts = {row[0]: row[1] for row in rows[:5]}
    assert facts == {
        "schema": "1",
        "matrix": "7",
        "revision": "12",
        "notation": "raci",
        "exported": "2026-03-12T10:30:00+01:00",
    }
    assert ("role", "r14", "Sales") in rows
    assert ("stage", "s23", "Build it") in rows


def test_ids_beyond_what_a_spreadsheet_number_holds_are_kept(export):
    big = 2**63 - 1
    grid = Grid((Activity(big, "A"),), (Role(big, "R"),), (), {big: {big: Level.LEAD}})
    workbook = book(export(grid, matrix=big))
    assert workbook["Matrix"]["A6"].value == f"a{big}"
    assert workbook["_remit"]["B2"].value == str(big)


def test_the_file_says_what_it_is(export):
    properties = book(export()).properties
    assert (properties.title, properties.creator, properties.lastModifiedBy) == ("Core product", "Remit", "Remit")
    assert properties.subject == "Responsibility matrix, revision 12, 12 Mar 2026"
    assert properties.keywords == "responsibility matrix, revision 12, 2026-03-12"
    assert properties.created == properties.modified == datetime(2026, 3, 12, 9, 30)


def test_the_legend_explains_both_notations(export):
    text = {cell for row in book(export())["Legend"].iter_rows(values_only=True) for cell in row if cell}
    assert {"L", "S", "C", "I", "A/R or A", "R", "Lead", "Accountable", "Contribute", "Consulted"} <= text
    assert any("exactly one Lead" in cell for cell in text)


def test_checks_are_plain_values_with_the_reason_they_were_set_aside(export):
    rows = list(book(export())["Checks"].iter_rows(min_row=4, values_only=True))
    assert rows == [
        ("Severity", "Where", "What", "Set aside because"),
        ("Error", "Marketing Collateral", "Nobody leads this activity.", None),
        ("Warning", "Sales", "Sales leads 9 of 18 activities.", "Agreed until June."),
    ]


def test_without_findings_or_changes_a_sentence_says_so(export):
    workbook = book(export(findings=(), history=()))
    assert workbook["Checks"]["A4"].value == "The checks found nothing to settle in revision 12."
    assert workbook["History"]["A4"].value == "No changes yet."


def test_what_is_said_of_roles_has_a_sheet_of_plain_values(export, market_grid):
    said = {"purpose": "Solves problems", "contact": "=1+1", "headcount": 6, "short": "PM"}
    first = replace(market_grid.roles[0], people=("Amara Okafor", "Hana Novak"), **said)
    workbook = book(export(grid=replace(market_grid, roles=(first, *market_grid.roles[1:]))))
    assert workbook.sheetnames == ["Matrix", "Legend", "Roles", "Checks", "History", "_remit"]
    rows = list(workbook["Roles"].iter_rows(min_row=4, values_only=True))
    assert rows[:3] == [
        ("Role", "Short", "Purpose", "People", "Contact", "Headcount"),
        ("Product Management", "PM", "Solves problems", "Amara Okafor, Hana Novak", "=1+1", 6),
        ("Product Marketing", None, None, "Mei Tanaka", None, None),
    ]
    assert workbook["Roles"]["E5"].data_type == "s"


def test_departures_have_a_sheet_of_plain_values(export, kept):
    workbook = book(export(departures=kept))
    assert workbook.sheetnames == ["Matrix", "Legend", "Checks", "Departures", "History", "_remit"]
    sheet = workbook["Departures"]
    assert sheet["A2"].value == "Core product · Revision 12 · 12 Mar 2026 · 2 departures"
    assert list(sheet.iter_rows(min_row=4, values_only=True)) == [
        ("Activity", "Role", "Ours", "Theirs", "Reference", "Kept because", "Until", "State", "By"),
        (
            "Win/Loss Analysis",
            "Product Marketing, Sales",
            "Support, Lead",
            "Lead, Support",
            "market-led",
            "Sales asks, Product Marketing writes it up.",
            "12 Mar 2027",
            "Ended",
            None,
        ),
        (
            "Product Launch",
            "Sales",
            "Support",
            "Contribute",
            "House 2026",
            "No deal desk yet.",
            None,
            "Kept",
            "Jo Lund",
        ),
    ]


def test_history_tells_times_in_the_zone_of_the_export(export):
    sheet = book(export())["History"]
    assert sheet["A2"].value.endswith("times in CET")
    assert [cell.value for cell in sheet[5]] == [
        12,
        datetime(2026, 3, 12, 10, 30),
        "Amara Okafor",
        "Sales now leads Product Launch.",
    ]


@pytest.mark.parametrize("notation", list(Notation))
def test_no_text_of_a_user_becomes_a_formula(hostile_export, hostile_texts, notation):
    for text in hostile_texts:
        for name, data in parts(to_xlsx(hostile_export(notation, text))).items():
            if name.startswith("xl/worksheets/"):
                formulas = FORMULA.findall(data.decode("utf-8"))
                assert [formula for formula in formulas if not any(ours.fullmatch(formula) for ours in OURS)] == []
                assert bool(formulas) == name.endswith("sheet1.xml")
                assert b't="e"' not in data


def test_hostile_texts_come_back_as_they_were(hostile_export, hostile_texts):
    sheet = book(hostile_export())["Matrix"]
    names = [cell for cell in sheet["B"] if str(sheet.cell(cell.row, 1).value).startswith("a")]
    assert {cell.data_type for cell in names} == {"s"}
    illegal = re.compile("[\0\ud800\ufffe]")
    expected = {illegal.sub("", text).replace("\r", "\n").replace("_x003D_", "_x005F_x003D_") for text in hostile_texts}
    assert {cell.value for cell in names} == expected
    assert {cell.quotePrefix for cell in names if cell.value.startswith(("=", "+", "-", "@", "＝"))} == {True}


def test_a_text_beyond_what_a_cell_holds_is_cut_with_a_mark(export, market_grid):
    for character in ("x", "😀"):
        first = replace(market_grid.activities[0], notes=character * 40_000)
        grid = replace(market_grid, activities=(first, *market_grid.activities[1:]))
        notes = book(export(grid))["Matrix"]["I8"].value
        assert len(notes.encode("utf-16-le")) // 2 <= TEXT_LIMIT
        assert notes.endswith(character + CUT)


def test_an_ampersand_in_a_name_is_no_code_in_the_footer(export):
    xml = parts(to_xlsx(export(name="R&D &P")))["xl/worksheets/sheet1.xml"].decode()
    assert "R&amp;&amp;D &amp;&amp;P · Revision 12" in xml


@pytest.mark.parametrize(
    "grid",
    [
        Grid(),
        Grid((Activity(1, "Alone"),)),
        Grid((), (Role(1, "Alone"),)),
        Grid((), (Role(1, "Alone"),), (Stage(1, "Empty"),)),
        Grid((Activity(1, "Loose"), Activity(2, "Staged", 1)), (Role(1, "R"),), (Stage(1, "S"), Stage(2, "Empty"))),
    ],
)
def test_matrices_hardly_begun_can_be_exported(export, grid):
    assert book(export(grid)).sheetnames[0] == "Matrix"


def test_many_roles_turn_their_names_and_do_without_a_filter(export):
    roles = tuple(Role(number, f"Role {number}") for number in range(1, 41))
    sheet = book(export(Grid((Activity(1, "A"),), roles, (), {1: {1: Level.LEAD}})))["Matrix"]
    assert sheet["C5"].alignment.textRotation == 90
    assert sheet.column_dimensions["C"].width == 5
    assert sheet.auto_filter.ref is None


def test_the_largest_matrix_is_written(export):
    roles = tuple(Role(number, f"Role {number}") for number in range(1, 101))
    activities = tuple(Activity(number, f"Activity {number}") for number in range(1, 301))
    cells = {activity.id: dict.fromkeys(range(1, 101), Level.SUPPORT) for activity in activities}
    sheet = book(export(Grid(activities, roles, (), cells)))["Matrix"]
    assert sheet["CX305"].value == "S"
    assert sheet.page_setup.fitToWidth > 1


def test_stages_too_many_to_list_share_one_range(export):
    stages = tuple(Stage(number, f"Stage {number}") for number in range(1, 252))
    activities = tuple(Activity(stage.id, f"Activity {stage.id}", stage.id) for stage in stages)
    sheet = book(export(Grid(activities, (Role(1, "R"),), stages)))["Matrix"]
    assert str(sheet.data_validations.dataValidation[0].sqref) == "C6:C508"
