from hypothesis import given
from hypothesis import strategies as st

from raci.grid.find import Wanted, find, role_rows
from raci.grid.grid import Activity, Grid, Named, Role, Stage
from raci.grid.levels import Level
from tests.grid.builders import grid_of, grids

GRID = Grid(
    activities=(
        Activity(1, "Pricing and Packaging", stage=7, notes="yearly"),
        Activity(2, "Launch", stage=8, description="Prices go public", people=(Named(102, "Zoë Müller", "deck"),)),
        Activity(3, "Straße zum Markt"),
    ),
    roles=(Role(101, "Sales"), Role(102, "Marketing")),
    stages=(Stage(7, "Plan"), Stage(8, "Sell")),
    cells={1: {101: Level.LEAD}, 2: {101: Level.SUPPORT, 102: Level.LEAD}, 3: {102: Level.INFORMED}},
)


def test_nothing_wanted_is_every_row():
    assert Wanted().is_empty
    assert Wanted(word="  ").is_empty
    assert find(GRID, Wanted()) == (1, 2, 3)


def test_any_part_that_is_set_is_something_wanted():
    asked = (
        Wanted(word="a"),
        Wanted(stage=0),
        Wanted(role=0),
        Wanted(level="none"),
        Wanted(level=Level.LEAD),
        Wanted(findings=True),
    )
    assert not any(wanted.is_empty for wanted in asked)


def test_a_word_is_looked_for_in_name_description_notes_and_people():
    assert find(GRID, Wanted(word="pric")) == (1, 2)
    assert find(GRID, Wanted(word="yearly")) == (1,)
    assert find(GRID, Wanted(word="müller")) == (2,)


def test_case_and_accents_do_not_matter_either_way():
    assert find(GRID, Wanted(word="ZOE MULLER")) == (2,)
    assert find(GRID, Wanted(word="STRASSE")) == (3,)
    assert find(GRID, Wanted(word="láunch")) == (2,)


def test_all_words_must_be_there_in_any_order_and_any_field():
    assert find(GRID, Wanted(word="yearly packaging")) == (1,)
    assert find(GRID, Wanted(word="launch yearly")) == ()


def test_a_stage_shows_its_rows_only():
    assert find(GRID, Wanted(stage=8)) == (2,)
    assert find(GRID, Wanted(stage=99)) == ()


def test_a_role_alone_shows_the_rows_it_is_on():
    assert find(GRID, Wanted(role=101)) == (1, 2)


def test_a_role_with_a_level_shows_the_rows_where_it_has_that_level():
    assert find(GRID, Wanted(role=101, level=Level.LEAD)) == (1,)
    assert find(GRID, Wanted(role=101, level="none")) == (3,)


def test_a_level_alone_shows_rows_where_some_role_has_it():
    assert find(GRID, Wanted(level=Level.LEAD)) == (1, 2)
    assert find(GRID, Wanted(level="none")) == (1, 3)


def test_a_role_that_is_not_in_the_grid_shows_nothing():
    assert find(GRID, Wanted(role=999)) == find(GRID, Wanted(role=999, level="none")) == ()


def test_findings_shows_the_flagged_rows_in_the_order_of_the_grid():
    assert find(GRID, Wanted(findings=True), [3, 1]) == (1, 3)
    assert find(GRID, Wanted(findings=True)) == ()


def test_every_part_narrows_further():
    assert find(GRID, Wanted(word="pric", stage=8, role=102, level=Level.LEAD, findings=True), {2}) == (2,)
    assert find(GRID, Wanted(word="pric", stage=8, role=101, level=Level.LEAD)) == ()


def test_the_rows_of_a_role_stand_by_level_with_every_level_named():
    found = role_rows(grid_of("LS", "SL", "-L", "L-"), 101)
    assert list(found) == [*Level, None]
    assert {level: [row.id for row in rows] for level, rows in found.items() if rows} == {
        Level.LEAD: [1, 4],
        Level.SUPPORT: [2],
        None: [3],
    }


@given(grids(), st.sampled_from([None, "none", *Level]), st.integers(0, 50) | st.none())
def test_a_filter_by_level_keeps_exactly_the_rows_that_have_it(grid, level, role):
    def wanted(row):
        asked = [role] if role is not None else [x.id for x in grid.roles]
        levels = [grid.level(row.id, x) for x in asked if x in {r.id for r in grid.roles}]
        if level is None:
            return role is None or any(levels)
        return (None if level == "none" else level) in levels

    assert find(grid, Wanted(level=level, role=role)) == tuple(row.id for row in grid.activities if wanted(row))


@given(grids(), st.integers(0, 50))
def test_the_rows_of_a_role_are_all_rows_once(grid, role):
    found = role_rows(grid, role)
    assert sorted(row.id for rows in found.values() for row in rows) == sorted(row.id for row in grid.activities)
