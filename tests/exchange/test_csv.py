"""The CSV file: its shape, its encoding, and that no text in it is computed."""

import csv
import io

import pytest

from raci.exchange.csv import to_csv
from raci.grid.grid import Grid
from raci.grid.levels import Notation

TRIGGERS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")


def rows(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def test_a_row_holds_stage_activity_letters_and_texts(export):
    head, first, *rest = rows(to_csv(export()))
    roles = ["Product Management", "Product Marketing", "Engineering", "Sales"]
    assert head == ["Stage", "Activity", *roles, "Delivered by", "Description", "Notes"]
    assert first[:2] == ["Understand the market", "Size the Market Opportunity"]
    assert sorted(first[2:6]).count("L") == 1
    assert len(rest) == 17


def test_the_file_is_utf_8_with_bom_and_crlf(export):
    data = to_csv(export())
    assert data.startswith(b"\xef\xbb\xbfStage,")
    assert data.count(b"\r\n") == data.count(b"\n") == 19


def test_raci_letters_in_raci_notation(export):
    letters = {letter for row in rows(to_csv(export(notation=Notation.RACI)))[1:] for letter in row[2:6]}
    assert letters == {"A/R", "R", "C", "I"}


def test_no_cell_begins_like_a_formula(hostile_export):
    for row in rows(to_csv(hostile_export()))[1:]:
        assert not [cell for cell in row if cell.lstrip(" ").startswith(TRIGGERS)]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_no_cell_begins_like_a_formula_where_another_separator_rules(hostile_export, delimiter):
    text = to_csv(hostile_export()).decode("utf-8-sig")
    for line in text.splitlines():
        cells = next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), [])
        assert not [cell for cell in cells if cell.lstrip().startswith(TRIGGERS)]


def test_a_hostile_name_is_the_name_behind_an_apostrophe(hostile_export):
    cells = {cell for row in rows(to_csv(hostile_export())) for cell in row}
    assert '\'=HYPERLINK("http://x","y")' in cells
    assert 'say "=1"' in cells
    assert "#REF!" in cells


def test_an_empty_matrix_has_a_header(export):
    assert rows(to_csv(export(Grid()))) == [["Stage", "Activity", "Delivered by", "Description", "Notes"]]


def test_departures_leave_the_plain_table_as_it_is(export, kept):
    assert to_csv(export(departures=kept)) == to_csv(export())
