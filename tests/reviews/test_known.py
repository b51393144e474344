"""Whoever has the link of a poll by function can't tell apart what a small function said, by answering beside it."""

import pytest

from raci.reviews import polling
from raci.reviews.agreement import Answered, FunctionCount, groups, is_crowd
from raci.reviews.models import Poll
from tests.factories import MemberFactory, make_matrix
from tests.reviews.polled import counted
from tests.reviews.polls import answered
from tests.reviews.respondents import FUNCTION, asked, came, opened, says, sends


def person(function, said, *, known, **health):
    told = {1: health} if health else {}
    return Answered(f"other:{function.lower()}", function, None, {1: said}, told, is_known=known)


def by_function(*answered):
    found = counted(*answered, named=False)
    return {each["name"]: each["answered"] for each in found["functions"]}, found["rows"].get("1")


def test_two_sham_answers_beside_one_person_show_nothing_of_them():
    shams = [person("Legal", "101", known=False)] * 2
    others = [person("Sales", "102", known=True)] * 3
    functions, row = by_function(person("Legal", "103", known=True), *shams, *others)
    assert functions == {"Others": 6}
    assert row["votes"] == {"pool": {"102": 3, "101": 2, "103": 1}}


def test_three_who_are_known_stand_apart_with_whoever_came_by_the_link():
    guests = [person("Legal", "101", known=False)] * 2
    functions, _ = by_function(*[person("Legal", "103", known=True)] * 3, *guests)
    assert functions == {"Legal": 5}


def test_answers_by_the_link_alone_are_put_together():
    legal, sales = [person("Legal", "101", known=False)] * 4, [person("Sales", "102", known=True)] * 3
    assert by_function(*legal, *sales)[0] == {"Sales": 3, "Others": 4}
    assert by_function(*legal, person("Finance", "102", known=False))[0] == {"Others": 5}


@pytest.mark.parametrize("known", [1, 2])
def test_fewer_than_three_who_are_known_are_left_out_where_there_is_nobody_else_to_hide_them(known):
    guests = [person("Legal", "101", known=False)] * 3
    functions, row = by_function(*[person("Sales", "103", known=True, done="no")] * known, *guests)
    assert functions == {"Others": 3}
    assert row["votes"] == {"pool": {"101": 3}}
    assert row["health"] == {}


def test_how_it_goes_is_told_of_three_who_are_known_or_of_none():
    silent = [person("Sales", "102", known=True)] * 2
    one, guests = person("Sales", "102", known=True, done="no"), [person("Legal", "101", known=False, done="yes")] * 3
    assert by_function(*silent, one, *guests)[1]["health"] == {}
    assert by_function(*silent, *[one] * 3, *guests)[1]["health"] == {"done": {"no": 3, "yes": 3}}


@pytest.mark.parametrize(("number", "known", "is_so"), [(3, 0, True), (3, 3, True), (5, 2, False), (2, 0, False)])
def test_a_crowd_is_three_who_are_known_or_three_of_whom_nobody_is(number, known, is_so):
    assert is_crowd(number, known) is is_so


def test_those_put_together_hold_three_who_are_known_whatever_others_add():
    sizes = [FunctionCount(f"f{at}", f"F{at}", None, 4) for at in range(3)]
    found = groups(sizes, {"f0": 1, "f1": 3, "f2": 4})
    assert [(each.name, each.answered) for each in found] == [("F2", 4), ("Others", 8)]


def test_members_and_people_who_were_asked_are_known(editor):
    matrix = make_matrix(editor, "LS.", "SLC")
    made = opened(matrix, editor, FUNCTION)
    activities, roles = asked(made.poll)
    for _ in range(3):
        member = MemberFactory(workspace=matrix.workspace)
        answered(made.poll, roles[0], [roles[1]], user=member.user_id)
    for _ in range(3):
        guest = came(made, "Legal")
        says(guest, activities[0], "nobody")
        sends(guest)
    polling.close(poll=made.poll.pk, by=editor)
    functions = Poll.objects.get().result["functions"]
    assert [(each["name"], each["answered"]) for each in functions] == [("Role 1", 3), ("Others", 3)]
