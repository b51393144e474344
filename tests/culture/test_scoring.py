"""What answers come to: each rule just inside and just outside."""

from itertools import product

import pytest

from culture.catalogue import CULTURES
from culture.entries import Function
from culture.scoring import Choice, Respondent, State, is_within_reach, score

KEYS = {"t": "technology", "s": "sales", "m": "market", "-": None}
ONE, TWO, THREE, FOUR = Function


def choice(letters):
    """ "m" is market first, "ms" market and then sales, "-" none of them."""
    return Choice(KEYS[letters[0]], KEYS[letters[1]] if len(letters) > 1 else None)


def person(number, *answers):
    """Answers to the first functions, in order; "" where there is none."""
    given = {function: choice(text) for function, text in zip(Function, answers, strict=False) if text}
    return Respondent(number, f"Person {number}", "Sales", given)


def people(*rows):
    return [person(number, *row.split()) for number, row in enumerate(rows, start=1)]


def counts(result):
    return {tally.culture: tally.first for tally in result.tallies}


# ---- Counts


def test_first_choices_are_counted_over_all_answers():
    result = score(people("m m s t", "m m m -"))
    assert (result.answers, result.none) == (8, 1)
    assert counts(result) == {"market": 5, "sales": 1, "technology": 1}


def test_none_fits_is_an_answer_that_counts_for_no_culture():
    result = score(people("m - - -"))
    assert result.answers == 4
    assert result.none == 3
    assert sum(counts(result).values()) == 1


def test_answers_that_are_missing_are_no_answers():
    result = score([person(1, "m", "m"), person(2, "", "s")])
    assert result.answers == 3
    assert [function.answers for function in result.functions] == [1, 2, 0, 0]


def test_whoever_joined_without_an_answer_is_left_out():
    result = score([person(1, "m"), person(2)])
    assert [one.id for one in result.respondents] == [1]


def test_every_culture_has_a_tally_even_with_nothing_in_it():
    assert {tally.culture for tally in score([]).tallies} == set(CULTURES)


# ---- Second choices


def test_second_choices_are_told_and_never_added():
    result = score(people("ms ms m m"))
    assert result.tally("sales") == result.tallies[1]
    assert (result.tally("sales").first, result.tally("sales").second) == (0, 2)


def test_second_choices_order_cultures_with_as_many_first_choices():
    assert [t.culture for t in score(people("ts mt tm ms")).tallies[:2]] == [
        "technology",
        "market",
    ]  # a second choice each
    assert [t.culture for t in score(people("tm mt tm m")).tallies[:2]] == ["market", "technology"]


def test_second_choices_do_not_lift_a_culture_over_one_with_more_first_choices():
    result = score(people("ts ts t s"))
    assert [tally.culture for tally in result.tallies[:2]] == ["technology", "sales"]
    assert result.nearest == "technology"


def test_second_choices_never_make_a_recommendation_out_of_a_near_tie():
    result = score(people("ms ms sm sm", "ms m s s"))
    assert counts(result)["market"] == counts(result)["sales"] == 4
    assert result.state is State.NEAR_TIE
    assert result.nearest is None


def test_a_second_choice_beside_none_fits_or_beside_itself_says_nothing():
    assert score([person(1, "-m", "mm")]).tally("market").second == 0


# ---- The nearest, and the near tie


@pytest.mark.parametrize(
    ("more", "fewer", "answers", "near"),
    [(2, 1, 8, True), (3, 1, 8, False), (13, 10, 24, True), (14, 10, 24, False), (1, 0, 7, False), (1, 1, 1, True)],
)
def test_an_eighth_of_the_answers_is_within_reach_and_more_is_not(more, fewer, answers, near):
    assert is_within_reach(more, fewer, answers) is near


def test_the_first_two_exactly_an_eighth_apart_are_a_near_tie():
    result = score(people("m m m m", "t t t -"))  # 4 and 3 of 8
    assert result.state is State.NEAR_TIE
    assert result.nearest is None
    assert result.contenders == ("market", "technology")


def test_the_first_two_more_than_an_eighth_apart_have_a_nearest():
    result = score(people("m m m m", "t t - -"))  # 4 and 2 of 8
    assert result.state is State.NEAREST
    assert result.nearest == "market"
    assert result.contenders == ()


def test_none_fits_widens_the_reach_since_it_is_part_of_the_whole():
    assert score(people("m m m s", "s - -")).state is State.NEAREST  # 3 and 2 of 7
    assert score(people("m m m s", "s - - -")).state is State.NEAR_TIE  # 3 and 2 of 8


def test_three_cultures_can_be_within_reach():
    assert set(score(people("m s t m", "s t m -")).contenders) == set(CULTURES)  # 3, 2, 2 of 8


def test_the_third_is_no_contender_just_outside_reach():
    result = score(people("m m m s", "s s t -"))  # 3, 3, 1 of 8
    assert set(result.contenders) == {"market", "sales"}


@pytest.mark.parametrize(("answers", "leaning"), [("mt tm m t", None), ("ms tm m t", "market"), ("ms ts m t", None)])
def test_the_second_choices_of_a_near_tie_lean_to_one_or_to_none(answers, leaning):
    result = score(people(answers))
    assert result.state is State.NEAR_TIE
    assert result.leaning == leaning


def test_all_none_is_a_state_of_its_own_and_one_choice_ends_it():
    assert score(people("- - - -", "- - - -")).state is State.NONE_FITS
    assert score(people("- - - -", "- - - m")).state is not State.NONE_FITS
    assert score(people("- - - -")).nearest is None


def test_where_more_found_none_fitting_than_chose_any_culture_there_is_no_nearest():
    assert score(people("m m - -")).state is State.NEAREST  # as many
    mostly = score(people("m - - -", "m m - -"))  # 5 to 3 of 8
    assert mostly.state is State.MOSTLY_NONE
    assert mostly.nearest is None
    assert mostly.contenders == ()


def test_more_none_fits_than_the_first_of_two_near_ones_is_no_near_tie():
    assert score(people("m m s s", "- -")).state is State.NEAR_TIE
    assert score(people("m m s s", "- - -")).state is State.MOSTLY_NONE


def test_a_culture_nobody_chose_first_is_never_a_contender():
    for m, s, t, none in product(range(7), repeat=4):
        choices = [person(n, letter) for n, letter in enumerate("m" * m + "s" * s + "t" * t + "-" * none)]
        result = score(choices)
        assert all(result.tally(culture).first for culture in result.contenders)
        assert not (result.nearest or result.contenders) or none <= result.tallies[0].first


def test_nobody_answered_is_a_state_of_its_own_and_one_answer_ends_it():
    assert score([]).state is State.UNANSWERED
    assert score([person(1)]).state is State.UNANSWERED
    assert score([person(1, "m")]).state is State.NEAREST


# ---- Functions


def test_a_function_names_who_chose_what():
    function = score(people("m", "m", "t", "-")).functions[0]
    assert [one.id for one in function.chose["market"]] == [1, 2]
    assert [one.id for one in function.chose["technology"]] == [3]
    assert [one.id for one in function.none] == [4]


def test_agreement_is_the_largest_group_of_like_answers():
    assert [(f.agreement, f.answers) for f in score(people("m m", "m t", "s -")).functions[:2]] == [(2, 3), (1, 3)]


def test_those_who_find_none_fitting_agree_too():
    function = score(people("-", "-", "m")).functions[0]
    assert (function.agreement, function.answers) == (2, 3)


def test_the_top_of_a_function_is_what_most_chose():
    assert score(people("m", "m", "t")).functions[0].top == "market"


def test_second_choices_decide_between_equals_in_a_function():
    assert score(people("m", "t")).functions[0].top is None
    assert score(people("mt", "t")).functions[0].top == "technology"
    assert score(people("mt", "tm")).functions[0].top is None


def test_a_second_choice_for_a_third_culture_decides_nothing():
    assert score(people("ms", "t")).functions[0].top is None


def test_a_function_has_no_top_where_more_found_none_fitting():
    assert score(people("m", "-")).functions[0].top == "market"
    assert score(people("m", "-", "-")).functions[0].top is None


@pytest.mark.parametrize(
    ("answers", "tops"),
    [
        ("m", {"market"}),
        ("m t", {"market", "technology"}),
        ("mt t", {"technology"}),  # second choices decide
        ("ms t s", {"sales"}),
        ("m t s s", {"sales"}),
        ("m t -", {"market", "technology"}),
        ("m t - -", {None}),
        ("- -", {None}),
        ("", set()),
    ],
)
def test_the_tops_of_a_function_are_all_that_stand_level(answers, tops):
    function = score([person(number, one) for number, one in enumerate(answers.split())]).functions[0]
    assert set(function.tops) == tops
    assert function.top == (function.tops[0] if len(tops) == 1 else None)


def test_a_function_is_unlike_when_its_top_is_not_the_nearest():
    result = score(people("m m m s", "m m m s"))
    assert result.nearest == "market"
    assert [function.unlike for function in result.functions] == [False, False, False, True]
    assert [function.function for function in result.unlike] == [FOUR]


def test_a_function_without_a_top_is_not_unlike():
    result = score(people("m m m s", "m m m t"))
    assert result.functions[3].top is None
    assert result.unlike == ()


def test_in_a_near_tie_no_function_is_unlike():
    assert score(people("m m s s")).unlike == ()


# ---- Product-led


def test_the_word_product_led_is_in_the_way_between_market_and_technology():
    assert score(people("m m t t")).is_confused_with_product_led
    assert not score(people("m m s s")).is_confused_with_product_led
    assert not score(people("m m m t")).is_confused_with_product_led


def test_the_word_product_led_is_in_the_way_where_somebody_found_none_fitting():
    assert score(people("s s s s", "s s s -")).is_confused_with_product_led
    assert not score(people("s s s s", "s s s s")).is_confused_with_product_led


def test_the_order_of_people_changes_no_count():
    rows = people("m m s t", "mt - s t", "s s s s", "t t m -")
    there, back = score(rows), score(rows[::-1])
    assert there.tallies == back.tallies
    assert [f.top for f in there.functions] == [f.top for f in back.functions]
