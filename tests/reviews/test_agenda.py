"""What a session talks about, the worst first, and what is left to be confirmed together."""

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from raci.grid.checks import findings
from raci.grid.grid import Departure
from raci.grid.levels import Level
from raci.grid.rules import RULES, Finding
from raci.publishing.upkeep_checks import ToConfirm
from raci.reviews.agenda import agenda
from raci.reviews.health import Question, Said
from raci.reviews.poll_checks import poll_findings
from tests.grid.builders import TODAY, grid_of, keeping
from tests.reviews.polled import people, person, polled

PM, MARKETING, ENGINEERING, SALES = 101, 102, 103, 104
ROWS = 15
GRID = grid_of(*["LSCI"] * ROWS)
ORDER = ["P1", "P3", "R2", "R1", "R3", "R12", "P2", "P4", "P5", "D2", "E2", "open", "wrong", "health", "R4"]


def found(rule, row):
    return Finding(rule, RULES[rule].severity, f"{rule} on {row}.", "Do this.", row)


def to_confirm(*rows, what="Sales was renamed", of="renamed-104"):
    severity = RULES["E2"].severity
    return ToConfirm("E2", severity, f"{what}.", "Confirm them.", rows=rows, what=what, version=2, of=of)


def rules(rows):
    return {row.activity: [reason.rule for reason in row.reasons] for row in rows}


def bad(question="well", answer="no"):
    return {Question(question): Said(answer)}


def test_rows_stand_by_how_badly_they_need_talk():
    by_row = dict(zip(ORDER, range(ROWS, 0, -1), strict=True))  # from the bottom up, so that the grid has no say
    rows = agenda(
        GRID,
        findings=[found(rule, by_row[rule]) for rule in reversed(ORDER) if rule in RULES],
        open_items={by_row["open"]: "Left open on 2 Jun 2026."},
        wrong={by_row["wrong"]: "Turned out wrong."},
        health={by_row["health"]: bad()},
    )
    assert [row.reasons[0].rule for row in rows] == ORDER
    assert [row.activity for row in rows] == list(range(ROWS, 0, -1))


def test_the_reasons_of_a_row_stand_the_worst_first_each_in_its_words():
    (row,) = agenda(
        GRID,
        findings=[found("R4", 1), found("P2", 1), found("P1", 1)],
        open_items={1: "Left open on 2 Jun 2026."},
        health={1: bad("on_time")},
    )
    assert (row.activity, row.name) == (1, "Task 1")
    assert [(reason.rule, reason.text) for reason in row.reasons] == [
        ("P1", "P1 on 1."),
        ("P2", "P2 on 1."),
        ("open", "Left open on 2 Jun 2026."),
        ("health", "Late."),
        ("R4", "R4 on 1."),
    ]


def test_of_contested_rows_the_one_on_which_fewest_agree_is_first():
    answers = [person(PM, PM, PM), person("A", PM, SALES), person("B", SALES, MARKETING), person("C", MARKETING, 109)]
    result, grid = polled(*answers, rows=2), grid_of("LSCI", "LSCI")
    rows = agenda(grid, findings=poll_findings(result, grid), result=result)
    assert [(row.activity, row.reasons[0].rule) for row in rows] == [(2, "P2"), (1, "P2")]


def test_of_rows_alike_the_one_with_more_reasons_is_first_then_they_stand_as_in_the_matrix():
    rows = agenda(GRID, findings=[found("P5", 1), found("P5", 3), found("P5", 2), found("R4", 3)])
    assert [row.activity for row in rows] == [3, 1, 2]


def split(*said, grid=None, **options):
    """The reasons for the first row of what these people answered, each of another function."""
    result, grid = polled(*(person(f"F{at}", who) for at, who in enumerate(said))), grid or grid_of("LSCI")
    rows = agenda(grid, findings=poll_findings(result, grid), result=result, **options)
    return [(reason.rule, reason.text) for row in rows for reason in row.reasons]


def test_a_row_not_quite_agreed_is_talked_about_though_no_rule_speaks():
    assert split(PM, PM, PM) == []
    assert split(PM, PM, SALES) == [("split", "Not quite agreed: 2 of 3, asked alone, named Role 1.")]
    assert split(SALES, SALES, SALES) == [
        ("split", "Not quite agreed: 3 of 3, asked alone, named Role 4, and the draft has Role 1.")
    ]
    assert split(SALES, grid=grid_of("-SCI")) == [
        ("split", "Not quite agreed: 1 of 1, asked alone, named Role 4, and the draft has nobody.")
    ]
    assert split(109, 109, PM) == [
        ("split", "Not quite agreed: 2 of 3, asked alone, named a role that is gone, and the draft has Role 1.")
    ]


def test_where_a_rule_says_more_of_it_that_is_the_reason():
    assert [rule for rule, _ in split(PM, SALES, MARKETING)] == ["P2"]


def test_a_row_not_quite_agreed_that_was_decided_since_is_not_talked_about():
    assert split(PM, PM, SALES, settled=[1]) == []


def test_a_row_that_everybody_left_out_is_not_talked_about():
    assert split(None, None) == []


def test_a_row_not_quite_agreed_stands_behind_the_rules_of_the_poll_and_before_ended_departures():
    grid = grid_of("LSCI", "LSCI", "LSCI")
    result = polled(person("C", PM, SALES, PM), person("A", PM, PM, PM), person("B", PM, PM, PM), rows=3)
    told = [found("D2", 1), found("P5", 3)]
    assert [row.activity for row in agenda(grid, findings=told, result=result)] == [3, 2, 1]


def test_notes_and_what_is_said_of_roles_or_the_whole_give_no_reason():
    told = [found("R10", 1), found("D1", 2), Finding("C1", RULES["C1"].severity, "A.", "B.", role=PM)]
    told.append(Finding("P6", RULES["P6"].severity, "Few.", "Ask."))
    assert agenda(GRID, findings=told) == ()


def test_where_nothing_is_known_there_is_nothing_to_talk_about():
    assert agenda(GRID, findings=()) == ()


def test_what_people_answered_on_a_row_decided_since_is_no_reason_any_more():
    told = [found(rule, 1) for rule in ("P2", "P3", "P4", "P5", "D2")]
    assert rules(agenda(GRID, findings=told, settled=[1])) == {1: ["D2"]}
    assert agenda(GRID, findings=told[:-1], settled=[1]) == ()


def test_an_event_puts_each_of_its_rows_there_once():
    told = [to_confirm(1, 2), to_confirm(2, what="the strategy changed", of="strategy")]
    rows = agenda(GRID, findings=told)
    assert rules(rows) == {1: ["E2"], 2: ["E2"]}
    assert rows[1].reasons[0].text == (
        "Sales was renamed and the strategy changed since version 2, so this row needs confirming."
    )


def test_a_reason_said_twice_stands_once():
    twice = [found("R14", 1), replace(found("R14", 1), other=2)]
    assert rules(agenda(GRID, findings=twice)) == {1: ["R14"]}


def test_only_a_vital_no_is_a_reason_and_that_it_is_not_done_is_told_once():
    health = {1: bad("well", "partly"), 2: bad("done", "no"), 3: bad("time", "no"), 4: bad("well", "yes"), 5: {}}
    rows = agenda(GRID, findings=[found("P1", 2)], health=health)
    assert {row.activity: [reason.text for reason in row.reasons] for row in rows} == {
        2: ["P1 on 2."],
        3: ["Can’t lead."],
    }


def test_a_row_that_is_gone_is_not_on_the_agenda():
    assert agenda(GRID, findings=[found("P1", 99)], open_items={99: "Left open."}, wrong={99: "Wrong."}) == ()


def test_the_agenda_of_a_matrix_as_its_checks_find_it():
    ended = Departure(SALES, "market", Level.CONTRIBUTE, "For the autumn.", date(2026, 11, 21))
    grid = keeping(grid_of(("Ideas", "LSCI"), ("Pricing", "LSCI"), ("Launch", "-SCI"), ("Plan", "LSCI")), 4, ended)
    answers = [person(PM, PM, SALES, PM, PM), *people(2, SALES, PM, SALES, PM, PM), person("Legal", PM, SALES, PM, PM)]
    result = polled(*answers, rows=4)
    told = [*poll_findings(result, grid), *findings(grid, today=TODAY)]
    rows = agenda(grid, findings=told, result=result)
    assert [row.name for row in rows] == ["Pricing", "Launch", "Plan"]


_RULE = st.sampled_from([rule for rule in ORDER if rule in RULES])


@given(st.lists(st.tuples(_RULE, st.integers(1, 20))), st.sets(st.integers(1, 20)))
def test_what_something_speaks_against_is_on_the_agenda_once_and_in_the_order(pairs, settled):
    rows = agenda(GRID, findings=[found(*pair) for pair in pairs], settled=settled)
    here = [row.activity for row in rows]
    silent = {(rule, row) for rule, row in pairs if rule in ("P2", "P3", "P4", "P5") and row in settled}
    assert sorted(here) == sorted({row for _, row in {*pairs} - silent if row <= ROWS})
    assert all(row.reasons for row in rows)
    places = [ORDER.index(row.reasons[0].rule) for row in rows]
    assert places == sorted(places)
