from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from raci.grid.checks import findings
from raci.grid.departures import Reference, compare
from raci.grid.levels import Level
from raci.grid.rules import Severity
from tests.grid.builders import (
    TODAY,
    catalogue_references,
    grid_of,
    grids,
    keeping,
)
from tests.grid.checking import YESTERDAY, against, departure, fired, of_departures

REFERENCES = catalogue_references()


def test_a_lead_unlike_the_reference_is_noted_once_for_its_activity():
    (finding,) = of_departures(grid_of("LSC"), against("SLC"))
    assert (finding.rule, finding.severity, finding.activity, finding.role) == ("D1", Severity.NOTE, 1, None)
    assert finding.text == "Role 1 leads Task 1, unlike market-led, where it is Role 2."
    assert (finding.step, finding.key) == ("Say why in a line, or use the reference.", "D1:1::market")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("LSC", "LSC"),
        ("LSC", "LCI"),  # the same Lead: what else differs is no matter of this rule
        ("SSC", "LSC"),  # nobody leads: R1 says it
        ("LLC", "SLC"),  # two lead: R2 says it
        ("LSC", "SSC"),  # the reference has nobody to compare
    ],
)
def test_no_lead_is_unlike_the_reference_unless_one_leads_here_and_another_there(ours, theirs):
    assert of_departures(grid_of(ours), against(theirs)) == []


def test_an_unlike_lead_with_a_reason_for_each_of_its_cells_is_silent():
    first, second = departure(101, Level.SUPPORT), departure(102, Level.LEAD)
    assert of_departures(keeping(grid_of("LSC"), 1, first, second), against("SLC")) == []
    assert len(of_departures(keeping(grid_of("LSC"), 1, first), against("SLC"))) == 1
    elsewhere = replace(second, against="sales")
    assert len(of_departures(keeping(grid_of("LSC"), 1, first, elsewhere), against("SLC"))) == 1


def test_a_lead_whose_role_only_one_side_has_is_unlike_and_explained_by_its_one_cell():
    ours, theirs = grid_of("LS", roles=["Sales", "Design"]), against("SL", roles=["Sales", "Legal"])
    (finding,) = of_departures(ours, theirs)
    assert finding.text == "Sales leads Task 1, unlike market-led, where it is Legal."
    assert of_departures(keeping(ours, 1, departure(101, Level.SUPPORT)), theirs) == []


def test_leads_that_no_cell_compares_are_not_noted():
    assert of_departures(grid_of("SL", roles=["Sales", "Design"]), against("SL", roles=["Sales", "Legal"])) == []


def test_without_a_reference_no_lead_is_unlike_it():
    assert of_departures(grid_of("LSC"), today=TODAY) == []


@pytest.mark.parametrize("culture", REFERENCES)
def test_no_lead_of_a_reference_is_unlike_it(culture):
    assert of_departures(REFERENCES[culture].grid, REFERENCES[culture], TODAY) == []


@given(grids(max_rows=10, max_roles=8), grids(max_rows=10, max_roles=8))
def test_leads_unlike_the_reference_are_the_unexplained_moves_of_a_comparison(ours, theirs):
    sound = {x: y for x, y in theirs.cells.items() if len(theirs.leads(x)) < 2}
    reference = Reference("market", "market-led", replace(theirs, cells=sound))
    compared = compare(ours, reference, TODAY)
    partner = dict(compared.diff.alignment.activities)
    assert [x.activity for x in of_departures(ours, reference)] == [
        x.activity
        for x in compared.differences
        if x.moves_lead
        and x.departure is None
        and len(ours.leads(x.activity)) == 1
        and reference.grid.leads(partner[x.activity])
    ]


@pytest.mark.parametrize(("until", "fires"), [(YESTERDAY, True), (TODAY, False), (None, False)])
def test_a_departure_is_to_be_decided_again_from_the_day_after_its_last(until, fires):
    grid = keeping(grid_of("LSC"), 1, departure(103, Level.INFORMED, until=until))
    assert [x.rule for x in of_departures(grid, today=TODAY)] == (["D2"] if fires else [])
    assert of_departures(grid) == []


def test_an_ended_departure_names_its_role_and_day():
    ended = departure(103, Level.INFORMED, until=date(2026, 3, 12))
    (finding,) = of_departures(keeping(grid_of("LSC"), 1, ended), today=TODAY)
    assert (finding.severity, finding.activity, finding.role) == (Severity.WARN, 1, 103)
    assert finding.text == "The departure for Role 3 on Task 1 ended on 12 Mar 2026 and is to be decided again."
    assert finding.step == "Keep it until a later day, or take the level that its reference has."
    assert finding.key == "D2:1:103:market:2026-03-12"


def test_a_move_of_the_lead_that_ended_is_told_once_for_each_reference():
    first = departure(101, Level.SUPPORT, until=YESTERDAY)
    both = (first, departure(102, Level.LEAD, until=YESTERDAY))
    other = replace(first, against="house-3")
    found = of_departures(keeping(grid_of("LSC"), 1, *both, other), today=TODAY)
    assert [x.key for x in found] == ["D2:1::market:2026-11-21", "D2:1::house-3:2026-11-21"]
    assert found[0].text.startswith("The departure for Role 1 and Role 2 on Task 1 ended on 21 Nov 2026")


def test_a_move_of_the_lead_has_ended_with_the_first_of_its_cells():
    both = departure(101, Level.SUPPORT), departure(102, Level.LEAD, until=YESTERDAY)
    grid = keeping(grid_of("LSC"), 1, *both)
    assert [x.rule for x in of_departures(grid, against("SLC"), TODAY)] == ["D2"]  # and not D1: the reason is known


def test_an_ended_departure_is_silent_once_the_row_has_gone_back():
    ended = departure(103, Level.INFORMED, until=YESTERDAY)
    assert of_departures(keeping(grid_of("LSI"), 1, ended), today=TODAY) == []
    assert of_departures(keeping(grid_of("LS"), 1, ended), today=TODAY) == []  # its role is gone


def test_a_departure_that_is_renewed_and_ends_again_is_not_the_finding_that_was_set_aside():
    keys = {
        x.key
        for until in (date(2026, 3, 12), date(2026, 6, 30))
        for x in of_departures(keeping(grid_of("LSC"), 1, departure(103, None, until=until)), today=TODAY)
    }
    assert len(keys) == 2


def test_sales_leads_of_the_sales_reference_are_formal_where_one_role_supports_and_none_delivers():
    grid = REFERENCES["sales"].grid
    found = [x for x in findings(grid, reference=REFERENCES["sales"], today=TODAY) if x.rule == "R13"]
    expected = [
        x.id
        for x in grid.activities
        if grid.level(x.id, 4) is Level.LEAD and list(grid.row(x.id)).count(Level.SUPPORT) == 1
    ]
    assert [x.activity for x in found] == expected
    assert expected
    first = expected[0]
    named = replace(
        grid, activities=tuple(replace(x, deliverer=found[0].role) if x.id == first else x for x in grid.activities)
    )
    assert [x.activity for x in findings(named) if x.rule == "R13"] == expected[1:]
    assert "R13" not in fired(REFERENCES["market"].grid)
