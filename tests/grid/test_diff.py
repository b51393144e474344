from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from raci.grid.diff import CellDifference, Move, Rename, diff, differing
from raci.grid.levels import Level
from tests.grid.builders import grid_of, grids, references, with_names


def test_a_changed_cell_is_named_with_both_levels():
    found = diff(grid_of("LSC", "LSI"), grid_of("LSC", "LS-"), same=True)
    assert found.cells == (CellDifference(2, 2, 103, 103, Level.INFORMED, None),)
    assert not found.cells[0].touches_lead
    assert (found.agreeing, found.compared) == (5, 6)
    assert found.lead_moves == ()


def test_a_move_of_the_lead_is_one_move_and_two_cells():
    found = diff(grid_of("LSC"), grid_of("SLC"), same=True)
    assert found.lead_moves == (Move(1, 1, 101, 102),)
    assert [cell.touches_lead for cell in found.cells] == [True, True]


def test_a_lead_given_to_a_role_the_other_grid_lacks_is_a_move():
    a = grid_of("LS", roles=["Sales", "Design"])
    b = grid_of("SL", roles=["Sales", "Legal"])
    assert diff(a, b).lead_moves == (Move(1, 1, 101, 102),)


def test_a_row_that_gains_or_loses_its_lead_is_a_move_from_or_to_nobody():
    assert diff(grid_of("CS"), grid_of("LS"), same=True).lead_moves == (Move(1, 1, None, 101),)
    assert diff(grid_of("LS"), grid_of("CS"), same=True).lead_moves == (Move(1, 1, 101, None),)


def test_a_lead_whose_role_has_no_partner_moves_to_nobody():
    a = grid_of("LS", roles=["Design", "Sales"])
    b = grid_of("-S", roles=["Legal", "Sales"])
    assert diff(a, b).lead_moves == (Move(1, 1, 101, None),)


def test_another_deliverer_is_a_difference_though_no_cell_is():
    found = diff(grid_of("LS"), grid_of("LS", deliverers={1: 102}), same=True)
    assert found.delivery_moves == (Move(1, 1, None, 102),)
    assert (found.cells, found.is_empty) == ((), False)


def test_renames_are_renames_and_not_a_row_gone_and_a_row_new():
    before = grid_of(("Pricing", "LS"), ("Launch", "SL"))
    found = diff(before, with_names(before, "Price and packages"), same=True)
    assert found.renamed_activities == (Rename(1, 1, "Pricing", "Price and packages"),)
    assert found.alignment.is_complete


def test_a_renamed_role_is_a_rename():
    a, b = grid_of("LS", roles=["Sales", "Legal"]), grid_of("LS", roles=["Revenue", "Legal"])
    assert diff(a, b, same=True).renamed_roles == (Rename(101, 101, "Sales", "Revenue"),)


def test_what_has_no_partner_is_named_and_not_compared():
    found = diff(grid_of(("Pricing", "LS"), ("Launch", "SL")), grid_of(("Launch", "SL"), ("Design", "LS")))
    assert (found.alignment.activities_only_a, found.alignment.activities_only_b) == ((1,), (2,))
    assert (found.agreeing, found.compared, found.is_empty) == (2, 2, False)


def test_the_references_differ_as_counted_by_hand():
    house = references()
    found = diff(house["market"], house["technology"])
    assert found.compared == 72
    rows = zip(house["market"].activities, house["technology"].activities, strict=True)
    unlike = sum(
        house["market"].level(a.id, role.id) is not house["technology"].level(b.id, role.id)
        for a, b in rows
        for role in house["market"].roles
    )
    assert len(found.cells) == unlike > 0


@given(grids())
def test_a_grid_does_not_differ_from_itself(grid):
    found = diff(grid, grid, same=True)
    assert found.is_empty
    assert found.lead_moves == ()
    assert found.agreeing == found.compared == len(grid.activities) * len(grid.roles)


@given(grids(), grids(), st.booleans())
def test_the_way_back_has_the_same_differences_turned_round(a, b, same):
    there, back = diff(a, b, same=same), diff(b, a, same=same)
    assert set(there.cells) == {
        CellDifference(c.activity_b, c.activity_a, c.role_b, c.role_a, c.after, c.before) for c in back.cells
    }
    assert set(there.lead_moves) == {Move(m.activity_b, m.activity_a, m.after, m.before) for m in back.lead_moves}
    assert set(there.delivery_moves) == {
        Move(m.activity_b, m.activity_a, m.after, m.before) for m in back.delivery_moves
    }
    assert (there.agreeing, there.compared, there.is_empty) == (back.agreeing, back.compared, back.is_empty)


@given(grids(), st.data())
def test_applying_the_differences_gives_the_other_grid(a, data):
    levels = st.sampled_from([None, *Level])
    drawn = {x.id: {r.id: data.draw(levels) for r in a.roles} for x in a.activities}
    b = replace(a, cells={x: {r: level for r, level in row.items() if level} for x, row in drawn.items()})
    cells = {x: dict(a.cells[x]) for x in a.cells}
    for cell in diff(a, b, same=True).cells:
        assert cells[cell.activity_a].pop(cell.role_a, None) is cell.before
        if cell.after:
            cells[cell.activity_a][cell.role_a] = cell.after
    assert cells == b.cells


@given(grids(), grids())
def test_the_differing_cells_are_counted_as_they_are_listed(a, b):
    assert differing(a, b) == len(diff(a, b).cells)


@given(grids(), grids(), st.data())
def test_some_rows_alone_differ_as_they_do_among_all(a, b, data):
    only = data.draw(st.sets(st.sampled_from([activity.id for activity in a.activities] or [0])))
    whole, part = diff(a, b), diff(a, b, only=only)
    assert part.cells == tuple(cell for cell in whole.cells if cell.activity_a in only)
    assert part.lead_moves == tuple(move for move in whole.lead_moves if move.activity_a in only)
