"""Who is on which matrix: of this process for certain, of others as long as they say so."""

import json

import pytest

from raci.screens.live.people import LIFETIME, MOST_TOLD, People, Person, heard, told

MEI = Person("page-mei-1", 1, "Mei Tanaka", "MT")
JON = Person("page-jon-1", 2, "Jonas Lindqvist", "JL", "12-3")
NOW = 1_000.0


def _names(people: People, matrix: int) -> list[str]:
    return [person.name for person in people.on(matrix)]


def test_whoever_comes_is_there_until_they_leave():
    people = People()
    people.come(7, MEI)
    people.come(7, JON)
    people.come(8, MEI)
    assert _names(people, 7) == ["Jonas Lindqvist", "Mei Tanaka"]
    people.leave(7, JON.page)
    assert _names(people, 7) == ["Mei Tanaka"]
    assert _names(people, 8) == ["Mei Tanaka"]


def test_a_page_moves_its_own_person_and_nobody_elses():
    people = People()
    people.come(7, MEI)
    assert people.move(7, MEI.page, MEI.user, "4-5")
    assert not people.move(7, MEI.page, JON.user, "6-6")
    assert not people.move(8, MEI.page, MEI.user, "6-6")
    assert [person.cell for person in people.on(7)] == ["4-5"]


def test_another_process_is_believed_for_a_while():
    people = People()
    people.hear(7, "other", [JON], NOW)
    assert _names(people, 7) == ["Jonas Lindqvist"]
    assert people.forget_silent(NOW + LIFETIME) == set()
    assert people.forget_silent(NOW + LIFETIME + 0.1) == {7}
    assert _names(people, 7) == []


def test_what_another_process_says_replaces_what_it_said_before():
    people = People()
    people.hear(7, "other", [JON, MEI], NOW)
    people.hear(7, "third", [MEI], NOW)
    people.hear(7, "other", [], NOW + 1)
    assert _names(people, 7) == ["Mei Tanaka"]


def test_streams_are_counted_over_all_matrices_and_processes():
    people = People()
    people.come(7, MEI)
    people.come(8, Person("page-mei-2", 1, "Mei Tanaka", "MT"))
    people.hear(9, "other", [Person("page-mei-3", 1, "Mei Tanaka", "MT"), JON], NOW)
    assert (people.streams_of(1), people.streams_of(2), people.streams_of(3)) == (3, 1, 0)


def test_each_person_has_a_colour_and_keeps_it():
    people = People()
    everybody = [Person(f"page-{n}-abc", n, f"Person {n}", "P") for n in range(1, 5)]
    for person in everybody:
        people.come(7, person)
    before = {row["user"]: row["person"] for row in json.loads(people.event(7))["people"]}
    assert sorted(before.values()) == [1, 1, 2, 3]
    people.leave(7, everybody[0].page)
    after = {row["user"]: row["person"] for row in json.loads(people.event(7))["people"]}
    assert after == {user: colour for user, colour in before.items() if user != 1}


def test_two_pages_of_one_person_have_one_colour():
    people = People()
    people.come(7, MEI)
    people.come(7, Person("page-mei-2", 1, "Mei Tanaka", "MT"))
    assert {row["person"] for row in json.loads(people.event(7))["people"]} == {1}


def test_what_one_process_tells_another_hears():
    assert heard(told("me", 7, [MEI, JON])) == ("me", 7, [MEI, JON])
    many = [Person(f"{n:032}", n, "Ö" * 40, "Ö", "1234567-1234567") for n in range(200)]
    message = told("0" * 32, 7, many)
    assert len(message.encode()) < 7_900
    assert heard(message)[2] == many[:MOST_TOLD]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"process": "a", "matrix": "x", "people": []}', '{"process": 1}'])
def test_what_is_none_of_ours_is_an_error_that_can_be_caught(text):
    with pytest.raises((ValueError, KeyError, TypeError)):
        heard(text)
