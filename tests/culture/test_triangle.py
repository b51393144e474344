"""Where people stand between the cultures."""

from math import isclose

import pytest

from culture.catalogue import CULTURES
from culture.entries import Function
from culture.scoring import Choice, Respondent
from culture.triangle import CORNERS, RADIUS, grid_lines, place, shares_of, triangle, zone

KEYS = {"t": "technology", "s": "sales", "m": "market", "-": None}


def person(number, answers):
    given = {function: Choice(KEYS[letter]) for function, letter in zip(Function, answers, strict=False)}
    return Respondent(number, f"Person {number}", "", given)


def drawn(*rows, earlier=None):
    people = [person(number, row) for number, row in enumerate(rows, start=1)]
    centre = {culture: sum(shares_of(one)[culture] for one in people) for culture in CULTURES}
    return triangle(people, centre=centre, earlier=earlier)


def close(point, x, y):
    return isclose(point.x, x, abs_tol=1e-6) and isclose(point.y, y, abs_tol=1e-6)


@pytest.mark.parametrize("letter", "tsm")
def test_whoever_chose_one_culture_throughout_stands_at_its_corner(letter):
    dot = drawn(letter * 4).dots[0]
    assert close(dot.at, *CORNERS[KEYS[letter]])


def test_half_and_half_stands_in_the_middle_of_a_side():
    assert close(drawn("mmtt").dots[0].at, 135, 200)


def test_none_fits_leaves_the_shares_of_the_others_as_they_are():
    assert drawn("mmtt").dots[0].at == drawn("mt--").dots[0].at


def test_whoever_found_none_fitting_throughout_has_no_dot_and_is_named():
    result = drawn("mmmm", "----")
    assert [one.id for dot in result.dots for one in dot.people] == [1]
    assert [one.id for one in result.missing] == [2]


def test_one_choice_besides_none_fits_makes_a_dot():
    result = drawn("m---")
    assert len(result.dots) == 1
    assert result.missing == ()


def test_whoever_has_not_answered_is_neither_drawn_nor_missing():
    result = drawn("mmmm", "")
    assert len(result.dots) == 1
    assert result.missing == ()


def test_people_at_one_point_are_one_dot():
    result = drawn("mmmt", "mmmm", "tmmm", "mtmm")
    assert [[one.id for one in dot.people] for dot in result.dots] == [[2], [1, 3, 4]]


def test_a_dot_of_people_with_other_wholes_has_shares_in_lowest_terms():
    assert drawn("mmtt", "mmtt").dots[0].shares == {"technology": 2, "sales": 0, "market": 2}
    assert drawn("mmtt", "mt").dots[0].shares == {"technology": 1, "sales": 0, "market": 1}


def test_the_centre_is_that_of_all_first_choices():
    centre = drawn("mmmm", "tttt").centre
    assert close(centre.at, *((a + b) / 2 for a, b in zip(CORNERS["market"], CORNERS["technology"], strict=True)))


def test_one_dot_alone_needs_no_centre():
    assert drawn("mmmt", "tmmm").centre is None
    assert drawn("mmmt", "mmtt").centre is not None


def test_the_mark_of_the_centre_goes_round_a_dot_that_stands_there():
    assert drawn("mmtt", "mmmm", "tttt").centre.gap > RADIUS
    assert drawn("mmmm", "tttt").centre.gap == 0


def test_the_label_of_the_centre_keeps_off_the_dots():
    free, blocked = drawn("mmmm", "ssss", "tttt"), drawn("mmss", "mmtt", "mstt", "mtss", "mmst")
    assert free.centre.anchor == "start"
    assert not any(
        abs(dot.at.x - blocked.centre.label.x) < RADIUS and abs(dot.at.y - blocked.centre.label.y) < RADIUS
        for dot in blocked.dots
    )


def test_the_earlier_centre_stands_where_its_shares_put_it():
    assert close(drawn("mmmm", earlier={"sales": 3}).earlier, *CORNERS["sales"])
    assert drawn("mmmm", earlier={"sales": 0}).earlier is None
    assert drawn("mmmm").earlier is None


def test_nobody_is_an_empty_triangle():
    result = drawn()
    assert (result.dots, result.centre, result.missing) == ((), None, ())


def test_a_thousand_people_are_a_handful_of_dots():
    letters = "tsm-"
    rows = ["".join(letters[(n // 4**place) % 4] for place in range(4)) for n in range(1000)]
    result = drawn(*rows)
    assert len(result.dots) <= 25
    assert sum(len(dot.people) for dot in result.dots) + len(result.missing) == 1000


@pytest.mark.parametrize("culture", CULTURES)
def test_a_zone_reaches_from_its_corner_to_the_middle(culture):
    corner, _, middle, _ = zone(culture)
    assert close(corner, *CORNERS[culture])
    assert middle == place(dict.fromkeys(CULTURES, 1))


def test_there_are_three_lines_for_each_side():
    assert len(grid_lines()) == 9
