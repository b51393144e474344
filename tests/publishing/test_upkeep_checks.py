"""The rules E1 to E6, each at its threshold and a day before it."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from raci.grid.levels import Level
from raci.grid.rules import RULES, Severity
from raci.matrices.models import Matrix, Role
from raci.matrices.operations import Sender, archive, set_level, switch_rule
from raci.matrices.store import read_grid
from raci.matrices.structure import edit_role, merge_roles, remove_role
from raci.publishing import upkeeping
from raci.publishing.models import Letter
from raci.publishing.signing import sign_version
from raci.publishing.upkeep_checks import upkeep_findings
from raci.publishing.versions import latest_of
from raci.screens.findings import check
from raci.web import days
from tests.factories import make_matrix
from tests.publishing.making import answers, publish

AGREED = datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.fixture
def agreed(owner) -> Matrix:
    with time_machine.travel(AGREED, tick=False):
        matrix = make_matrix(owner, "LS.", ".LI", "SL.", name="Launch")
        publish(matrix, owner)
    return matrix


def found(matrix, day, rule=None, thorough=True):
    """What E1 to E6 say so many days after it was published."""
    row = Matrix.objects.get(pk=matrix.pk)
    with time_machine.travel(AGREED + timedelta(days=day), tick=False):
        said = upkeep_findings(row, read_grid(row), today=days.today(), thorough=thorough)
    return [finding for finding in said if rule in (None, finding.rule)]


def do(day, operation, **values):
    with time_machine.travel(AGREED + timedelta(days=day), tick=False):
        return operation(**values)


def rename(matrix, by, day=1, name="Client Care"):
    row, role = Matrix.objects.get(pk=matrix.pk), Role.objects.filter(matrix=matrix)[0]
    do(day, edit_role, matrix=row.pk, sender=Sender(by), role=role.pk, values={"name": name}, seen=row.revision)


def change_level(matrix, by, day, level=Level.CONTRIBUTE):
    row, role = Matrix.objects.get(pk=matrix.pk), Role.objects.filter(matrix=matrix)[2]
    cell = {"activity": matrix.activities.first().pk, "role": role.pk, "level": level}
    do(day, set_level, matrix=row.pk, sender=Sender(by), **cell, seen=row.revision)


def test_what_was_never_published_is_not_looked_at(owner):
    assert found(make_matrix(owner, "L.", "SL"), 1_000) == []


def test_what_was_just_published_is_fine(agreed):
    assert found(agreed, 7) == []


def test_a_review_is_said_30_days_before_and_warned_of_afterwards(agreed):
    assert found(agreed, 334, "E1") == []
    (soon,) = found(agreed, 335, "E1")
    assert soon.severity is Severity.NOTE
    assert soon.text == "“Launch” was last agreed 10 months ago; its review is due on 12 Mar 2027."
    (late,) = found(agreed, 366, "E1")
    assert late.severity is Severity.WARN
    assert late.text == "“Launch” was last agreed 12 months ago; its review was due on 12 Mar 2027."
    assert soon.key == late.key == "E1:::2027-03-12"


def test_a_declared_change_is_a_review_due(agreed, owner):
    do(20, upkeeping.declare_changed, matrix=agreed.pk, why="Partners", by=owner)
    (due,) = found(agreed, 20, "E1")
    assert due.text == "“Launch” was last agreed 20 days ago, and strategy or culture changed on 1 Apr 2026."
    assert due.severity is Severity.WARN


def test_a_renamed_role_is_said_once_for_all_of_its_rows(agreed, owner):
    rename(agreed, owner)
    (renamed,) = found(agreed, 2, "E2")
    assert renamed.text == "Role 1 was renamed to Client Care since version 1: these 2 rows need confirming."
    rows = list(agreed.activities.values_list("pk", flat=True))
    assert renamed.rows == (rows[0], rows[2])
    assert renamed.key == f"E2:::{renamed.of}"


def test_a_confirmed_row_is_silent(agreed, owner):
    rename(agreed, owner)
    (renamed,) = found(agreed, 2, "E2")
    for left, row in zip((1, 0), renamed.rows, strict=True):
        seen = Matrix.objects.get(pk=agreed.pk).revision
        upkeeping.confirm(matrix=agreed.pk, by=owner, events=[renamed.of], seen=seen, activity=row)
        assert [finding.rows for finding in found(agreed, 2, "E2")] == [renamed.rows[-left:]] * left
    rename(agreed, owner, day=3, name="Care")
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    assert [len(finding.rows) for finding in found(agreed, 4, "E2")] == [3, 2]


def test_one_row_of_several_events_is_said_in_one_sentence(agreed, owner):
    do(1, upkeeping.declare_changed, matrix=agreed.pk, why="Partners", by=owner)
    rename(agreed, owner)
    row, waits = agreed.activities.first().pk, Matrix.objects.get(pk=agreed.pk)
    with time_machine.travel(AGREED + timedelta(days=2), tick=False):
        checked = check(waits, read_grid(waits))
    (finding,) = [each for each in checked.by_activity[row] if each.rule == "E2"]
    assert finding.text == (
        "Strategy or culture changed and Role 1 was renamed to Client Care since version 1, "
        "so this row needs confirming."
    )
    assert finding.of == ",".join(each.of for each in found(agreed, 2, "E2"))


@time_machine.travel(AGREED + timedelta(days=2), tick=False)
def test_many_events_on_many_rows_count_once_each(agreed, owner):
    waits = Matrix.objects.get(pk=agreed.pk)
    before = check(waits, read_grid(waits)).tally.warnings
    upkeeping.declare_changed(matrix=agreed.pk, why="Partners", by=owner)
    for column, name in enumerate(("Care", "Desk", "Field")):
        role, row = Role.objects.filter(matrix=agreed)[column], Matrix.objects.get(pk=agreed.pk)
        edit_role(matrix=row.pk, sender=Sender(owner), role=role.pk, values={"name": name}, seen=row.revision)
    waits = Matrix.objects.get(pk=agreed.pk)
    checked = check(waits, read_grid(waits))
    events = [finding for finding in checked.open if finding.rule == "E2"]
    assert [len(event.rows) for event in events] == [3, 2, 3]  # the third role leads and supports nothing
    assert checked.tally.warnings == before + len(events) + 1  # and the review is due


def test_an_event_that_was_set_aside_marks_no_row(agreed, owner):
    rename(agreed, owner)
    (renamed,), row = found(agreed, 2, "E2"), Matrix.objects.get(pk=agreed.pk)
    row.asides = {renamed.key: {"reason": "The same people", "about": ""}}
    checked = check(row, read_grid(row))
    assert [finding.key for finding, _ in checked.aside] == [renamed.key]
    assert not [each for about in checked.by_activity.values() for each in about if each.rule == "E2"]


def test_a_role_that_is_gone_is_heard_of(agreed, owner):
    first, second, _ = Role.objects.filter(matrix=agreed)
    do(1, remove_role, matrix=agreed.pk, sender=Sender(owner), role=first.pk, heir=second.pk)
    assert {finding.text for finding in found(agreed, 2, "E2")} == {
        "Role 1 was removed since version 1: these 2 rows need confirming."
    }


def test_a_merged_role_is_told_by_its_cause_where_that_is_asked_for(agreed, owner):
    first, second, _ = Role.objects.filter(matrix=agreed)
    seen = Matrix.objects.get(pk=agreed.pk).revision
    do(1, merge_roles, matrix=agreed.pk, sender=Sender(owner), role=first.pk, into=second.pk, seen=seen)
    row = Matrix.objects.get(pk=agreed.pk)
    grid = read_grid(row)
    said = [[each for each in check(row, grid, told=told).open if each.rule == "E2"] for told in (False, True)]
    (removed,), (merged,) = said
    assert removed.text.startswith("Role 1 was removed since version 1")
    assert merged.text.startswith("Role 1 was merged into Role 2 since version 1")
    assert removed.key == merged.key


def test_what_is_told_asks_only_where_a_role_is_gone_or_new(agreed, owner):
    def asks(told):
        row = Matrix.objects.get(pk=agreed.pk)
        grid = read_grid(row)
        with CaptureQueriesContext(connection) as asked:
            check(row, grid, told=told)
        return len(asked)

    asks(told=True)
    rename(agreed, owner)
    assert asks(told=True) == asks(told=False)
    first, second, _ = Role.objects.filter(matrix=agreed)
    do(1, remove_role, matrix=agreed.pk, sender=Sender(owner), role=first.pk, heir=second.pk)
    assert asks(told=True) == asks(told=False) + 1


def test_the_first_version_is_looked_back_on_between_one_and_two_months(agreed, owner):
    assert [bool(found(agreed, day, "E3")) for day in (29, 30, 60, 61)] == [False, True, True, False]
    do(40, upkeeping.look_back, matrix=agreed.pk, by=owner)
    assert found(agreed, 41, "E3") == []


def test_only_the_first_version_is_a_trial(agreed, owner):
    do(1, publish, matrix=agreed, member=owner)
    assert found(agreed, 35, "E3") == []


def test_changes_that_wait_over_30_days_are_counted(agreed, owner):
    change_level(agreed, owner, 5)
    assert found(agreed, 35, "E4") == []
    (late,) = found(agreed, 36, "E4")
    assert late.text == "1 change waits since 17 Mar 2026; people still read version 1."
    assert late.severity is Severity.NOTE


def test_what_was_changed_back_does_not_wait(agreed, owner):
    change_level(agreed, owner, 5)
    change_level(agreed, owner, 6, None)
    assert found(agreed, 100, "E4") == []


def test_a_version_of_which_nobody_was_told_is_warned_of_after_a_week(agreed):
    assert found(agreed, 7, "E5") == []
    (untold,) = found(agreed, 8, "E5")
    assert untold.text == "Version 1 was published 8 days ago, but nobody was told."
    Letter.objects.create(version=latest_of(Matrix.objects.get(pk=agreed.pk)), told_at=AGREED)
    assert found(agreed, 8, "E5") == []


def test_a_letter_that_is_only_written_told_nobody(agreed):
    Letter.objects.create(version=latest_of(Matrix.objects.get(pk=agreed.pk)), text="Not yet sent.")
    assert found(agreed, 8, "E5")


def test_leads_that_have_not_signed_are_named_after_two_weeks(agreed, owner):
    role = do(1, answers, matrix=agreed, member=owner)
    assert found(agreed, 14, "E6") == []
    (unsigned,) = found(agreed, 15, "E6")
    assert unsigned.text == "Role 1 and Role 2 have not signed their rows in version 1."
    version = latest_of(Matrix.objects.get(pk=agreed.pk))
    sign_version(matrix=agreed.pk, role=role.pk, digest=version.digest, by=owner)
    (unsigned,) = found(agreed, 15, "E6")
    assert unsigned.text == "Role 2 has not signed its rows in version 1."


def test_what_asks_for_more_is_asked_only_where_it_is_read(agreed, owner):
    change_level(agreed, owner, 5)
    assert {finding.rule for finding in found(agreed, 100)} >= {"E4", "E6"}
    assert not {finding.rule for finding in found(agreed, 100, thorough=False)} & {"E4", "E6"}


def test_an_archived_matrix_is_left_in_peace(agreed, owner):
    archive(matrix=agreed.pk, sender=Sender(owner), archived=True)
    assert found(agreed, 1_000) == []


@pytest.mark.parametrize("rule", ["E1", "E2", "E3", "E4", "E5", "E6"])
def test_each_rule_can_be_switched_off_and_what_it_says_set_aside(agreed, owner, rule):
    assert RULES[rule].waivable
    rename(agreed, owner)
    upkeeping.set_interval(matrix=agreed.pk, months=1, by=owner)
    (first, *_) = found(agreed, 45, rule)
    row = Matrix.objects.get(pk=agreed.pk)
    row.asides = {first.key: {"reason": "Fine", "about": ""}}
    with time_machine.travel(AGREED + timedelta(days=45), tick=False):
        checked = check(row, read_grid(row), thorough=True)
    assert first in [finding for finding, _ in checked.aside]
    switch_rule(matrix=agreed.pk, sender=Sender(owner), rule=rule, on=False)
    assert found(agreed, 45, rule) == []
