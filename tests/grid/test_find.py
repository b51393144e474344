import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.find import IN_DESCRIPTION, Wanted, asked_about, find, role_rows
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


ASKED = Grid(
    activities=(
        Activity(1, "Pricing and Packaging", stage=7, deliverer=103, description="Discounts and bundles"),
        Activity(2, "Set prices abroad", stage=8, people=(Named(102, "Zoë Müller", "deck"),)),
        Activity(3, "Repricing old contracts", stage=8),
        Activity(4, "Win/Loss Analysis"),
        Activity(5, "The launch"),
    ),
    roles=(
        Role(101, "Sales", people=("Priya Raman",)),
        Role(102, "Product Marketing", short="PMM"),
        Role(103, "Deal desk"),
    ),
    stages=(Stage(7, "Plan"), Stage(8, "Sell abroad")),
    cells={
        1: {101: Level.LEAD, 102: Level.SUPPORT},
        2: {102: Level.LEAD},
        3: {101: Level.LEAD},
        4: {102: Level.LEAD, 101: Level.INFORMED},
        5: {102: Level.LEAD},
    },
)


def asked(question: str) -> list[int]:
    return [match.activity.id for match in asked_about(ASKED, question)]


def test_whom_to_ask_finds_the_start_of_a_name_before_the_start_of_a_word_before_the_inside():
    assert asked("pric") == [1, 2, 3]
    assert asked("price") == [2, 1]
    assert asked("launch") == [5]


def test_words_that_only_ask_are_left_out_unless_nothing_else_was_typed():
    assert asked("Who do I ask about the Win/Loss analysis?") == [4]
    assert asked("the") == [5]


def test_it_also_looks_at_the_stage_at_who_leads_or_delivers_and_who_is_named():
    assert asked("sell") == [2, 3]
    assert asked("sales") == [1, 3]
    assert asked("deal desk") == [1]
    assert asked("pmm") == [2, 4, 5]
    assert asked("priya") == [1, 3]
    assert asked("muller") == [2]


def test_a_description_comes_last():
    assert asked("bundles") == [1]
    assert [match.rank for match in asked_about(ASKED, "bundles")] == [IN_DESCRIPTION]


def test_another_form_of_a_word_is_found_after_the_word_itself():
    assert [(match.rank, match.activity.id) for match in asked_about(ASKED, "prices")] == [(1, 2), (5, 1)]
    assert asked("analyses") == [4]


@pytest.mark.parametrize("question", ["", "  ", "?", "…", "\n", "zebra", "pricing zebra"])
def test_what_nothing_goes_by_has_no_answer(question):
    assert asked(question) == []


@given(grids(), st.text(max_size=30))
def test_each_activity_answers_once_and_the_best_comes_first(grid, question):
    found = asked_about(grid, question)
    assert len({match.activity.id for match in found}) == len(found)
    assert [match.rank for match in found] == sorted(match.rank for match in found)
    assert all(
        asked_about(grid, row.name)[0].rank == 0 for row in grid.activities[:3] if any(c.isalnum() for c in row.name)
    )
