"""The rules P1 to P6 in sentences. Their thresholds are tested where they are counted (test_agreement.py)."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.levels import Notation
from raci.grid.rules import RULES, Severity, rules_in
from raci.reviews.agreement import Result
from raci.reviews.health import Question, Said
from raci.reviews.poll_checks import functions_in, poll_findings
from tests.grid.builders import grid_of
from tests.grid.test_checks_in_raci import LEAD_SUPPORT
from tests.reviews.polled import NOBODY, UNKNOWN, people, person, polled

PM, MARKETING, ENGINEERING, SALES = 101, 102, 103, 104
GRID = grid_of(("Pricing", "LSCI"), ("Launch", "LSCI"))
ALONE = grid_of(("Pricing", "LSCI"))


def heard(result, grid=ALONE, **options):
    return [(x.rule, x.text, x.step) for x in poll_findings(result, grid, **options)]


def keys(result, grid=GRID, **options):
    return [x.key for x in poll_findings(result, grid, **options)]


def agreeing(*more, **options):
    """A poll in which three roles name the Lead of both rows, and whoever else answers."""
    return polled(*(person(role, PM, PM) for role in (PM, MARKETING, SALES)), *more, rows=2, **options)


def everything():
    """A poll and a grid on which all six rules speak."""
    answers = [
        person(PM, SALES, UNKNOWN, done="no"),
        person(SALES, SALES, UNKNOWN, done="no"),
        person(MARKETING, MARKETING, PM, done="yes"),
        person("Legal", PM, UNKNOWN),
    ]
    return polled(*answers, rows=2, asked=9)


def test_where_everybody_agrees_no_rule_speaks():
    assert poll_findings(agreeing(), GRID) == ()


def test_without_a_poll_no_rule_speaks():
    assert poll_findings(None, GRID) == ()


def test_work_that_is_not_done_is_told():
    result = polled(*(person(role, PM, done="no") for role in (PM, MARKETING, SALES)))
    assert heard(result) == [
        (
            "P1",
            "Pricing does not happen today, so who would do it comes second.",
            "Decide whether to start before who answers for it.",
        )
    ]


def test_a_contested_row_tells_how_many_functions_name_how_many_leads():
    result = polled(person(PM, PM), person("Legal", SALES), person("Board", MARKETING))
    assert heard(result) == [
        (
            "P2",
            "3 functions answered and 3 different Leads are named for Pricing, so it is fought over, or each waits for another.",
            "Talk about this one first.",
        )
    ]


def test_a_lead_that_does_not_know_is_named():
    result = polled(person(PM, MARKETING), *people(2, "Legal", PM), *people(2, "Board", PM))
    assert heard(result) == [
        (
            "P3",
            "Role 1 leads Pricing here and does not think so, so nobody may be driving it.",
            "Hear from Role 1 first, then settle it together.",
        )
    ]


def test_rivals_are_named():
    rest = people(4, "Legal", PM)
    two = polled(person(PM, PM), person(SALES, SALES), *rest)
    three = polled(person(PM, PM), person(SALES, SALES), person(MARKETING, MARKETING), *rest)
    assert heard(two) == [
        (
            "P4",
            "Role 1 and Role 4 both believe that Pricing is theirs, so the work may be done twice.",
            "Ask what each of them does, then name one.",
        )
    ]
    assert [x.text for x in poll_findings(three, ALONE)] == [
        "Role 1, Role 2 and Role 4 all believe that Pricing is theirs, so the work may be done twice."
    ]


def test_an_unclaimed_row_is_told():
    result = polled(person(PM, PM), *people(2, SALES, UNKNOWN), *people(2, "Legal", NOBODY))
    assert heard(result) == [
        (
            "P5",
            "Most people could not say who leads Pricing, so they do not know whom to ask.",
            "Settle it, and tell those who work on it.",
        )
    ]


def test_few_answers_are_a_note_on_the_whole():
    result = polled(person(PM, PM), person("Legal", PM), asked=5)
    (finding,) = poll_findings(result, ALONE, of="31")
    assert (finding.rule, finding.severity, finding.key) == ("P6", Severity.NOTE, "P6:::31")
    assert finding.text == (
        "2 of 5 people answered the poll, and 2 functions can be told apart: too few to call it agreement."
    )


def test_where_all_answered_nobody_is_called_missing():
    (of_two,) = poll_findings(polled(person(PM, PM), person("Legal", PM)), ALONE)
    assert of_two.text.startswith("2 of 2 people answered the poll, and 2 functions can be told apart:")
    assert of_two.step == "Hear from more people of each function in the session, or ask more of them."


def test_where_functions_are_enough_only_those_who_are_missing_are_told():
    (finding,) = poll_findings(polled(person(PM, PM), person("Legal", PM), person("Board", PM), asked=7), ALONE)
    assert finding.text == "3 of 7 people answered the poll: too few to call it agreement."
    assert finding.step == "Hear from those who are missing in the session, or ask again."


def test_a_poll_of_which_nothing_can_be_shown_says_only_that():
    result = polled(person(PM, SALES, done="no"), person(SALES, SALES, done="no"), named=False)
    assert [x.rule for x in poll_findings(result, GRID)] == ["P6"]


def test_where_all_are_put_together_no_function_can_be_told_apart():
    (finding,) = poll_findings(polled(person(PM, PM), person("Legal", PM), person("Board", PM), named=False), ALONE)
    assert finding.text == (
        "3 of 3 people answered the poll, and no function can be told apart: too few to call it agreement."
    )


def test_what_somebody_left_out_is_not_unclaimed():
    result = polled(person(PM, PM, PM), *(person(each, PM, None) for each in (MARKETING, SALES)), rows=2)
    assert poll_findings(result, GRID) == ()


def test_the_worst_of_a_row_stands_first_and_the_note_last():
    assert keys(everything(), of="31") == [
        "P1:1::31",
        "P3:1::31",
        "P2:1::31",
        "P4:1::31",
        "P3:2::31",
        "P5:2::31",
        "P6:::31",
    ]


def test_another_poll_is_another_matter():
    assert not set(keys(everything(), of="31")) & set(keys(everything(), of="32"))


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.startswith("P")])
def test_a_rule_switched_off_is_silent_and_changes_no_other(rule):
    found = poll_findings(everything(), GRID)
    assert rule in {x.rule for x in found}
    assert poll_findings(everything(), GRID, off=[rule]) == tuple(x for x in found if x.rule != rule)


def test_a_row_that_was_decided_upon_is_silent():
    assert keys(everything(), settled=[1]) == ["P3:2:", "P5:2:", "P6::"]


def test_a_row_that_was_not_asked_about_is_silent():
    grid = grid_of(("Pricing", "LSCI"), ("Launch", "LSCI"), ("New since", "LSCI"))
    assert {x.activity for x in poll_findings(everything(), grid)} == {1, 2, None}


def test_a_row_and_a_role_that_are_gone_are_silent():
    result = polled(person(PM, PM), person(SALES, SALES), *people(4, "Legal", PM))
    assert [x.rule for x in poll_findings(result, grid_of("LSC"))] == []  # role 104 is gone: it has no rival
    assert poll_findings(result, grid_of(roles=["Only"])) == ()
    assert [x.role for x in functions_in(result, grid_of("LSC"))] == [None, PM, None]


def test_a_row_that_nobody_leads_has_no_lead_that_does_not_know():
    assert "P3" not in {x.rule for x in poll_findings(everything(), grid_of("-SCI", "-SCI"))}


# ---- what is known otherwise


def done(answer, **more):
    return {1: {Question.DONE: Said(answer, **more)}}


def test_what_an_editor_set_since_is_what_counts():
    poll = everything()
    assert "P1:1:" not in keys(poll, health=done("yes", on=date(2026, 6, 13)))
    assert "P1:1:" not in keys(poll, health=done("partly", on=date(2026, 6, 13)))
    assert "P1:1:" not in keys(poll, health={})


def test_without_a_poll_what_an_editor_set_is_told_and_a_decision_does_not_end_it():
    health = done("no", on=date(2026, 6, 13))
    assert keys(None, health=health, settled=[1], of="31") == ["P1:1::2026-06-13"]


def test_what_the_poll_says_ends_with_a_decision():
    health = done("no", on=date(2026, 6, 13), is_poll=True)
    assert keys(None, health=health, of="31") == ["P1:1::31"]
    assert keys(None, health=health, settled=[1]) == []


# ---- in words


def test_each_rule_speaks_raci_where_the_reader_does():
    plain, in_raci = (poll_findings(everything(), GRID, notation=notation) for notation in Notation)
    assert [(x.key, x.severity) for x in plain] == [(x.key, x.severity) for x in in_raci]
    assert {x.rule for x in in_raci} == {f"P{at}" for at in range(1, 7)}
    for x in in_raci:
        rule = rules_in(Notation.RACI)[x.rule]
        for said in (rule.name, rule.about, x.text, x.step):
            assert not LEAD_SUPPORT.search(said), said
    assert in_raci[1].text.startswith("Role 1 is accountable for Pricing here and does not think so")
    assert in_raci[2].text.startswith("4 functions answered and 3 different accountable roles are named for Pricing")


_SAID = st.sampled_from([PM, MARKETING, SALES, NOBODY, UNKNOWN, None])
_WHO = st.sampled_from([PM, MARKETING, SALES, "Legal", "Board"])
_PERSON = st.builds(person, _WHO, _SAID, _SAID, done=st.sampled_from(["yes", "partly", "no"]))


@given(st.lists(_PERSON, max_size=8), st.booleans())
def test_every_finding_is_a_sentence_with_a_step_and_a_key_of_its_own(answers, named):
    found = poll_findings(polled(*answers, rows=2, named=named), GRID, of="31")
    assert len({x.key for x in found}) == len(found)
    for x in found:
        assert x.severity is RULES[x.rule].severity
        assert re.search(r"\.$", x.text)
        assert re.search(r"\.$", x.step)
        assert x.activity is None or GRID.activities[x.activity - 1].name in x.text


def test_an_empty_result_has_no_findings_but_that_it_is_thin():
    assert [x.rule for x in poll_findings(Result.read({}), GRID)] == ["P6"]
