import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.checks import Tally, findings, row_findings, tally
from raci.grid.departures import Reference
from raci.grid.rules import RULES, Severity
from tests.grid.builders import (
    TODAY,
    grid_of,
    grids,
    references,
    with_names,
)
from tests.grid.checking import MEASURED, every_rule, fired, only, rows

# ---- the references


@pytest.mark.parametrize("culture", references())
def test_no_error_and_no_warning_fires_on_a_reference(culture):
    assert [x for x in findings(references()[culture]) if x.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("culture", references())
def test_no_error_and_no_warning_fires_on_a_reference_row_alone(culture):
    grid = references()[culture]
    for activity in grid.activities:
        assert [x for x in row_findings(grid, activity.id) if x.severity is not Severity.NOTE] == []


def test_the_references_are_54_rows_and_12_columns():
    house = references().values()
    assert (sum(len(grid.activities) for grid in house), sum(len(grid.roles) for grid in house)) == (54, 12)


# ---- the whole grid


@pytest.mark.parametrize(("size", "roles", "fires"), [(40, 12, False), (41, 12, True), (40, 13, True)])
def test_a_matrix_is_too_long_above_40_activities_or_12_roles(size, roles, fires):
    grid = rows(size, "LSCI".ljust(roles, "-"))
    assert ("R15" in fired(grid)) is fires


def test_a_matrix_too_long_both_ways_is_told_once_and_belongs_to_no_row():
    finding = only(rows(41, "LSCI".ljust(13, "-")), "R15")
    assert (finding.activity, finding.role, finding.key) == (None, None, "R15::")
    assert "41 activities and 13 roles" in finding.text


# ---- all of them


def test_every_rule_of_the_table_can_fire_on_a_grid_but_those_of_versions_and_of_what_people_say():
    beside = {rule for rule in RULES if rule.startswith(("E", "P"))} | {"C7"}
    assert set().union(*(fired(grid, **MEASURED) for grid in every_rule())) == set(RULES) - beside


def test_the_table_names_each_rule_in_words():
    assert [rule for rule in RULES if rule.startswith("R")] == [f"R{at}" for at in range(1, 16)]
    assert [rule for rule in RULES if rule.startswith("C")] == [f"C{at}" for at in range(1, 9)]
    assert [rule for rule in RULES if rule.startswith("P")] == [f"P{at}" for at in range(1, 7)]
    assert [rule for rule in RULES if rule.startswith("D")] == ["D1", "D2"]
    assert [rule for rule in RULES if rule.startswith("E")] == [f"E{at}" for at in range(1, 7)]
    assert all(rule.name and rule.about.endswith(".") for rule in RULES.values())
    assert [rule.id for rule in RULES.values() if not rule.waivable] == ["R1", "R2", "R3"]


def test_errors_come_first_then_warnings_then_notes_each_in_the_order_of_the_grid():
    found = findings(grid_of("LC-", "LS-", "---", "SC-"))
    assert [(x.rule, x.activity) for x in found if x.activity] == [
        ("R3", 3),
        ("R1", 4),
        ("R9", 2),
        ("R10", 1),
    ]
    assert [x.severity for x in found] == sorted((x.severity for x in found), key=list(Severity).index)


def test_a_row_finding_has_the_key_of_its_rule_and_row():
    assert only(grid_of("LI-"), "R4").key == "R4:1:"


def test_a_column_finding_has_the_key_of_its_rule_and_role():
    assert only(grid_of("LSI-"), "C5").key == "C5::104"


def test_the_tally_counts_by_severity():
    grid = grid_of("---", "LI-", "LC-", "LCS")
    assert tally(x for x in findings(grid) if x.activity) == Tally(errors=1, warnings=1, notes=1)
    assert tally(()) == Tally()


def test_asking_for_a_row_that_is_not_there_is_a_key_error():
    with pytest.raises(KeyError):
        row_findings(grid_of("LSC"), 99)


def test_renaming_a_row_is_seen_at_once():
    grid = grid_of(("Launch", "LSC"), ("Pricing", "LSC"))
    assert row_findings(grid, 2) == ()
    assert [x.rule for x in row_findings(with_names(grid, "Pricing"), 2)] == ["R14"]


@given(grids(max_rows=10, max_roles=8), grids())
def test_the_findings_of_a_row_alone_are_those_of_the_row_among_all(grid, theirs):
    measured = {"reference": Reference("market", "market-led", theirs), "today": TODAY}
    everything = findings(grid, **measured)
    for activity in grid.activities:
        assert row_findings(grid, activity.id, **measured) == tuple(x for x in everything if x.activity == activity.id)


@given(grids(max_rows=10, max_roles=8), grids(), st.sets(st.sampled_from(sorted(RULES))))
def test_a_rule_switched_off_is_silent_and_changes_no_other(grid, theirs, off):
    measured = {"reference": Reference("market", "market-led", theirs), "today": TODAY}
    assert findings(grid, off=off, **measured) == tuple(x for x in findings(grid, **measured) if x.rule not in off)


@given(grids(max_rows=10, max_roles=8), grids())
def test_every_finding_is_a_sentence_with_a_step_and_a_key_of_its_own(grid, theirs):
    found = findings(grid, reference=Reference("market", "market-led", theirs), today=TODAY)
    assert len({x.key for x in found}) == len(found)
    names = {x.id: x.name for x in grid.activities} | {("role", x.id): x.name for x in grid.roles}
    for x in found:
        assert x.severity is RULES[x.rule].severity
        assert x.text.endswith(".")
        assert x.step.endswith(".")
        assert x.activity is None or names[x.activity] in x.text
        assert x.role is None or names[("role", x.role)] in x.text
