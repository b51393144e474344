"""The picture of where a matrix differs."""

from raci.screens.compare.map import MOST_ROLES, MOST_ROWS, difference_map
from raci.screens.compare.words import map_lacks, map_words
from tests.factories import make_grid


def test_each_cell_has_its_bar_and_each_that_differs_a_frame():
    found = difference_map(make_grid("LS", ".C"), {(1, 102), (2, 101)})
    assert {level: path.count("M") for level, path in found.fills} == {
        "lead": 1,
        "support": 1,
        "none": 1,
        "contribute": 1,
    }
    assert found.frames.count("M") == 2


def test_without_cells_there_is_no_picture():
    assert difference_map(make_grid(roles=2), set()) is None
    assert difference_map(make_grid(""), set()) is None


def test_a_large_matrix_is_cut_and_says_by_how_much():
    whole = difference_map(make_grid(*["L" * MOST_ROLES] * MOST_ROWS), set())
    cut = difference_map(make_grid(*["L" * (MOST_ROLES + 1)] * (MOST_ROWS + 1)), {(MOST_ROWS + 1, 101)})
    assert (whole.left_out, cut.left_out) == (0, 1)
    assert dict(whole.fills)["lead"].count("M") == dict(cut.fills)["lead"].count("M") == MOST_ROWS * MOST_ROLES
    assert (whole.roles_left_out, cut.roles_left_out) == (0, 1)
    assert (cut.frames, sum(cut.differing.values())) == ("", 0)


def test_only_what_is_drawn_is_counted_and_what_is_not_is_said():
    grid = make_grid(*["L" * (MOST_ROLES + 2)] * (MOST_ROWS + 1))
    last = 100 + MOST_ROLES + 2
    found = difference_map(grid, {(1, 101), (2, 101), (2, 102), (1, last), (MOST_ROWS + 1, 101)})
    names = {101: "Sales", 102: "Legal", last: "Design"}
    assert map_words(found, names) == (
        "Your matrix in small. 3 cells differ and are outlined: 2 of Sales and 1 of Legal."
    )
    assert map_lacks(found) == "2 roles and 1 activity are not drawn."


def test_of_a_matrix_that_is_drawn_whole_nothing_lacks():
    assert map_lacks(difference_map(make_grid("LS"), set())) == ""


def test_a_gap_sets_the_stages_apart():
    plain, staged = (difference_map(make_grid("L", "L", stages=stages), set()) for stages in (0, 2))
    assert float(staged.height) == float(plain.height) + 3
