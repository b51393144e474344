import pytest

from raci.grid.checks import findings
from raci.grid.rules import Severity
from tests.grid.builders import (
    grid_of,
)
from tests.grid.checking import fired, only


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
