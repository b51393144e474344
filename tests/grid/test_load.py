from hypothesis import given

from raci.grid.levels import Level
from raci.grid.load import Load, letters, load
from tests.grid.builders import grid_of, grids, references


def test_a_load_counts_each_level_of_a_role():
    grid = grid_of("LS-", "LSI", "CLI")
    assert load(grid) == {
        101: Load(lead=2, contribute=1, delivers=2),
        102: Load(lead=1, support=2, delivers=1),
        103: Load(informed=2),
    }


def test_a_named_deliverer_takes_the_delivery_from_the_lead():
    found = load(grid_of("LS", "LS", deliverers={1: 102}))
    assert (found[101].lead, found[101].delivers) == (2, 1)
    assert (found[102].lead, found[102].delivers) == (0, 1)


def test_a_lead_named_as_its_own_deliverer_delivers_once():
    assert load(grid_of("LS", deliverers={1: 101}))[101].delivers == 1


def test_a_deliverer_that_is_no_role_of_the_grid_leaves_the_delivery_with_the_lead():
    assert load(grid_of("LS", deliverers={1: 999}))[101].delivers == 1


def test_a_deliverer_of_a_row_without_a_lead_still_delivers():
    assert load(grid_of("-S", deliverers={1: 102}))[102] == Load(support=1, delivers=1)


def test_counts_name_the_levels_deepest_first():
    assert list(Load(4, 3, 2, 1).counts()) == list(zip(Level, (4, 3, 2, 1), strict=True))


def test_a_grid_without_rows_or_without_roles_has_loads_of_nothing():
    assert load(grid_of(roles=["Sales"], headcounts=[None])) == {101: Load()}
    assert load(grid_of("", "")) == {}


def test_the_reference_rows_all_have_one_lead_and_one_delivery():
    for grid in references().values():
        loads = load(grid).values()
        assert sum(x.lead for x in loads) == sum(x.delivers for x in loads) == 18
        assert all(x.total == 18 for x in loads)


@given(grids())
def test_letters_and_loads_agree_with_the_cells_one_by_one(grid):
    for activity, row in zip(grid.activities, letters(grid), strict=True):
        assert row == "".join(level or "-" for level in grid.row(activity.id))
    for role, found in load(grid).items():
        mine = [grid.level(activity.id, role) for activity in grid.activities]
        assert dict(found.counts()) == {level: mine.count(level) for level in Level}
        assert found.total == len(mine) - mine.count(None)
        delivered = [a for a in grid.activities if _delivers(grid, a, role)]
        assert found.delivers == len(delivered)


def _delivers(grid, activity, role):
    if activity.deliverer is None:
        return role in grid.leads(activity.id)
    return activity.deliverer == role
