import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raci.grid.checks import Tally, findings, row_findings, tally
from raci.grid.departures import Reference, compare
from raci.grid.grid import Departure
from raci.grid.levels import Level, Notation
from raci.grid.rules import RULES, Severity, rules_in
from tests.grid.builders import (
    NAMES,
    TODAY,
    catalogue_references,
    grid_of,
    grids,
    keeping,
    references,
    with_names,
)

FOUR = ["Product Management", "Product Marketing", "Engineering", "Sales"]


def fired(grid, **options):
    return {finding.rule for finding in findings(grid, **options)}


def only(grid, rule):
    (finding,) = [finding for finding in findings(grid) if finding.rule == rule]
    return finding


def rows(count, *letters):
    """A grid of `count` unlike rows, the given letters repeating."""
    return grid_of(*((f"Task {at}", letters[at % len(letters)]) for at in range(count)))


# --- the references


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


# --- rows: each rule at its threshold and just under


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


# --- twins


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


# --- the whole grid


@pytest.mark.parametrize(("size", "roles", "fires"), [(40, 12, False), (41, 12, True), (40, 13, True)])
def test_a_matrix_is_too_long_above_40_activities_or_12_roles(size, roles, fires):
    grid = rows(size, "LSCI".ljust(roles, "-"))
    assert ("R15" in fired(grid)) is fires


def test_a_matrix_too_long_both_ways_is_told_once_and_belongs_to_no_row():
    finding = only(rows(41, "LSCI".ljust(13, "-")), "R15")
    assert (finding.activity, finding.role, finding.key) == (None, None, "R15::")
    assert "41 activities and 13 roles" in finding.text


# --- columns: each rule at its threshold and just under


def columns(first, *, size=20, width=3):
    """A grid whose first role has the given letters, then blanks; the second leads and supports where it does not."""
    mine = first.ljust(size, "-")
    return grid_of(*(f"{letter}{'S' if letter == 'L' else 'L'}".ljust(width, "I") for letter in mine))


def of_first_role(grid):
    return {finding.rule: finding for finding in findings(grid) if finding.role == 101}


def test_a_role_leads_too_much_above_55_in_100():
    assert "C1" not in fired(columns("L" * 11))  # 11 of 20 is 55 exactly
    assert only(columns("L" * 12), "C1").role == 101


def test_leading_too_much_needs_eight_activities_and_three_roles():
    assert "C1" in fired(columns("L" * 5, size=8))
    assert "C1" not in fired(columns("L" * 7, size=7))
    assert "C1" not in fired(columns("L" * 8, size=8, width=2))


def test_a_role_carries_too_much_above_nine_in_ten():
    assert "C2" not in of_first_role(columns("L" * 9 + "S" * 9))  # 18 of 20 is nine in ten exactly
    finding = of_first_role(columns("L" * 9 + "S" * 10))["C2"]
    assert finding.text.startswith("Role 1 leads or supports 19 of 20 activities")


def test_carrying_too_much_needs_eight_activities():
    assert "C2" in of_first_role(columns("LSSSSSSS", size=8))
    assert "C2" not in of_first_role(columns("LSSSSSS", size=7))


def test_a_role_on_every_row_is_noted_from_six_roles_and_eight_activities():
    assert "C3" in fired(grid_of(*["LSCI--"] * 8))
    assert "C3" not in fired(grid_of(*["LSCI-"] * 8))
    assert "C3" not in fired(grid_of(*["LSCI--"] * 7))
    assert "C3" not in fired(grid_of("LSCI--", "-LSCI-", "--LSCI", *["L---SI", "-L---S"] * 4))


@pytest.mark.parametrize(("letter", "fires"), [("C", True), ("I", True), ("S", False), ("L", False)])
def test_a_role_that_never_leads_or_supports_is_a_spectator(letter, fires):
    assert ("C4" in of_first_role(columns(letter))) is fires


def test_a_role_on_nothing_is_an_empty_column_and_not_a_spectator():
    found = {x.rule for x in findings(grid_of("LSI-", "SLC-")) if x.role == 104}
    assert found == {"C5"}
    assert "C5" not in {x.rule for x in findings(grid_of("LSI-", "SLCI")) if x.role == 104}


def test_a_matrix_without_rows_has_nothing_to_say_about_its_roles():
    assert findings(grid_of(roles=["Sales", "Legal"], headcounts=[0, None])) == ()


def test_a_lead_with_a_stated_headcount_of_nought_is_an_orphan():
    finding = only(grid_of("LSI", headcounts=[0, None, None]), "C6")
    assert (finding.severity, finding.role) == (Severity.ERROR, 101)
    assert "leads 1 activity and has 0 people" in finding.text
    assert "C6" not in fired(grid_of("LSI", headcounts=[None, None, None]))
    assert "C6" not in fired(grid_of("LSI", headcounts=[1, None, None]))
    assert "C6" not in fired(grid_of("SLI", headcounts=[0, None, None]))


def test_a_role_is_swamped_above_twice_its_share():
    # Half of the Leads and deliveries: 50 of 100 on a quarter of the people is twice exactly, on less it is more.
    even = ["LSI", "SLI"]
    assert "C8" not in fired(grid_of(*even, headcounts=[10, 20, 10]))
    finding = only(grid_of(*even, headcounts=[10, 20, 11]), "C8")
    assert (
        finding.text == "Role 1 is 10 of 41 people, leads 1 of 2 activities and delivers 1: more than twice its share."
    )


def test_being_swamped_is_asked_only_where_every_headcount_is_stated():
    assert "C8" in fired(grid_of("LSI", headcounts=[1, 20, 20]))
    assert "C8" not in fired(grid_of("LSI", headcounts=[1, 20, None]))
    assert "C8" not in fired(grid_of("LSI", headcounts=[0, 0, 0]))


def test_a_lead_without_people_is_an_orphan_and_not_swamped():
    assert {"C6", "C8"} & fired(grid_of("LSI", headcounts=[0, 20, 20])) == {"C6"}


def test_delivering_for_a_lead_counts_towards_being_swamped():
    led = grid_of("LSI", "LSI", headcounts=[30, 10, 10])
    delivered = grid_of("LSI", "LSI", headcounts=[30, 10, 10], deliverers={1: 102, 2: 102})
    assert "C8" not in fired(led)
    assert only(delivered, "C8").role == 102


# --- departures from a reference

YESTERDAY = date(2026, 11, 21)
REFERENCES = catalogue_references()
MARKET = REFERENCES["market"]


def against(*letters, roles=None):
    return Reference("market", "market-led", grid_of(*letters, roles=roles))


def departure(role, theirs, *, key="market", until=None):
    return Departure(role, key, theirs, "Agreed in spring.", until)


def of_departures(grid, reference=None, today=None):
    return [x for x in findings(grid, reference=reference, today=today) if x.rule in ("D1", "D2")]


def test_a_lead_unlike_the_reference_is_noted_once_for_its_activity():
    (finding,) = of_departures(grid_of("LSC"), against("SLC"))
    assert (finding.rule, finding.severity, finding.activity, finding.role) == ("D1", Severity.NOTE, 1, None)
    assert finding.text == "Role 1 leads Task 1, unlike market-led, where it is Role 2."
    assert (finding.step, finding.key) == ("Say why in a line, or use the reference.", "D1:1::market")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("LSC", "LSC"),
        ("LSC", "LCI"),  # the same Lead: what else differs is no matter of this rule
        ("SSC", "LSC"),  # nobody leads: R1 says it
        ("LLC", "SLC"),  # two lead: R2 says it
        ("LSC", "SSC"),  # the reference has nobody to compare
    ],
)
def test_no_lead_is_unlike_the_reference_unless_one_leads_here_and_another_there(ours, theirs):
    assert of_departures(grid_of(ours), against(theirs)) == []


def test_an_unlike_lead_with_a_reason_for_each_of_its_cells_is_silent():
    first, second = departure(101, Level.SUPPORT), departure(102, Level.LEAD)
    assert of_departures(keeping(grid_of("LSC"), 1, first, second), against("SLC")) == []
    assert len(of_departures(keeping(grid_of("LSC"), 1, first), against("SLC"))) == 1
    elsewhere = replace(second, against="sales")
    assert len(of_departures(keeping(grid_of("LSC"), 1, first, elsewhere), against("SLC"))) == 1


def test_a_lead_whose_role_only_one_side_has_is_unlike_and_explained_by_its_one_cell():
    ours, theirs = grid_of("LS", roles=["Sales", "Design"]), against("SL", roles=["Sales", "Legal"])
    (finding,) = of_departures(ours, theirs)
    assert finding.text == "Sales leads Task 1, unlike market-led, where it is Legal."
    assert of_departures(keeping(ours, 1, departure(101, Level.SUPPORT)), theirs) == []


def test_leads_that_no_cell_compares_are_not_noted():
    assert of_departures(grid_of("SL", roles=["Sales", "Design"]), against("SL", roles=["Sales", "Legal"])) == []


def test_without_a_reference_no_lead_is_unlike_it():
    assert of_departures(grid_of("LSC"), today=TODAY) == []


@pytest.mark.parametrize("culture", REFERENCES)
def test_no_lead_of_a_reference_is_unlike_it(culture):
    assert of_departures(REFERENCES[culture].grid, REFERENCES[culture], TODAY) == []


@given(grids(max_rows=10, max_roles=8), grids(max_rows=10, max_roles=8))
def test_leads_unlike_the_reference_are_the_unexplained_moves_of_a_comparison(ours, theirs):
    sound = {x: y for x, y in theirs.cells.items() if len(theirs.leads(x)) < 2}
    reference = Reference("market", "market-led", replace(theirs, cells=sound))
    compared = compare(ours, reference, TODAY)
    partner = dict(compared.diff.alignment.activities)
    assert [x.activity for x in of_departures(ours, reference)] == [
        x.activity
        for x in compared.differences
        if x.moves_lead
        and x.departure is None
        and len(ours.leads(x.activity)) == 1
        and reference.grid.leads(partner[x.activity])
    ]


@pytest.mark.parametrize(("until", "fires"), [(YESTERDAY, True), (TODAY, False), (None, False)])
def test_a_departure_is_to_be_decided_again_from_the_day_after_its_last(until, fires):
    grid = keeping(grid_of("LSC"), 1, departure(103, Level.INFORMED, until=until))
    assert [x.rule for x in of_departures(grid, today=TODAY)] == (["D2"] if fires else [])
    assert of_departures(grid) == []


def test_an_ended_departure_names_its_role_and_day():
    ended = departure(103, Level.INFORMED, until=date(2026, 3, 12))
    (finding,) = of_departures(keeping(grid_of("LSC"), 1, ended), today=TODAY)
    assert (finding.severity, finding.activity, finding.role) == (Severity.WARN, 1, 103)
    assert finding.text == "The departure for Role 3 on Task 1 ended on 12 Mar 2026 and is to be decided again."
    assert finding.step == "Keep it until a later day, or take the level that its reference has."
    assert finding.key == "D2:1:103:market:2026-03-12"


def test_a_move_of_the_lead_that_ended_is_told_once_for_each_reference():
    first = departure(101, Level.SUPPORT, until=YESTERDAY)
    both = (first, departure(102, Level.LEAD, until=YESTERDAY))
    other = replace(first, against="house-3")
    found = of_departures(keeping(grid_of("LSC"), 1, *both, other), today=TODAY)
    assert [x.key for x in found] == ["D2:1::market:2026-11-21", "D2:1::house-3:2026-11-21"]
    assert found[0].text.startswith("The departure for Role 1 and Role 2 on Task 1 ended on 21 Nov 2026")


def test_a_move_of_the_lead_has_ended_with_the_first_of_its_cells():
    both = departure(101, Level.SUPPORT), departure(102, Level.LEAD, until=YESTERDAY)
    grid = keeping(grid_of("LSC"), 1, *both)
    assert [x.rule for x in of_departures(grid, against("SLC"), TODAY)] == ["D2"]  # and not D1: the reason is known


def test_an_ended_departure_is_silent_once_the_row_has_gone_back():
    ended = departure(103, Level.INFORMED, until=YESTERDAY)
    assert of_departures(keeping(grid_of("LSI"), 1, ended), today=TODAY) == []
    assert of_departures(keeping(grid_of("LS"), 1, ended), today=TODAY) == []  # its role is gone


def test_a_departure_that_is_renewed_and_ends_again_is_not_the_finding_that_was_set_aside():
    keys = {
        x.key
        for until in (date(2026, 3, 12), date(2026, 6, 30))
        for x in of_departures(keeping(grid_of("LSC"), 1, departure(103, None, until=until)), today=TODAY)
    }
    assert len(keys) == 2


def test_sales_leads_of_the_sales_reference_are_formal_where_one_role_supports_and_none_delivers():
    grid = REFERENCES["sales"].grid
    found = [x for x in findings(grid, reference=REFERENCES["sales"], today=TODAY) if x.rule == "R13"]
    expected = [
        x.id
        for x in grid.activities
        if grid.level(x.id, 4) is Level.LEAD and list(grid.row(x.id)).count(Level.SUPPORT) == 1
    ]
    assert [x.activity for x in found] == expected
    assert expected
    first = expected[0]
    named = replace(
        grid, activities=tuple(replace(x, deliverer=found[0].role) if x.id == first else x for x in grid.activities)
    )
    assert [x.activity for x in findings(named) if x.rule == "R13"] == expected[1:]
    assert "R13" not in fired(REFERENCES["market"].grid)


# --- all of them


def every_rule():
    """Grids in which, together, every rule fires."""
    return (
        grid_of("SCI-", "LLCI", "----", "LI--", "LSSS", "LS--", "LC--", deliverers={1: 104}),
        grid_of("LSSSSI", "LCCCCI", "LSIIII"),
        grid_of("CSIL", ("Task 1", "CSIL"), roles=FOUR, culture="sales", headcounts=[9, 9, 9, 1]),
        rows(41, "LSCI-C"),
        keeping(grid_of("LSI-", headcounts=[0, None, None, None]), 1, departure(102, Level.INFORMED, until=YESTERDAY)),
    )


MEASURED = {"reference": against("----", "----", "----", "SL--"), "today": TODAY}


def test_every_rule_of_the_table_can_fire():
    assert set().union(*(fired(grid, **MEASURED) for grid in every_rule())) == set(RULES)


def test_the_table_names_each_rule_in_words():
    assert [rule for rule in RULES if rule.startswith("R")] == [f"R{at}" for at in range(1, 16)]
    assert [rule for rule in RULES if rule.startswith("C")] == ["C1", "C2", "C3", "C4", "C5", "C6", "C8"]
    assert [rule for rule in RULES if rule.startswith("D")] == ["D1", "D2"]
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


# --- in the words of RACI

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
