"""Who is on which matrix: of this process for certain, of others as long as they say so."""

import json

import pytest

from raci.screens.live.presence import LIFETIME, MOST_SHOWN, Presence, Present, heard, told
from raci.web import bell

MEI = Present("page-mei-1", 1, "Mei Tanaka", "MT")
JON = Present("page-jon-1", 2, "Jonas Lindqvist", "JL", "12-3")
NOW = 1_000.0


def _names(people: Presence, matrix: int) -> list[str]:
    return [person.name for person in people.on(matrix)]


def test_whoever_comes_is_there_until_they_leave():
    people = Presence()
    people.come(7, MEI)
    people.come(7, JON)
    people.come(8, MEI)
    assert _names(people, 7) == ["Jonas Lindqvist", "Mei Tanaka"]
    people.leave(7, JON.page, JON.user)
    assert _names(people, 7) == ["Mei Tanaka"]
    assert _names(people, 8) == ["Mei Tanaka"]


def test_a_page_moves_its_own_person_and_nobody_elses():
    people = Presence()
    people.come(7, MEI)
    assert people.move(7, MEI.page, MEI.user, "4-5")
    assert not people.move(7, MEI.page, JON.user, "6-6")
    assert not people.move(8, MEI.page, MEI.user, "6-6")
    assert [person.cell for person in people.on(7)] == ["4-5"]


def test_another_process_is_believed_for_a_while():
    people = Presence()
    people.hear(7, "other", [JON], NOW)
    assert _names(people, 7) == ["Jonas Lindqvist"]
    assert people.forget_silent(NOW + LIFETIME) == set()
    assert people.forget_silent(NOW + LIFETIME + 0.1) == {7}
    assert _names(people, 7) == []


def test_what_another_process_says_replaces_what_it_said_before():
    people = Presence()
    people.hear(7, "other", [JON, MEI], NOW)
    people.hear(7, "third", [MEI], NOW)
    people.hear(7, "other", [], NOW + 1)
    assert _names(people, 7) == ["Mei Tanaka"]


def test_pages_at_other_processes_are_counted_over_all_matrices():
    people = Presence()
    people.come(7, MEI)
    people.hear(8, "other", [Present("page-mei-2", 1, "Mei Tanaka", "MT")], NOW)
    people.hear(9, "other", [Present("page-mei-3", 1, "Mei Tanaka", "MT"), JON], NOW)
    assert (people.elsewhere(1), people.elsewhere(2), people.elsewhere(3)) == (2, 1, 0)


def test_two_people_whose_pages_have_one_name_are_two():
    people, twin = Presence(), Present(MEI.page, JON.user, JON.name, JON.initials)
    people.come(7, MEI)
    people.come(7, twin)
    assert people.move(7, twin.page, twin.user, "4-5")
    people.leave(7, twin.page, twin.user)
    assert people.on(7) == [MEI]


def test_each_person_has_a_colour_and_keeps_it():
    people = Presence()
    everybody = [Present(f"page-{n}-abc", n, f"Person {n}", "P") for n in range(1, 5)]
    for person in everybody:
        people.come(7, person)
    before = {row["user"]: row["person"] for row in json.loads(people.event(7))["people"]}
    assert sorted(before.values()) == [1, 1, 2, 3]
    people.leave(7, everybody[0].page, 1)
    after = {row["user"]: row["person"] for row in json.loads(people.event(7))["people"]}
    assert after == {user: colour for user, colour in before.items() if user != 1}


def test_two_pages_of_one_person_have_one_colour():
    people = Presence()
    people.come(7, MEI)
    people.come(7, Present("page-mei-2", 1, "Mei Tanaka", "MT"))
    assert {row["person"] for row in json.loads(people.event(7))["people"]} == {1}


def test_what_one_process_tells_another_hears():
    assert heard(told("me", 7, [MEI, JON])) == ("me", 7, [MEI, JON])


def test_what_is_told_fits_into_a_notification_whatever_people_are_called():
    many = [Present(f"{n:064}", n, "\U0001f9ed" * 100, "\U0001f9ed" * 2, "1234567-1234567") for n in range(200)]
    message = f"people-{told('0' * 32, 7, many)}"
    assert len(message.encode()) <= bell.MOST_BYTES
    people = heard(message.removeprefix("people-"))[2]
    assert [person.page for person in people] == [person.page for person in many[: len(people)]]
    assert len(people) >= 15


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"process": "a", "matrix": "x", "people": []}', '{"process": 1}'])
def test_what_is_none_of_ours_is_an_error_that_can_be_caught(text):
    with pytest.raises((ValueError, KeyError, TypeError)):
        heard(text)


def test_of_very_many_people_some_are_named_those_who_edit_first_and_the_rest_are_counted():
    people = Presence()
    for n in range(1, 101):
        people.come(7, Present(f"page-{n}-abc", n, f"Person {n:03}", "P", "1-1" if n > 90 else ""))
    event = json.loads(people.event(7))
    assert (len(event["people"]), event["more"]) == (MOST_SHOWN, 100 - MOST_SHOWN)
    assert [person["user"] for person in event["people"][:10]] == list(range(91, 101))
