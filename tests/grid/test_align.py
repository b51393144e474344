from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from raci.grid.align import Alignment, align, name_key
from raci.grid.grid import Activity, Grid, Role
from tests.grid.builders import grids


def rows(*activities):
    return Grid(tuple(Activity(id, name, origin=origin) for id, name, origin in activities))


def test_ids_of_different_matrices_are_not_looked_at():
    found = align(rows((1, "Pricing", "")), rows((1, "Launch", "")))
    assert found.activities == ()
    assert (found.activities_only_a, found.activities_only_b) == ((1,), (1,))


def test_states_of_one_matrix_pair_by_id_whatever_the_name():
    assert align(rows((1, "Pricing", "x")), rows((1, "Packages", "y")), same=True).activities == ((1, 1),)


def test_an_id_of_zero_pairs_like_any_other():
    assert align(rows((0, "Pricing", "")), rows((0, "Packages", "")), same=True).activities == ((0, 0),)


def test_states_of_one_matrix_pair_a_row_made_anew_by_its_name():
    assert align(rows((1, "Pricing", "")), rows((9, "Pricing", "")), same=True).activities == ((1, 9),)


def test_origin_goes_before_name():
    a = rows((1, "Pricing", "house-12"))
    b = rows((7, "Pricing", ""), (8, "Price and packages", "house-12"))
    assert align(a, b) == Alignment(activities=((1, 8),), activities_only_b=(7,))


def test_an_empty_origin_matches_nothing():
    assert align(rows((1, "Pricing", "")), rows((2, "Launch", ""))).activities == ()


def test_of_several_with_one_origin_those_of_one_name_go_together():
    a = rows((1, "Launch", "x"), (2, "Launch, again", "x"))
    b = rows((5, "Launch, again", "x"), (6, "Launch", "x"))
    assert align(a, b).activities == ((1, 6), (2, 5))


def test_names_match_without_case_punctuation_and_spacing():
    assert align(rows((1, "Product Design/UX", "")), rows((2, "product  design  ux", ""))).activities == ((1, 2),)


def test_names_of_signs_alone_match_only_themselves():
    assert align(rows((1, "🚀", "")), rows((2, "🎉", ""), (3, "🚀", ""))).activities == ((1, 3),)
    assert name_key("🚀") != name_key("🎉")


def test_of_equal_names_the_first_goes_with_the_first_and_the_rest_stay_alone():
    found = align(rows((1, "Launch", ""), (2, "Launch", "")), rows((3, "Launch", "")))
    assert (found.activities, found.activities_only_a) == (((1, 3),), (2,))


def test_roles_pair_as_activities_do():
    a = Grid(roles=(Role(1, "Sales", origin="sales"), Role(2, "Legal")))
    b = Grid(roles=(Role(5, "Revenue", origin="sales"), Role(6, "Support")))
    found = align(a, b)
    assert (found.roles, found.roles_only_a, found.roles_only_b) == (((1, 5),), (2,), (6,))
    assert not found.is_complete


@given(grids(), st.booleans())
def test_a_grid_is_wholly_paired_with_itself(grid, same):
    found = align(grid, grid, same=same)
    assert found.is_complete
    assert sorted(b for _, b in found.activities) == sorted(a.id for a in grid.activities)
    if same:
        assert all(a == b for a, b in found.activities + found.roles)


@given(grids(), grids(), st.booleans())
def test_each_is_paired_at_most_once_and_none_is_lost(a, b, same):
    found = align(a, b, same=same)
    assert sorted([x for x, _ in found.activities] + [*found.activities_only_a]) == sorted(x.id for x in a.activities)
    assert sorted([x for _, x in found.activities] + [*found.activities_only_b]) == sorted(x.id for x in b.activities)
    assert sorted([x for x, _ in found.roles] + [*found.roles_only_a]) == sorted(x.id for x in a.roles)
    assert sorted([x for _, x in found.roles] + [*found.roles_only_b]) == sorted(x.id for x in b.roles)


@given(grids(), grids(), st.booleans())
def test_exchanging_the_grids_exchanges_the_sides(a, b, same):
    there, back = align(a, b, same=same), align(b, a, same=same)
    assert set(there.activities) == {(x, y) for y, x in back.activities}
    assert set(there.roles) == {(x, y) for y, x in back.roles}
    assert (there.activities_only_a, there.roles_only_b) == (back.activities_only_b, back.roles_only_a)


@given(grids())
def test_a_copy_with_other_ids_is_wholly_paired(grid):
    moved = tuple(replace(activity, id=activity.id + 1_000) for activity in grid.activities)
    assert align(grid, replace(grid, activities=moved)).activities_only_a == ()
