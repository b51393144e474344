"""How an activity does: which answer counts, and the word for it."""

from datetime import date

import pytest

from raci.reviews.health import ANSWERS, Question, Said, Vital, health_of, question_text, vital
from tests.reviews.polled import people, person, polled

POLLED = date(2026, 6, 12)
PM, SALES = 101, 104


def entry(answer, on, **more):
    return {"answer": answer, "note": "", "on": on, "by": 7, **more}


def row_of(*answers):
    return polled(*answers).rows[1]


def known(**answers):
    return {Question(question): Said(answer) for question, answer in answers.items()}


# ---- which answer counts


def test_of_what_nobody_said_nothing_is_known():
    assert health_of({}, None, None, PM) == {}
    assert health_of({"done": []}, row_of(person(PM, PM)), POLLED, PM) == {}


def test_the_poll_says_what_stands_in_the_middle_and_when():
    row = row_of(*people(2, PM, PM, done="yes", well="no"), person(SALES, PM, done="no", well="yes"))
    health = health_of({}, row, POLLED, PM)
    assert health == {
        Question.DONE: Said("yes", on=POLLED, is_poll=True),
        Question.WELL: Said("no", on=POLLED, is_poll=True),
    }


def test_what_is_set_by_hand_has_its_note_its_day_and_who_set_it():
    kept = {"well": [entry("no", "2026-06-01", note="Lists came late."), entry("yes", "2026-01-01")]}
    assert health_of(kept, None, None, PM) == {
        Question.WELL: Said("no", "Lists came late.", date(2026, 6, 1), 7, is_poll=False)
    }


@pytest.mark.parametrize(("on", "counts"), [("2026-06-11", "yes"), ("2026-06-12", "no"), ("2026-06-13", "no")])
def test_the_newer_counts_and_of_one_day_what_was_set_by_hand(on, counts):
    row = row_of(person(PM, PM, done="yes"))
    assert health_of({"done": [entry("no", on)]}, row, POLLED, PM)[Question.DONE].answer == counts


def test_a_newer_poll_that_does_not_answer_leaves_what_was_set():
    kept = {"done": [entry("no", "2025-01-01")]}
    assert health_of(kept, row_of(person(PM, PM, well="yes")), POLLED, PM)[Question.DONE].answer == "no"


def test_what_was_taken_away_by_hand_is_not_known_until_a_newer_poll():
    row = row_of(person(PM, PM, done="yes"))
    assert Question.DONE not in health_of({"done": [entry("", "2026-06-13")]}, row, POLLED, PM)
    assert health_of({"done": [entry("", "2026-06-01")]}, row, POLLED, PM)[Question.DONE].is_poll


def test_skill_and_time_count_from_those_who_named_the_present_lead():
    row = row_of(*people(3, SALES, SALES, skill="no", time="no"), person(PM, PM, skill="yes", time="partly"))
    assert {x.value: said.answer for x, said in health_of({}, row, POLLED, PM).items()} == {
        "skill": "yes",
        "time": "partly",
    }
    assert health_of({}, row, POLLED, SALES)[Question.SKILL].answer == "no"
    assert health_of({}, row, POLLED, None) == health_of({}, row, POLLED, 102) == {}


def test_what_was_set_of_another_lead_does_not_count():
    kept = {"skill": [entry("no", "2026-06-13", role=SALES), entry("yes", "2026-06-10", role=PM)]}
    assert health_of(kept, None, None, PM)[Question.SKILL].answer == "yes"
    assert health_of(kept, None, None, SALES)[Question.SKILL].answer == "no"
    assert health_of(kept, None, None, 102) == {}


def test_the_questions_stand_in_their_order():
    row = row_of(person(PM, PM, time="yes", skill="yes", on_time="yes", well="yes", done="yes"))
    assert list(health_of({}, row, POLLED, PM)) == list(Question)


# ---- the word for it


@pytest.mark.parametrize(
    ("question", "partly", "no"),
    [
        ("done", "half done", "not done"),
        ("well", "uneven", "done badly"),
        ("on_time", "often late", "late"),
        ("skill", "stretched", "can’t lead"),
        ("time", "stretched", "can’t lead"),
    ],
)
def test_each_question_has_its_words(question, partly, no):
    assert vital(known(**{question: "partly"})) == Vital(Question(question), "partly", partly)
    assert vital(known(**{question: "no"})) == Vital(Question(question), "no", no)
    assert vital(known(**{question: "yes"})) is None


def test_the_first_that_is_not_a_yes_speaks_however_bad_the_next():
    assert vital(known(done="yes", well="partly", on_time="no", skill="no")).word == "uneven"
    assert vital(known(done="partly", well="no")).word == "half done"


def test_skill_and_time_are_one_question_and_the_worse_answers_it():
    assert vital(known(skill="partly", time="no")) == Vital(Question.TIME, "no", "can’t lead")
    assert vital(known(skill="no", time="partly")) == Vital(Question.SKILL, "no", "can’t lead")
    assert vital(known(skill="yes", time="partly")).word == "stretched"


def test_of_nothing_known_there_is_no_word():
    assert vital({}) is None


def test_the_questions_name_the_lead_where_there_is_one():
    assert [question_text(question, "Sales") for question in Question] == [
        "Is it done?",
        "Is it done well?",
        "Is it done at the right time?",
        "Has Sales the skill?",
        "Has Sales the time?",
    ]
    assert question_text(Question.SKILL) == "Has whoever leads it the skill?"
    assert list(ANSWERS) == ["yes", "partly", "no"]
