from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.checks import findings, row_findings
from raci.grid.rules import Severity
from tests.grid.builders import (
    grid_of,
)
from tests.grid.checking import FOUR, fired, only

# ---- rows: each rule at its threshold and just under


@pytest.mark.parametrize(
    ("rule", "fires", "silent"),
    [
        ("R1", "SCI-", "LCI-"),
        ("R2", "LLCI", "LSCI"),
        ("R3", "----", "I---"),
        ("R4", "LI-", "LC-"),
        ("R4", "LI-", "LI"),  # of two roles, one may well lead alone
        ("R5", "LSSS", "LSSC"),
        ("R5", "LSSS", "LSS"),
        ("R6", "LSSSS-I", "LSSSC-I"),
        ("R6", "LSSSS-I", "LSSSS"),  # of five roles, R5 says it
        ("R6", "LSSSS--I", "LSSSC--I"),  # half of eight is four
        ("R6", "LSSSSSC--", "LSSSSC---"),  # half of nine is five
        ("R7", "LCCCC-", "LCCCS-"),
        ("R7", "LCCCCC---", "LCCCC----"),
        ("R7", "LCCCC-", "LCCCC"),
        ("R8", "LSIIII", "LSCIII"),
        ("R8", "LSIIII", "LSIII"),
        ("R9", "LS-", "LSI"),
        ("R9", "LS-", "LS"),
        ("R10", "LC-", "LCS"),
        ("R10", "LC-", "-C-"),  # with no Lead, R1 says it
        ("R11", "LSSCCI", "LSSCC-"),
        ("R11", "LSSCCI", "LSSCI"),
    ],
)
def test_a_row_rule_fires_at_its_threshold_and_not_under_it(rule, fires, silent):
    assert rule in fired(grid_of(fires))
    assert rule not in fired(grid_of(silent))


def test_a_blank_row_gives_r3_only():
    for roles in (1, 4, 8):
        found = row_findings(grid_of("-" * roles, deliverers={1: 101}), 1)
        assert [finding.rule for finding in found] == ["R3"]


@pytest.mark.parametrize(("letters", "fires"), [("LSC-", False), ("SLC-", False), ("CLS-", True), ("ILS-", True)])
def test_a_deliverer_must_lead_or_support(letters, fires):
    assert ("R12" in fired(grid_of(letters, deliverers={1: 101}))) is fires


def test_a_deliverer_that_is_not_on_the_row_is_named_in_its_cell():
    finding = only(grid_of("LSC-", roles=FOUR, deliverers={1: 104}), "R12")
    assert (finding.activity, finding.role, finding.key) == (1, 104, "R12:1:104")
    assert finding.text == "Sales is named as delivering Task 1 but is not on it, so the row says two things."


def test_a_deliverer_that_is_no_role_of_the_grid_is_left_alone():
    assert "R12" not in fired(grid_of("LSC-", deliverers={1: 999}))


def with_origin(grid, role, origin, **other):
    """The grid with one role of another origin."""
    changed = (replace(each, origin=origin, **other) if each.id == role else each for each in grid.roles)
    return replace(grid, roles=tuple(changed))


@pytest.mark.parametrize(("origin", "name"), [("", "Sales"), ("", " SALES "), ("sales", "Field")])
def test_sales_is_known_by_its_origin_or_where_it_has_none_by_its_name(origin, name):
    assert "R13" in fired(with_origin(grid_of("CSIL", roles=FOUR, culture="sales"), 104, origin, name=name))


def test_sales_leading_with_one_in_support_is_asked_who_delivers():
    finding = only(grid_of("CSIL", roles=FOUR, culture="sales"), "R13")
    assert (finding.severity, finding.role) == (Severity.NOTE, 102)
    assert "Product Marketing" in finding.text


@pytest.mark.parametrize(
    "grid",
    [
        grid_of("CSIL", roles=FOUR, culture="market"),
        grid_of("CLIS", roles=FOUR, culture="sales"),
        grid_of("SSIL", roles=FOUR, culture="sales"),
        grid_of("CCIL", roles=FOUR, culture="sales"),
        grid_of("CSIL", roles=FOUR, culture="sales", deliverers={1: 102}),
        grid_of("CSIL", culture="sales"),  # a role called otherwise, of no origin
        with_origin(grid_of("CSIL", roles=FOUR, culture="sales"), 104, "field"),  # called so, and another
    ],
)
def test_a_formal_lead_is_asked_about_only_where_all_of_it_holds(grid):
    assert "R13" not in fired(grid)


# ---- twins


@pytest.mark.parametrize(
    ("one", "other", "twins"),
    [
        ("Win/Loss Analysis", "win loss  analysis", True),
        ("Product launch", "Launch product", True),
        ("a b c d", "a b c d e", True),  # 4 of 5
        ("a b c d e f g", "a b c d e f h", False),  # 6 of 8
        ("a b c", "a b c d", False),  # 3 of 4
        ("Pricing", "Launch", False),
        ("🚀", "🚀", True),
        ("🚀", "🎉", False),
    ],
)
def test_activities_are_twins_when_four_of_five_words_are_shared(one, other, twins):
    assert ("R14" in fired(grid_of((one, "LSC"), (other, "LSC")))) is twins


def test_a_pair_of_twins_is_one_finding_on_the_later_row():
    finding = only(grid_of(("Launch", "LSC"), ("Pricing", "LSC"), ("launch", "LSC")), "R14")
    assert (finding.activity, finding.other, finding.key) == (3, 1, "R14:1+3:")
    assert finding.text == "launch looks like Launch, so the same work may be done twice."


def test_moving_a_twin_does_not_change_the_key_of_the_pair():
    grid = grid_of(("Launch", "LSC"), ("launch", "LSC"))
    turned = replace(grid, activities=grid.activities[::-1])
    assert only(turned, "R14").activity == 1
    assert only(turned, "R14").key == only(grid, "R14").key


def test_three_of_one_name_are_three_pairs():
    found = [x for x in findings(grid_of(*[("Launch", "LSC")] * 3)) if x.rule == "R14"]
    assert [(x.activity, x.other) for x in found] == [(2, 1), (3, 1), (3, 2)]


def test_a_thousand_rows_of_one_name_do_not_make_half_a_million_findings():
    grid = grid_of(*[("New activity", "LSC")] * 1_000)
    assert sum(x.rule == "R14" for x in findings(grid)) < 5_000


def test_a_blank_row_may_still_be_a_twin():
    found = row_findings(grid_of(("Launch", "LSC"), ("Launch", "---")), 2)
    assert [x.rule for x in found] == ["R3", "R14"]


@given(st.lists(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6).map(" ".join), max_size=12))
def test_the_index_finds_the_twins_that_comparing_every_pair_finds(names):
    grid = grid_of(*((name, "LSC") for name in names))
    words = [set(name.split()) for name in names]
    pairs = [
        (later, earlier)
        for later in range(len(names))
        for earlier in range(later)
        if 5 * len(words[later] & words[earlier]) >= 4 * len(words[later] | words[earlier])
    ]
    expected = [pair for at, pair in enumerate(pairs) if sum(p[0] == pair[0] for p in pairs[:at]) < 5]
    assert [(x.activity - 1, x.other - 1) for x in findings(grid) if x.rule == "R14"] == expected
