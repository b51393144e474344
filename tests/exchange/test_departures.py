"""What is kept against references, as the lines of an export."""

from datetime import date

import pytest

from raci.exchange.departures import departure_lines
from raci.exchange.export import DepartureLine
from raci.grid.grid import Departure
from raci.grid.levels import Level, Notation
from tests.grid.builders import grid_of, keeping

ROLES = ["Sales", "Legal", "Design"]
GRID = keeping(
    grid_of(("Pricing", "LSC"), ("Launch", "LSC"), roles=ROLES),
    1,
    Departure(102, "market", Level.LEAD, "Second.", date(2027, 3, 12), 5),
    Departure(101, "market", Level.SUPPORT, "We negotiate each deal.", date(2027, 3, 12), 5),
    Departure(103, "house-3", None, "Design asks to be asked."),
)


def lines(notation=Notation.LEAD_SUPPORT, **options):
    known = {"references": {"market": "market-led"}, "people": {5: "Jo Lund"}}
    return list(departure_lines(GRID, notation, **known | options))


def test_a_move_of_the_lead_is_one_line_and_a_cell_is_one():
    assert lines() == [
        DepartureLine(
            "Pricing",
            "Sales, Legal",
            "Lead, Support",
            "Support, Lead",
            "market-led",
            "We negotiate each deal.",
            "12 Mar 2027",
            "Jo Lund",
        ),
        DepartureLine(
            "Pricing",
            "Design",
            "Contribute",
            "Not involved",
            "A reference that is gone",
            "Design asks to be asked.",
            by="Somebody",
        ),
    ]


def test_the_levels_are_in_the_words_of_the_reader():
    assert (lines(Notation.RACI)[0].ours, lines(Notation.RACI)[1].ours) == ("Accountable, Responsible", "Consulted")


@pytest.mark.parametrize("people", [{}, {6: "Mei Tanaka"}])
def test_somebody_whose_account_is_gone_is_somebody(people):
    assert lines(people=people)[0].by == "Somebody"


def test_two_cells_kept_for_one_reason_are_two_lines_unless_the_lead_moves():
    same = (Departure(102, "market", Level.CONTRIBUTE, "Agreed."), Departure(103, "market", Level.INFORMED, "Agreed."))
    found = departure_lines(keeping(GRID, 1, *same), Notation.RACI, references={}, people={})
    assert [line.roles for line in found] == ["Legal", "Design"]


def test_a_matrix_without_departures_has_no_lines():
    assert list(departure_lines(grid_of("LSC"), Notation.RACI, references={}, people={})) == []


@pytest.mark.parametrize(("today", "state"), [(date(2027, 3, 12), "Kept"), (date(2027, 3, 13), "Ended")])
def test_what_has_ended_is_marked_from_the_day_after_its_last(today, state):
    assert [line.state for line in lines(today=today)] == [state, "Kept"]


def test_what_the_reference_has_otherwise_now_is_marked():
    found = lines(today=date(2027, 3, 13), lapsed={("house-3", 1, 103), ("market", 2, 102)})
    assert [line.state for line in found] == ["Ended", "To decide: the reference has changed"]
