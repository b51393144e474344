"""The workbook as another program reads it: LibreOffice works out the formulas, prints, and shows hostile text."""

import csv
import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from openpyxl import load_workbook

from raci.exchange.csv import to_csv
from raci.exchange.xlsx import to_xlsx
from raci.grid.levels import Level, Notation


def load(rows):
    """The role load at the foot: the name of the level -> the counts of the roles."""
    top = next(at for at, row in enumerate(rows) if row[1] == "Role load")
    return {row[1].split(" (")[0]: row[2:6] for row in rows[top + 1 : top + 5]}


@pytest.mark.parametrize("notation", list(Notation))
def test_counts_and_flags_are_worked_out(export, market_grid, sheets, notation):
    rows = sheets(to_xlsx(export(notation=notation)))["Matrix"]
    for row in rows[6:29]:
        assert row[6:8] == (["1", ""] if row[0].startswith("a") else ["", ""])
    counts = load(rows)
    for column, role in enumerate(market_grid.roles):
        held = Counter(market_grid.level(activity.id, role.id) for activity in market_grid.activities)
        assert {word: row[column] for word, row in counts.items()} == {
            notation.word(level): str(held[level]) for level in Level
        }
    assert next(row for row in rows if row[1] == "Role load")[6] == "18 of 18"


@pytest.mark.parametrize(("notation", "none", "two"), [("lsci", "No lead", "2 leads"), ("raci", "No A", "2 with A")])
def test_counts_and_flags_follow_an_edit(export, sheets, notation, none, two):
    workbook = load_workbook(io.BytesIO(to_xlsx(export(notation=Notation(notation)))))
    sheet = workbook["Matrix"]
    leads = {"L", "A/R"}
    first = next(cell for cell in sheet[8][2:6] if cell.value in leads)
    first.value = None
    second = next(cell for cell in sheet[9][2:6] if cell.value not in leads)
    second.value = "L" if notation == "lsci" else "A"
    file = io.BytesIO()
    workbook.save(file)
    rows = sheets(file.getvalue())["Matrix"]
    assert rows[7][6:8] == ["0", none]
    assert rows[8][6:8] == ["2", two]
    assert next(row for row in rows if row[1] == "Role load")[6] == "16 of 18"


def test_the_other_sheets_are_read(export, sheets):
    shown = sheets(to_xlsx(export()))
    assert shown["Checks"][4][:3] == ["Error", "Marketing Collateral", "Nobody leads this activity."]
    assert shown["History"][4] == ["12", "03/12/2026 10:30:00", "Amara Okafor", "Sales now leads Product Launch."]
    assert shown["Legend"][4][0] == "L"


def test_hostile_texts_are_shown_as_written(hostile_export, hostile_texts, sheets):
    rows = sheets(to_xlsx(hostile_export()))["Matrix"]
    shown = {row[1] for row in rows if row[0].startswith("a")}
    illegal = re.compile("[\0\ud800\ufffe]")
    assert shown == {illegal.sub("", text).replace("\r", "\n") for text in hostile_texts}


def test_a_hostile_csv_computes_nothing(hostile_export, convert):
    data = to_csv(hostile_export())
    (shown,) = convert(data, "csv", source="matrix.csv").values()
    read = [list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline=""))) for file in (data, shown)]
    cells = [{cell.replace("\r", "\n").strip("\ufffe\uffff") for row in rows for cell in row} for rows in read]
    assert {cell for cell in cells[0] if "1+1" in cell} == {cell for cell in cells[1] if "1+1" in cell}
    assert "'=1+1" in cells[1]
    assert "2" not in cells[1]


def test_a_reference_matrix_prints_on_one_page_a_sheet(export, convert):
    (pdf,) = convert(to_xlsx(export()), "pdf").values()
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 4


def test_a_matrix_without_activities_opens(export, market_grid, sheets):
    rows = sheets(to_xlsx(export(replace(market_grid, activities=(), stages=()))))["Matrix"]
    assert ["", "This matrix has no activities or no roles yet."] in [row[:2] for row in rows]
