import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from raci.grid.checks import findings, row_findings
from raci.grid.departures import Reference
from raci.grid.levels import Level, Notation
from raci.grid.rules import RULES, rules_in
from tests.grid.builders import (
    NAMES,
    TODAY,
    grid_of,
    grids,
    keeping,
)
from tests.grid.checking import (
    MEASURED,
    YESTERDAY,
    departure,
    every_rule,
    fired,
    of_departures,
)

LEAD_SUPPORT = re.compile(r"\b(leads?|leading|led|support\w*|contribut\w*)\b", re.IGNORECASE)


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("R1", "Nobody is accountable for Task 1 yet, so nobody answers for it."),
        ("R2", "Role 1 and Role 2 are accountable for Task 2, so each may wait for the other."),
        ("R3", "No role is on Task 3, so it may not happen at all."),
        ("R4", "Role 1 has Task 4 alone, without what others know about it."),
        ("R5", "Every other role is responsible for Task 5. If all are heavily involved, it may be two activities."),
        ("R6", "4 of 6 roles are responsible for Task 1, and each handover costs time."),
        ("R7", "4 of 6 roles are consulted on Task 2, and each can hold it up."),
        ("R8", "4 of 6 roles are informed of Task 3; news for everyone is read by few."),
        ("R9", "Nobody outside the work hears of Task 5, which is how the same work starts elsewhere."),
        ("R10", "Task 7 has input but no hands besides Role 1."),
        ("R11", "All 6 roles are on Task 1, some perhaps as a courtesy."),
        ("R12", "Role 4 is named as delivering Task 1 but is not on it, so the row says two things."),
        (
            "R13",
            "Sales is accountable for Task 1, perhaps on paper only: Product Marketing is responsible for it and may "
            "in effect deliver.",
        ),
        ("R14", "Task 1 looks like Task 1, so the same work may be done twice."),
        ("R15", "The matrix has 41 activities and 6 roles, and long matrices stop being read."),
        ("C1", "Role 1 is accountable for 41 of 41 activities, so much waits on one role."),
        ("C2", "Role 1 is accountable or responsible for 41 of 41 activities, which few roles can carry."),
        ("C3", "Role 1 is on all 41 activities, and some may not need it."),
        ("C4", "Role 6 is never accountable or responsible, so this may be the wrong matrix for it."),
        ("C5", "Role 5 is on no activity, so its column says nothing."),
        ("C6", "Role 1 is accountable for 1 activity and has 0 people, so nobody answers for them."),
        (
            "C8",
            "Sales is 1 of 28 people, is accountable for 2 of 2 activities and delivers 2: more than twice its share.",
        ),
        ("D1", "Role 1 is accountable for Task 4, unlike market-led, where it is Role 2."),
        ("D2", "The departure for Role 2 on Task 1 ended on 21 Nov 2026 and is to be decided again."),
    ],
)
def test_each_rule_speaks_raci_where_the_reader_does(rule, text):
    found = [x for grid in every_rule() for x in findings(grid, notation=Notation.RACI, **MEASURED) if x.rule == rule]
    assert found[0].text == text
    in_raci, plain = rules_in(Notation.RACI)[rule], rules_in(Notation.LEAD_SUPPORT)[rule]
    assert plain is RULES[rule]
    assert replace(in_raci, name=plain.name, about=plain.about) == plain
    for said in (in_raci.name, in_raci.about, *(part for x in found for part in (x.text, x.step))):
        assert not LEAD_SUPPORT.search(re.sub("(sales|market)-led", "", said)), said


@pytest.mark.parametrize(("letter", "only"), [("C", "is only consulted"), ("I", "is only informed")])
def test_a_deliverer_that_does_not_carry_is_told_its_level_in_raci(letter, only):
    found = row_findings(grid_of(f"{letter}LS-", deliverers={1: 101}), 1, notation=Notation.RACI)
    finding = next(x for x in found if x.rule == "R12")
    assert f"Role 1 is named as delivering Task 1 but {only}," in finding.text
    assert finding.step == "Move Role 1 to Responsible, or name another deliverer."


@given(grids(max_rows=10, max_roles=8), grids())
def test_the_notation_changes_words_and_nothing_else(grid, theirs):
    measured = {"reference": Reference("house-3", "House 2026", theirs), "today": TODAY}
    plain, in_raci = findings(grid, **measured), findings(grid, notation=Notation.RACI, **measured)
    assert [(x.key, x.severity) for x in in_raci] == [(x.key, x.severity) for x in plain]
    for x in in_raci:
        assert not LEAD_SUPPORT.search(f"{x.text} {x.step}")
    for activity in grid.activities:
        mine = tuple(x for x in in_raci if x.activity == activity.id)
        assert row_findings(grid, activity.id, notation=Notation.RACI, **measured) == mine


def test_names_used_in_tests_are_no_twins():
    assert "R14" not in fired(grid_of(*((name, "LSC") for name in NAMES)))


@pytest.mark.parametrize("ends", [(date(2026, 3, 12), YESTERDAY), (YESTERDAY, date(2026, 3, 12))])
def test_a_move_of_the_lead_with_two_ends_goes_by_the_first(ends):
    """So that what was set aside about one end is not set aside about another."""
    both = (departure(101, Level.SUPPORT, until=ends[0]), departure(102, Level.LEAD, until=ends[1]))
    (finding,) = of_departures(keeping(grid_of("LSC"), 1, *both), today=TODAY)
    assert finding.key == "D2:1::market:2026-03-12"
    assert "ended on 12 Mar 2026" in finding.text
