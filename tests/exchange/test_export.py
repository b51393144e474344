"""What every format asks of an export: the file name, the date, the letters of a row."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from raci.exchange.export import delivered_by, file_name, people_named, reads_as_formula, row_letters
from raci.grid.grid import Named
from raci.grid.levels import Notation
from raci.grid.text import day


def test_a_file_is_named_after_the_matrix_and_its_revision(export):
    assert file_name(export(), "xlsx") == "Core product, revision 12.xlsx"
    assert file_name(export(), ".csv") == "Core product, revision 12.csv"


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Temp\\x", "C -Temp-x"),
        ("Influencer (AR/PR)", "Influencer (AR-PR)"),
        ("a\r\nSet-Cookie: b", "a Set-Cookie b"),
        ("in\u202evoice\0", "invoice"),
        ("...", "Matrix"),
        ("", "Matrix"),
        ("\u200b", "Matrix"),
        ("con", "Matrix con"),
        ("NUL.txt", "Matrix NUL.txt"),
        ("Größe 尺寸", "Größe 尺寸"),
    ],
)
def test_a_file_name_holds_nothing_a_file_system_minds(export, name, stem):
    assert file_name(export(name=name), "xlsx") == f"{stem}, revision 12.xlsx"


def test_a_file_name_fits_in_255_bytes_and_ends_on_a_whole_character(export):
    name = file_name(export(name="😀" * 200), "md")
    assert len(name.encode("utf-8")) < 255
    assert name.startswith("😀😀")
    assert name.endswith("😀, revision 12.md")


def test_a_day_is_written_without_leading_zero():
    assert day(datetime(2026, 3, 2, tzinfo=UTC)) == "2 Mar 2026"


def test_a_raci_lead_is_a_r_when_it_delivers_and_a_when_another_role_does(export, market_grid):
    first = market_grid.activities[0]
    lead = market_grid.lead(first.id)
    other = next(role for role in market_grid.roles if role.id != lead)
    raci = export(market_grid, Notation.RACI)
    assert "A/R" in row_letters(raci, first)
    assert "A/R" in row_letters(raci, replace(first, deliverer=lead))
    letters = row_letters(raci, replace(first, deliverer=other.id))
    assert "A" in letters
    assert "A/R" not in letters


def test_the_deliverer_is_named_only_where_it_is_not_the_lead(market_grid):
    first = market_grid.activities[0]
    lead = market_grid.lead(first.id)
    other = next(role for role in market_grid.roles if role.id != lead)
    assert delivered_by(market_grid, first) == ""
    assert delivered_by(market_grid, replace(first, deliverer=lead)) == ""
    assert delivered_by(market_grid, replace(first, deliverer=other.id)) == other.name


def test_people_are_told_with_role_and_task(market_grid):
    people = (Named(14, "Priya Raman", "deal desk"), Named(12, "Mei Tanaka"))
    told = people_named(market_grid, replace(market_grid.activities[0], people=people))
    assert told == "Priya Raman, Sales: deal desk\nMei Tanaka, Product Marketing"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\tx", "\rx", "＝1", "＋1", "－1", "＠a", "  =1"])
def test_what_a_spreadsheet_would_compute_is_known(text):
    assert reads_as_formula(text)


@pytest.mark.parametrize("text", ["", "Sales", "a=b", "1-2", "#REF!"])
def test_plain_text_is_left_alone(text):
    assert not reads_as_formula(text)
