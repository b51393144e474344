"""What changes hands when a matrix follows another reference, and what does not."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.departures import Pair, Reference
from raci.grid.grid import Departure
from raci.grid.levels import Level
from raci.grid.shift import Stay, Why, applied, shift
from tests.grid.builders import TODAY, catalogue_references, grid_of, grids, keeping, with_levels

L, S, C, I = Level.LEAD, Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED  # noqa: E741
REFERENCES = catalogue_references()
WAYS = list(permutations(REFERENCES, 2))
YESTERDAY = date(2026, 11, 21)


def old(*rows, **options):
    return Reference("sales", "sales-led", grid_of(*rows, culture="sales", **options))


def new(*rows, **options):
    return Reference("market", "market-led", grid_of(*rows, culture="market", **options))


def departure(role, *, key="sales", until=None):
    return Departure(role, key, I, "Agreed in spring.", until)


def stays(found):
    return [(x.role, x.why, x.reason) for x in found.stays]


def test_a_cell_that_follows_the_old_reference_moves_to_the_level_of_the_new_one():
    found = shift(grid_of("LSC"), old("LSC"), new("LSI"), TODAY)
    assert [x.cells for x in found.moves] == [(Pair(103, C, I),)]
    assert (found.after.row(1), found.after.culture, found.stays) == ((L, S, I), "market", ())


def test_a_cell_that_was_edited_stays_and_is_said_to_be_their_own():
    found = shift(grid_of("LSC"), old("LSS"), new("LSI"), TODAY)
    assert (found.moves, found.after.row(1)) == ((), (L, S, C))
    assert found.stays == (Stay(1, 103, C, I, Why.OWN),)


def test_an_edited_cell_that_agrees_with_the_new_reference_needs_no_word():
    found = shift(grid_of("LSI"), old("LSS"), new("LSI"), TODAY)
    assert (found.moves, found.stays) == ((), ())


@pytest.mark.parametrize("key", ["market", "house-3"])
@pytest.mark.parametrize("until", [None, TODAY, YESTERDAY])
def test_a_cell_with_a_departure_stays_whatever_it_is_against_and_ended_or_not(key, until):
    ours = keeping(grid_of("LSC"), 1, departure(103, key=key, until=until))
    found = shift(ours, old("LSC"), new("LSI"), TODAY)
    assert (found.moves, stays(found)) == ((), [(103, "departure", "Agreed in spring.")])
    assert found.stays[0].ended == (YESTERDAY if until == YESTERDAY else None)


def test_a_departure_from_the_old_reference_stays_and_is_one_from_the_new():
    ours = keeping(grid_of("LSC"), 1, departure(103))
    found = shift(ours, old("LSI"), new("LSS"), TODAY)
    assert (found.moves, stays(found)) == ((), [(103, "departure", "Agreed in spring.")])
    assert found.carried == {1: {103: S}}
    assert found.after.activities[0].departures == (Departure(103, "market", S, "Agreed in spring."),)


def test_a_departure_that_the_new_reference_has_of_its_own_is_not_overwritten_and_one_it_agrees_with_goes():
    own = Departure(103, "market", S, "Theirs already.")
    ours = keeping(grid_of("LSC"), 1, departure(103), own, Departure(102, "sales", C, "No longer."))
    found = shift(ours, old("LCI"), new("LSS"), TODAY)
    assert found.carried == {1: {103: S, 102: S}}
    assert found.after.activities[0].departures == (own,)


def test_a_departure_where_the_new_reference_has_no_cell_stays_as_it_was():
    there = new("LS", roles=["Role 1", "Role 2"])
    found = shift(keeping(grid_of("LSC"), 1, departure(103)), old("LSI"), there, TODAY)
    assert found.carried == {}
    assert found.after.activities[0].departures == (departure(103),)


@pytest.mark.parametrize(
    "settled",
    [
        Departure(103, "sales", S, "Once so."),  # the old reference has our level by now
        Departure(103, "market", S, "Once so."),  # the new one has another level than it was decided against
        Departure(103, "house-3", C, "Once so."),  # our level is the one it was decided against
    ],
)
def test_a_departure_that_explains_nothing_any_more_holds_no_cell(settled):
    ours = keeping(grid_of("LSC"), 1, settled)
    found = shift(ours, old("LSC"), new("LSI"), TODAY)
    assert [x.cells for x in found.moves] == [(Pair(103, C, I),)]
    assert found.after.activities[0].departures == ()


def test_of_several_departures_on_a_cell_the_first_says_why():
    first, second = (Departure(103, key, I, f"Because of {key}.") for key in ("house-3", "house-4"))
    ours = keeping(grid_of("LSC"), 1, first, second)
    assert stays(shift(ours, old("LSC"), new("LSI"), TODAY)) == [(103, "departure", "Because of house-3.")]


def test_who_comes_to_lead_is_no_longer_named_as_the_one_who_delivers():
    ours = grid_of("LSC", "LSC", deliverers={1: 102, 2: 103})
    found = shift(ours, old("LSC", "LSC"), new("SLC", "SLC"), TODAY)
    assert [row.deliverer for row in found.after.activities] == [None, 103]
    assert [row.deliverer for row in applied(ours, found.moves[1:]).activities] == [102, 103]


def test_the_lead_moves_as_a_whole():
    found = shift(grid_of("LSC"), old("LSC"), new("CSL"), TODAY)
    assert [x.cells for x in found.moves] == [(Pair(101, L, C), Pair(103, C, L))]
    assert found.after.row(1) == (C, S, L)


def test_the_lead_stays_where_one_of_its_cells_was_edited():
    found = shift(grid_of("LSI"), old("LSC"), new("SSL"), TODAY)
    assert found.after.row(1) == (L, S, I)
    assert stays(found) == [
        (101, "lead", "Who answers for this changes as a whole, and Role 3 stays as it is."),
        (103, "own", ""),
    ]


def test_the_lead_stays_where_one_of_its_cells_has_a_departure():
    found = shift(keeping(grid_of("LSC"), 1, departure(101, key="house-3")), old("LSC"), new("SSL"), TODAY)
    assert found.after.row(1) == (L, S, C)
    assert stays(found) == [
        (101, "departure", "Agreed in spring."),
        (103, "lead", "Who answers for this changes as a whole, and Role 1 stays as it is."),
    ]


def test_other_cells_of_a_row_whose_lead_stays_move_all_the_same():
    found = shift(grid_of("LSIC"), old("LSCC"), new("SSLI"), TODAY)
    assert [x.cells for x in found.moves] == [(Pair(104, C, I),)]
    assert found.after.row(1) == (L, S, I, I)


def test_the_lead_does_not_move_to_a_role_that_is_missing_here():
    ours = grid_of("LS", roles=["Sales", "Engineering"])
    there = new("SSL", roles=["Sales", "Engineering", "Legal"])
    found = shift(ours, old("LS", roles=["Sales", "Engineering"]), there, TODAY)
    assert (found.moves, found.after.row(1), found.alignment.roles_only_b) == ((), (L, S), (103,))
    assert stays(found) == [
        (101, "lead", "In the reference Legal answers for this, and Legal is no role here. Add that role first.")
    ]


def test_the_lead_of_a_role_that_the_new_reference_lacks_stays():
    ours = grid_of("SL", roles=["Sales", "Legal"])
    found = shift(ours, old("SL", roles=["Sales", "Legal"]), new("L", roles=["Sales"]), TODAY)
    assert (found.moves, found.after.row(1)) == ((), (S, L))
    assert stays(found) == [(101, "lead", "Who answers for this changes as a whole, and Legal stays as it is.")]


def test_rows_that_are_their_own_stay_and_have_no_partner():
    ours = grid_of(("Pricing", "LS"), ("Ours", "LS"))
    found = shift(ours, old(("Pricing", "LS")), new(("Pricing", "LC"), ("Theirs", "LS")), TODAY)
    assert (found.alignment.activities_only_a, found.alignment.activities_only_b) == ((2,), (2,))
    assert (found.after.row(1), found.after.row(2), found.stays) == ((L, C), (L, S), ())


def test_a_row_that_only_the_new_reference_knows_is_their_own():
    ours = grid_of(("Pricing", "LS"), ("Launch", "LS"))
    found = shift(ours, old(("Pricing", "LS")), new(("Pricing", "LS"), ("Launch", "LC")), TODAY)
    assert found.stays == (Stay(2, 102, S, C, Why.OWN),)


def test_a_part_of_the_moves_can_be_made():
    found = shift(grid_of("LSC", "LSC"), old("LSC", "LSC"), new("SLC", "LS-"), TODAY)
    assert applied(grid_of("LSC", "LSC"), found.moves[:1]).cells == grid_of("SLC", "LSC").cells
    assert applied(grid_of("LSC", "LSC"), found.moves[1:]).cells == grid_of("LSC", "LS-").cells
    assert applied(grid_of("LSC", "LSC", culture="sales"), ()) == grid_of("LSC", "LSC", culture="sales")


def test_where_the_two_references_agree_nothing_moves():
    found = shift(grid_of("LSC"), old("LSC"), new("LSC"), TODAY)
    assert (found.moves, found.stays, found.after.culture) == ((), (), "market")


# --- the references of the cultures


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_an_untouched_reference_becomes_the_other(before, after):
    found = shift(REFERENCES[before].grid, REFERENCES[before], REFERENCES[after], TODAY)
    assert found.after == REFERENCES[after].grid
    assert found.stays == ()


@pytest.mark.parametrize(("before", "after"), WAYS)
def test_there_and_back_is_where_it_began(before, after):
    there = shift(REFERENCES[before].grid, REFERENCES[before], REFERENCES[after], TODAY)
    assert shift(there.after, REFERENCES[after], REFERENCES[before], TODAY).after == REFERENCES[before].grid


@st.composite
def own_matrices(draw):
    """A culture's reference as a team may have it: some levels edited, the Lead given away, some departures."""
    key, other = draw(st.sampled_from(WAYS))
    grid = REFERENCES[key].grid
    rows, roles = [x.id for x in grid.activities], [x.id for x in grid.roles]
    for row in draw(st.lists(st.sampled_from(rows), max_size=8)):
        role, lead = draw(st.sampled_from(roles)), grid.lead(row)
        letter = draw(st.sampled_from("LSCI-"))
        if role == lead:
            continue
        grid = with_levels(grid, row, {role: letter, **({lead: draw(st.sampled_from("SC-"))} if letter == "L" else {})})
    kept = draw(st.dictionaries(st.sampled_from(rows), st.sampled_from(roles), max_size=5))
    for row, role in kept.items():
        against, theirs = draw(st.sampled_from(["market", "house-3"])), draw(st.sampled_from([None, *Level]))
        end = draw(st.sampled_from([None, YESTERDAY, TODAY]))
        grid = keeping(grid, row, Departure(role, against, theirs, "Agreed.", end))
    return grid, REFERENCES[key], REFERENCES[other]


@given(own_matrices())
def test_own_levels_and_departures_stay_and_all_else_is_as_the_new_reference_or_said(drawn):
    ours, before, after = drawn
    found = shift(ours, before, after, TODAY)
    said = {(x.activity, x.role): x for x in found.stays}
    for activity in ours.activities:
        sides = {x.key: x.grid for x in (before, after)}
        kept = {
            x.role
            for x in activity.departures
            if ours.level(activity.id, x.role) is not x.theirs
            and (x.against not in sides or sides[x.against].level(activity.id, x.role) is x.theirs)
        }
        for role in ours.roles:
            at = (activity.id, role.id)
            is_own = ours.level(*at) is not before.grid.level(*at)
            if is_own or role.id in kept:
                assert found.after.level(*at) is ours.level(*at)
            if found.after.level(*at) is not ours.level(*at):
                assert found.after.level(*at) is after.grid.level(*at)
            differs = found.after.level(*at) is not after.grid.level(*at)
            assert differs is (at in said)
            if differs:
                assert (said[at].ours, said[at].theirs) == (ours.level(*at), after.grid.level(*at))
                assert said[at].why == (Why.DEPARTURE if role.id in kept else Why.OWN if is_own else Why.LEAD)
                assert bool(said[at].reason) is (said[at].why is not Why.OWN)
    assert [replace(x, departures=()) for x in found.after.activities] == [
        replace(x, departures=()) for x in ours.activities
    ]


@given(own_matrices())
def test_every_row_keeps_exactly_one_lead(drawn):
    ours, before, after = drawn
    found = shift(ours, before, after, TODAY)
    for activity in ours.activities:
        assert len(found.after.leads(activity.id)) == 1
    for move in found.moves:
        assert len(applied(ours, [move]).leads(move.activity)) == 1


@given(grids(), grids(), grids())
def test_whatever_the_references_no_row_loses_its_lead_or_gets_a_second(ours, before, after):
    found = shift(ours, Reference("a", "A", before), Reference("b", "B", after), TODAY)
    for activity in ours.activities:
        had, has = len(ours.leads(activity.id)), len(found.after.leads(activity.id))
        assert has == had or has == 1
        assert (had, has) != (1, 0)
    assert found.after == replace(applied(ours, found.moves), culture=after.culture)
    assert not any(
        row.deliverer in found.after.leads(move.activity)
        for move in found.moves
        for row in found.after.activities
        if row.id == move.activity
    )
