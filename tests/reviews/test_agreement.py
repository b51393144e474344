"""What a poll's answers come to, and what nobody can tell from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.reviews.agreement import FEWEST, POOL, Answered, FunctionCount, Result, Verdict, groups, median, verdicts
from tests.reviews.polled import NOBODY, UNKNOWN, counted, people, person, polled

PM, MARKETING, ENGINEERING, SALES = 101, 102, 103, 104


def of(result, lead=PM):
    return verdicts(result.rows[1], lead, result.functions)


def sizes(*counts):
    return [FunctionCount(f"other:{at}", f"F{at}", None, count) for at, count in enumerate(counts)]


def shown(*counts):
    return [(function.name, function.answered) for function in groups(sizes(*counts))]


# ---- counting


def test_each_function_is_counted_by_whom_it_names():
    result = polled(person(PM, PM), person(PM, SALES), person("Legal", PM))
    assert result.rows[1].votes == {"role:101": {"101": 1, "104": 1}, "other:legal": {"101": 1}}
    assert result.rows[1].leads == {"101": 2, "104": 1}
    assert [(x.name, x.role, x.answered) for x in result.functions] == [("Role 1", PM, 2), ("Legal", None, 1)]


def test_with_names_an_activity_left_out_counts_nowhere():
    result = polled(person(PM, PM), person(SALES, None, SALES), rows=2)
    assert [dict(result.rows[row].leads) for row in (1, 2)] == [{"101": 1}, {"104": 1}]
    assert [result.rows[row].left for row in (1, 2)] == [1, 1]
    assert result.rows[1].answering == ("role:101",)


def test_by_function_it_counts_as_not_known_so_that_each_row_has_as_many_votes():
    result = polled(*people(3, PM, PM), *people(3, SALES, None, SALES), rows=2, named=False)
    assert [dict(result.rows[row].leads) for row in (1, 2)] == [{"101": 3, "unknown": 3}, {"104": 3, "unknown": 3}]
    assert [result.rows[row].left for row in (1, 2)] == [0, 0]


def test_what_was_not_asked_is_not_counted():
    assert list(polled(person(PM, PM, PM, PM)).rows) == [1]


def test_how_it_goes_is_counted_over_all_functions():
    result = polled(person(PM, PM, done="yes", well="no"), person(SALES, PM, done="no"), person(SALES, PM))
    assert result.rows[1].health == {"done": {"no": 1, "yes": 1}, "well": {"no": 1}}


def test_skill_and_time_are_counted_by_the_role_that_was_named():
    result = polled(person(PM, PM, skill="no"), person(SALES, SALES, skill="yes", time="no"), person(SALES, PM))
    assert result.rows[1].able == {PM: {"skill": {"no": 1}}, SALES: {"skill": {"yes": 1}, "time": {"no": 1}}}


def test_of_nobody_nothing_can_be_said():
    assert polled(person(PM, NOBODY, skill="no", time="no")).rows[1].able == {}


def test_a_poll_that_is_open_has_no_result():
    assert Result.read({}) == Result(0, 0, (), {})
    assert Result.read({}).is_thin


def test_who_was_asked_is_counted_whether_their_function_is_known_or_not():
    result = counted(person(PM, PM), asked=7)
    assert (result["answered"], result["asked"]) == (1, 7)


@given(st.randoms(use_true_random=False))
def test_the_order_in_which_people_answered_leaves_no_trace(random):
    answers = [*people(3, PM, PM), *people(2, SALES, SALES, done="no"), person("Legal", PM), *people(3, MARKETING, PM)]
    before = [list(counted(*answers, named=named).items()) for named in (True, False)]
    random.shuffle(answers)
    assert [list(counted(*answers, named=named).items()) for named in (True, False)] == before


@pytest.mark.parametrize(
    ("given_", "middle"),
    [
        ({}, ""),
        ({"yes": 1}, "yes"),
        ({"yes": 1, "no": 1}, "no"),
        ({"yes": 2, "no": 1}, "yes"),
        ({"yes": 1, "partly": 1, "no": 1}, "partly"),
        ({"yes": 2, "partly": 1, "no": 1}, "partly"),
        ({"yes": 2, "no": 2}, "no"),
        ({"yes": 3, "no": 2}, "yes"),
    ],
)
def test_the_answer_is_the_one_in_the_middle_and_the_worse_of_two(given_, middle):
    assert median(given_) == middle


# ---- by function


def test_a_function_of_three_stands_for_itself():
    assert shown(3, 3, 4) == [("F2", 4), ("F0", 3), ("F1", 3)]


def test_functions_of_fewer_are_put_together():
    assert shown(2, 1, 4) == [("F2", 4), ("Others", 3)]
    assert shown(2, 2, 2) == [("Others", 6)]


def test_one_small_function_is_joined_by_the_next_smallest_for_it_would_be_known_alone():
    assert shown(2, 4, 9) == [("F2", 9), ("Others", 6)]
    assert shown(2, 9) == [("Others", 11)]


def test_two_answers_of_two_functions_are_joined_by_a_third():
    assert shown(1, 1, 5, 9) == [("F3", 9), ("Others", 7)]


def test_of_fewer_than_three_answers_nothing_is_shown():
    assert shown(1, 1) == shown(2) == shown() == []
    plain = counted(person(PM, PM, done="no"), person(SALES, PM, done="no"), named=False)
    assert (plain["answered"], plain["functions"], plain["rows"]) == (2, [], {})


def test_a_single_function_of_three_is_shown():
    assert shown(3) == [("F0", 3)]


def test_what_is_put_together_has_no_trace_of_its_functions():
    answers = [*people(3, PM, PM), person("Legal", SALES), person("Board", NOBODY), person(SALES, SALES)]
    plain = counted(*answers, named=False)
    assert plain["functions"][-1] == {"key": POOL, "name": "Others", "role": None, "answered": 3}
    assert plain["rows"]["1"]["votes"] == {POOL: {"104": 2, "nobody": 1}, "role:101": {"101": 3}}
    assert not any(word in str(plain).lower() for word in ("legal", "board", "role:104"))


def test_how_it_goes_is_withheld_where_fewer_than_three_say():
    answers = [*people(3, PM, PM, done="no"), *people(2, SALES, SALES, well="no"), *people(2, SALES, SALES)]
    plain = counted(*answers, named=False)["rows"]["1"]
    assert plain["health"] == {"done": {"no": 3}}
    assert plain["able"] == {}


def test_skill_and_time_are_withheld_where_fewer_than_three_name_the_role_and_say():
    answers = [*people(3, PM, PM, skill="yes", time="no"), *people(2, SALES, SALES, skill="no"), *people(1, SALES, PM)]
    assert counted(*answers, named=False)["rows"]["1"]["able"] == {"101": {"skill": {"yes": 3}, "time": {"no": 3}}}
    assert "104" in counted(*answers)["rows"]["1"]["able"]


_SAID = st.sampled_from(["101", "102", "103", NOBODY, UNKNOWN])
_ANSWER = st.sampled_from(["yes", "partly", "no"])
_QUESTION = st.sampled_from(["done", "well", "on_time", "skill", "time"])


@st.composite
def _answers(draw):
    function = draw(st.sampled_from(["role:101", "role:102", "role:103", "other:legal", "other:board", "other:ops"]))
    leads = draw(st.dictionaries(st.sampled_from([1, 2]), _SAID))
    health = draw(st.dictionaries(st.sampled_from([1, 2]), st.dictionaries(_QUESTION, _ANSWER)))
    return Answered(function, function, None, leads, health)


@given(st.lists(_answers(), max_size=14))
def test_nothing_of_fewer_than_three_people_can_be_read_or_worked_out(answers):
    """What is kept are counts of groups, each of which has three answers, and of all together; whatever is added or
    subtracted, groups stay whole, for no count of another set of people is kept to subtract."""
    plain = counted(*answers, rows=2, named=False)
    group_of = {function["key"]: function["answered"] for function in plain["functions"]}
    alone = {key for key in group_of if key != POOL}
    together = [answer for answer in answers if answer.function not in alone]

    assert all(count >= FEWEST for count in group_of.values())
    assert sum(group_of.values()) in (len(answers), 0)  # all of them, or there are too few
    if POOL in group_of:
        assert len({answer.function for answer in together}) >= 2
        assert group_of[POOL] == len(together)
    for row in plain["rows"].values():
        assert {key: sum(said.values()) for key, said in row["votes"].items()} == group_of
        assert set(row["health"]) <= {
            "done",
            "well",
            "on_time",
        }  # skill and time not over all roles: one could subtract
        counts = [*row["health"].values(), *(said for role in row["able"].values() for said in role.values())]
        assert all(sum(said.values()) >= FEWEST for said in counts)


@given(st.lists(_answers(), max_size=14))
def test_with_names_every_answer_is_counted_where_it_was_given(answers):
    plain = counted(*answers, rows=2)
    assert sum(function["answered"] for function in plain["functions"]) == len(answers)
    for activity, row in plain["rows"].items():
        for function, said in row["votes"].items():
            of_it = [x.leads[int(activity)] for x in answers if x.function == function and int(activity) in x.leads]
            assert said == {who: of_it.count(who) for who in set(of_it)}
        assert row["left"] + sum(sum(said.values()) for said in row["votes"].values()) == len(answers)


# ---- verdicts


def test_where_all_name_the_lead_they_agree():
    assert of(polled(person(PM, PM), person(SALES, PM), person(MARKETING, PM))) == (Verdict.AGREED,)


def test_not_to_know_is_no_disagreement():
    assert of(polled(person(PM, PM), person(SALES, PM), person(MARKETING, UNKNOWN))) == (Verdict.AGREED,)


@pytest.mark.parametrize("other", [SALES, NOBODY])
def test_one_who_says_another_thing_splits_them(other):
    assert of(polled(*people(3, PM, PM), person(SALES, PM), person(MARKETING, other))) == (Verdict.SPLIT,)


@pytest.mark.parametrize("lead", [SALES, None])
def test_to_agree_on_a_role_that_does_not_lead_is_not_to_agree(lead):
    assert of(polled(person(PM, PM), person(MARKETING, PM), person(ENGINEERING, PM)), lead) == (Verdict.SPLIT,)


def test_what_everybody_left_out_is_neither_agreed_nor_split():
    assert of(polled(person(PM, None, PM), person(SALES, None, PM), rows=2)) == (Verdict.UNANSWERED,)


def test_verdicts_come_the_worst_first():
    row = [person(PM, SALES, done="no"), person(SALES, SALES), person(MARKETING, MARKETING), person("Legal", PM)]
    assert of(polled(*row)) == (Verdict.NOT_DONE, Verdict.UNAWARE, Verdict.CONTESTED, Verdict.RIVAL)
    assert list(Verdict)[-1] is Verdict.AGREED


def test_three_functions_answer_and_fewer_than_60_in_100_name_the_same():
    three_of_five = [
        person(PM, PM),
        person(SALES, PM),
        person(MARKETING, PM),
        person("A", SALES),
        person("B", MARKETING),
    ]
    assert Verdict.CONTESTED not in of(polled(*three_of_five))
    assert Verdict.CONTESTED in of(polled(*three_of_five, person("C", SALES)))


def test_two_functions_do_not_contest():
    answers = [person(PM, PM), person("A", SALES)]
    assert Verdict.CONTESTED not in of(polled(*answers))
    assert Verdict.CONTESTED not in of(polled(*answers, person("B", None)))
    assert Verdict.CONTESTED in of(polled(*answers, person("B", MARKETING)))


@pytest.mark.parametrize("other", [NOBODY, UNKNOWN])
def test_nobody_and_not_to_know_are_answers_of_a_function(other):
    assert Verdict.CONTESTED in of(polled(person(PM, PM), person("A", SALES), person("B", other)))


@pytest.mark.parametrize("other", [NOBODY, UNKNOWN])
def test_they_count_against_the_most_named(other):
    agreed = [person(PM, PM), *people(2, "A", PM), person("B", SALES)]
    assert Verdict.CONTESTED not in of(polled(*agreed, person("C", other)))  # 3 of 5
    assert Verdict.CONTESTED in of(polled(*agreed, *people(2, "C", other)))  # 3 of 6


def test_where_one_role_is_named_it_is_not_contested_however_few_name_it():
    few = [person(PM, PM), person("A", PM), *people(2, "B", UNKNOWN)]
    assert Verdict.CONTESTED not in of(polled(*few))
    assert Verdict.CONTESTED in of(polled(*few, person("C", SALES)))


def test_by_function_what_is_put_together_contests_nothing():
    three = [*people(3, PM, PM), *people(3, SALES, SALES), *people(3, MARKETING, MARKETING)]
    assert Verdict.CONTESTED in of(polled(*three, named=False))
    two = [*people(3, PM, PM), *people(3, SALES, SALES), *people(2, MARKETING, MARKETING), person("A", MARKETING)]
    assert Verdict.CONTESTED in of(polled(*two))
    assert of(polled(*two, named=False)) == (Verdict.RIVAL,)


def test_the_lead_does_not_know_where_more_than_half_of_its_own_do_not_name_it():
    rest = people(3, SALES, PM)
    assert Verdict.UNAWARE not in of(polled(*rest, person(PM, PM), person(PM, SALES)))
    assert Verdict.UNAWARE in of(polled(*rest, person(PM, PM), *people(2, PM, SALES)))


@pytest.mark.parametrize("said", [SALES, NOBODY, UNKNOWN])
def test_one_answer_for_the_lead_is_enough_whatever_else_it_says(said):
    assert Verdict.UNAWARE in of(polled(person(PM, said), *people(3, SALES, PM)))


def test_where_nobody_answered_for_the_lead_nothing_is_said_of_it():
    assert Verdict.UNAWARE not in of(polled(*people(3, SALES, SALES)))
    assert Verdict.UNAWARE not in of(polled(*people(3, SALES, SALES), person("Legal", NOBODY)), None)


def test_by_function_the_lead_is_not_told_apart_from_those_it_is_put_with():
    answers = [*people(2, PM, SALES), person("Legal", PM), *people(4, SALES, PM)]
    assert Verdict.UNAWARE in of(polled(*answers))
    assert Verdict.UNAWARE not in of(polled(*answers, named=False))


def test_two_roles_of_whose_answers_more_than_half_name_themselves_are_rivals():
    rest = [person(PM, PM), *people(2, "Legal", PM)]
    assert Verdict.RIVAL not in of(polled(*rest, person(SALES, SALES), person(SALES, PM)))
    assert Verdict.RIVAL in of(polled(*rest, *people(2, SALES, SALES), person(SALES, PM)))


def test_a_function_that_is_no_role_claims_nothing():
    answered = [person(PM, PM), Answered("other:sales", "Sales", None, {1: "104"}, {})]
    assert Verdict.RIVAL not in of(polled(*answered))


def test_by_function_those_put_together_claim_nothing():
    answers = [*people(3, PM, PM), *people(2, SALES, SALES), person("Legal", PM)]
    assert Verdict.RIVAL in of(polled(*answers))
    assert Verdict.RIVAL not in of(polled(*answers, named=False))


def test_it_is_unclaimed_where_more_than_half_name_nobody_or_do_not_know():
    half = [person(PM, PM), person(SALES, PM), person("A", NOBODY), person("B", UNKNOWN)]
    assert Verdict.UNCLAIMED not in of(polled(*half))
    assert Verdict.UNCLAIMED in of(polled(*half, person("C", UNKNOWN)))


def test_by_function_those_put_together_count_among_all_who_do_not_know():
    answers = [*people(3, PM, PM), *people(2, SALES, UNKNOWN), *people(2, "Legal", NOBODY)]
    assert Verdict.UNCLAIMED in of(polled(*answers, named=False))


def test_it_is_not_done_where_the_answer_in_the_middle_says_so():
    yes = people(2, PM, PM, done="yes")
    assert Verdict.NOT_DONE not in of(polled(*yes, *people(1, SALES, PM, done="no")))
    assert Verdict.NOT_DONE in of(polled(*yes, *people(2, SALES, PM, done="no")))


# ---- few answers


def test_of_fewer_than_three_functions_it_is_thin():
    assert polled(*people(4, PM, PM), *people(4, SALES, PM)).is_thin
    assert not polled(person(PM, PM), person(SALES, PM), person("Legal", PM)).is_thin


def test_of_fewer_than_half_of_those_asked_it_is_thin():
    answers = person(PM, PM), person(SALES, PM), person("Legal", PM)
    assert not polled(*answers, asked=6).is_thin
    assert polled(*answers, asked=7).is_thin


def test_by_function_what_is_put_together_is_no_function():
    answers = [*people(3, PM, PM), *people(3, SALES, PM), *people(3, MARKETING, PM)]
    assert not polled(*answers, named=False).is_thin
    assert polled(*answers[:-1], person("Legal", PM), named=False).is_thin


# ---- in time
