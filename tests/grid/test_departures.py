"""A matrix beside a reference: decisions, what was kept, what waits."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from raci.grid.departures import Pair, Reference, compare, decisions, lapsed, taken
from raci.grid.diff import diff
from raci.grid.grid import Departure
from raci.grid.levels import Level
from tests.grid.builders import TODAY, catalogue_references, grid_of, grids, keeping, with_levels

L, S, C, I = Level.LEAD, Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED  # noqa: E741
YESTERDAY = date(2026, 11, 21)


def against(grid, key="market"):
    return Reference(key, "market-led", grid)


def departure(role, theirs, *, key="market", until=None, reason="Agreed in spring."):
    return Departure(role, key, theirs, reason, until)


def only(grid, reference, today=TODAY):
    (difference,) = compare(grid, reference, today).differences
    return difference


# --- what is one decision


def test_a_cell_that_differs_is_one_decision():
    found = only(grid_of("LSC"), against(grid_of("LSI")))
    assert found.cells == (Pair(103, C, I),)
    assert (found.key, found.moves_lead, found.is_kept, found.reason_no_take) == ("1-103", False, False, "")
    assert taken(found) == {103: I}


def test_both_cells_of_a_move_of_the_lead_are_one_decision():
    found = only(grid_of("LSC"), against(grid_of("CSL")))
    assert found.cells == (Pair(101, L, C), Pair(103, C, L))
    assert (found.key, found.moves_lead) == ("1-101-103", True)
    assert taken(found) == {101: C, 103: L}


def test_other_cells_of_a_row_whose_lead_moves_are_decisions_of_their_own_in_the_order_of_roles():
    found = compare(grid_of("ILSC"), against(grid_of("CSLI")), TODAY).differences
    assert [x.key for x in found] == ["1-101", "1-102-103", "1-104"]


def test_decisions_stand_in_the_order_of_our_rows():
    ours, theirs = grid_of(("Pricing", "LS"), ("Launch", "LS")), grid_of(("Launch", "L-"), ("Pricing", "L-"))
    assert [x.activity for x in compare(ours, against(theirs), TODAY).differences] == [1, 2]


def test_a_row_that_has_no_lead_here_differs_in_the_one_cell_that_leads_there():
    found = only(grid_of("SSC"), against(grid_of("LSC")))
    assert (found.cells, found.moves_lead) == ((Pair(101, S, L),), True)
    assert taken(found) == {101: L}


# --- where the reference cannot be taken


def test_the_lead_of_a_role_that_is_missing_here_cannot_be_taken_and_the_role_is_named():
    ours = grid_of("LS", roles=["Sales", "Engineering"])
    theirs = grid_of("SSL", roles=["Sales", "Engineering", "Legal"])
    found = only(ours, against(theirs))
    assert found.cells == (Pair(101, L, S),)
    assert found.reason_no_take == (
        "In the reference Legal answers for this, and Legal is no role here. Add that role first."
    )


def test_a_lead_is_not_taken_away_where_nobody_leads_there():
    found = only(grid_of("LS"), against(grid_of("SS")))
    assert found.reason_no_take == "In the reference nobody answers for this, and somebody has to."


def test_two_leads_of_a_draft_cannot_be_taken():
    found = only(grid_of("LSC"), against(grid_of("SLL")))
    assert found.reason_no_take == "In the reference 2 roles answer for this, and only one can."


def test_a_lead_that_the_reference_has_no_column_for_steps_down_when_its_lead_is_taken():
    ours = grid_of("SL", roles=["Sales", "Customer Success"])
    found = only(ours, against(grid_of("L", roles=["Sales"])))
    assert (found.cells, found.steps_down, found.reason_no_take) == ((Pair(101, S, L),), (102,), "")
    assert taken(found) == {101: L, 102: S}


def test_a_cell_beside_the_lead_can_be_taken_whoever_leads():
    ours = grid_of("CL", roles=["Sales", "Customer Success"])
    found = only(ours, against(grid_of("I", roles=["Sales"])))
    assert (found.steps_down, found.reason_no_take, taken(found)) == ((), "", {101: I})


def test_leads_that_neither_side_can_compare_are_elsewhere_without_a_cell_to_decide():
    ours = grid_of("SL", roles=["Sales", "Customer Success"])
    found = compare(ours, against(grid_of("SL", roles=["Sales", "Legal"])), TODAY)
    assert (found.differences, found.lead_elsewhere) == ((), (1,))
    assert (found.diff.alignment.roles_only_a, found.diff.alignment.roles_only_b) == ((102,), (102,))


@given(grids(), grids())
def test_taking_any_decision_leaves_exactly_one_lead_where_the_lead_was_touched(ours, theirs):
    for found in compare(ours, against(theirs), TODAY).differences:
        if found.reason_no_take:
            continue
        leads = len(ours.leads(found.activity))
        row = {**ours.cells[found.activity], **taken(found)}
        assert list(row.values()).count(L) == (1 if found.moves_lead else leads)


# --- departures


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (departure(103, I), True),
        (departure(103, I, key="sales"), False),  # kept against another reference
        (departure(103, S), False),  # the reference had another level when it was decided
        (departure(102, I), False),  # another cell
        (departure(103, I, until=TODAY), True),
        (departure(103, I, until=YESTERDAY), False),
    ],
)
def test_a_departure_stands_for_its_cell_reference_and_level_until_its_last_day(given, kept):
    found = compare(keeping(grid_of("LSC"), 1, given), against(grid_of("LSI")), TODAY)
    assert [x.is_kept for x in found.differences] == [kept]
    assert (len(found.kept), len(found.open)) == ((1, 0) if kept else (0, 1))


def test_a_departure_that_has_ended_is_shown_and_waits_for_a_decision():
    ended = departure(103, I, until=YESTERDAY)
    found = only(keeping(grid_of("LSC"), 1, ended), against(grid_of("LSI")))
    assert (found.departure, found.ended, found.is_kept) == (ended, True, False)


def test_a_level_that_is_no_involvement_there_can_be_kept_too():
    assert only(keeping(grid_of("LSC"), 1, departure(103, None)), against(grid_of("LS-"))).is_kept


def test_a_move_of_the_lead_is_kept_when_each_of_its_cells_is():
    first, second = departure(101, S), departure(102, L, reason="Another.")
    both = only(keeping(grid_of("LSC"), 1, second, first), against(grid_of("SLC")))
    one = only(keeping(grid_of("LSC"), 1, first), against(grid_of("SLC")))
    assert (both.departure, both.is_kept) == (first, True)
    assert (one.departure, one.is_kept) == (None, False)


def test_a_move_of_the_lead_has_ended_when_one_of_its_cells_has():
    first, second = departure(101, S), departure(102, L, until=YESTERDAY)
    found = only(keeping(grid_of("LSC"), 1, first, second), against(grid_of("SLC")))
    assert (found.departure, found.ended, found.is_kept) == (second, True, False)


def test_a_departure_whose_cell_agrees_again_is_settled():
    stood, other = departure(103, I), departure(103, I, key="sales")
    found = compare(keeping(grid_of("LSI"), 1, stood, other), against(grid_of("LSI")), TODAY)
    assert (found.differences, found.settled) == ((), ((1, stood),))


def test_a_departure_that_cannot_be_compared_is_not_settled():
    ours = keeping(grid_of("LS", roles=["Sales", "Design"]), 1, departure(102, I))
    assert compare(ours, against(grid_of("L", roles=["Sales"])), TODAY).settled == ()


def test_departures_are_decisions_without_a_comparison_too():
    lead, of_the_lead, cell = departure(102, L), departure(101, S), departure(103, I)
    gone, back = departure(999, I), departure(104, I)
    other = departure(103, S, key="sales")
    grid = keeping(grid_of("LSCI"), 1, lead, of_the_lead, cell, gone, back, other)
    assert decisions(grid, grid.activities[0]) == ((of_the_lead, lead), (cell,), (other,))


# --- the score


def test_each_role_is_scored_over_the_rows_that_both_have():
    ours = grid_of(("Pricing", "LSC"), ("Launch", "LSC"), ("Ours", "LSC"), roles=["Sales", "Legal", "Design"])
    theirs = grid_of(("Pricing", "LS"), ("Launch", "LC"), roles=["Sales", "Legal"])
    found = compare(ours, against(theirs), TODAY)
    assert found.roles == ((101, 2, 2), (102, 1, 2))
    assert (found.diff.agreeing, found.diff.compared) == (3, 4)


def test_a_reference_beside_itself_differs_in_nothing():
    for reference in catalogue_references().values():
        found = compare(reference.grid, reference, TODAY)
        assert (found.differences, found.lead_elsewhere, found.diff.agreeing) == ((), (), 72)


def test_6_of_the_18_activities_keep_their_lead_in_all_three_cultures():
    references = catalogue_references()
    market = references["market"].grid
    moved = {row for x in references.values() for row in compare(market, x, TODAY).lead_elsewhere}
    assert len(market.activities) - len(moved) == 6


@given(grids(), grids())
def test_the_decisions_hold_each_differing_cell_once_and_have_keys_of_their_own(ours, theirs):
    found = compare(ours, against(theirs), TODAY)
    cells = [(x.activity, cell.role, cell.ours, cell.theirs) for x in found.differences for cell in x.cells]
    differing = [(x.activity_a, x.role_a, x.before, x.after) for x in diff(ours, theirs).cells]
    assert sorted(cells, key=str) == sorted(differing, key=str)
    assert len({x.key for x in found.differences}) == len(found.differences)
    assert {*found.kept, *found.open} == set(found.differences)
    assert sum(score.agreeing for score in found.roles) == found.diff.agreeing


@given(grids(), grids())
def test_a_row_has_at_most_one_decision_about_its_lead(ours, theirs):
    leads = [x.activity for x in compare(ours, against(theirs), TODAY).differences if x.moves_lead]
    assert len(leads) == len(set(leads))


def test_keeping_every_decision_leaves_none_open():
    references = catalogue_references()
    ours, reference = references["market"].grid, references["sales"]
    for difference in compare(ours, reference, TODAY).differences:
        row = next(x for x in ours.activities if x.id == difference.activity)
        new = tuple(departure(cell.role, cell.theirs, key="sales") for cell in difference.cells)
        ours = keeping(ours, row.id, *row.departures, *new)
    found = compare(ours, reference, TODAY)
    assert (found.open, len(found.kept)) == ((), len(found.differences))


def test_taking_every_decision_gives_the_reference():
    references = catalogue_references()
    ours, reference = references["market"].grid, references["sales"]
    for difference in compare(ours, reference, TODAY).differences:
        ours = with_levels(ours, difference.activity, {r: x or "-" for r, x in taken(difference).items()})
    assert replace(ours, culture="sales").cells == reference.grid.cells


# --- what was kept and says nothing any more


def test_a_departure_from_another_level_than_the_reference_has_now_has_lapsed():
    ours, reference = keeping(grid_of("LSC"), 1, departure(103, I)), against(grid_of("LSS"))
    found = only(ours, reference)
    assert (found.departure, found.is_kept, found.lapsed) == (None, False, departure(103, I))
    assert lapsed(compare(ours, reference, TODAY), ours) == {(1, 103)}


@pytest.mark.parametrize(
    "kept", [departure(103, S), departure(103, S, until=YESTERDAY), departure(103, I, key="sales")]
)
def test_a_departure_that_holds_or_ended_or_is_from_another_reference_has_not_lapsed(kept):
    ours, reference = keeping(grid_of("LSC"), 1, kept), against(grid_of("LSS"))
    assert only(ours, reference).lapsed is None
    assert lapsed(compare(ours, reference, TODAY), ours) == set()


def test_a_move_of_the_lead_of_which_one_cell_alone_is_kept_has_lapsed():
    ours, reference = keeping(grid_of("LSC"), 1, departure(101, C)), against(grid_of("CSL"))
    assert only(ours, reference).lapsed == departure(101, C)
    assert lapsed(compare(ours, reference, TODAY), ours) == {(1, 101)}
