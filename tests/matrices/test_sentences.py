"""What the log says of each kind of change, in both notations."""

from datetime import date

import pytest

from raci.grid.levels import Level, Notation
from raci.matrices import departures
from raci.matrices.models import Change, HouseReference
from raci.matrices.operations import (
    archive,
    rename_matrix,
    set_aside,
    set_block,
    set_level,
    switch_rule,
    take_up,
)
from raci.matrices.sentences import Told, tell
from raci.matrices.store import read_grid
from raci.matrices.structure import (
    NewActivity,
    add_activities,
    add_role,
    add_stage,
    edit_activity,
    edit_role,
    merge_roles,
    move_activity,
    move_role,
    move_stage,
    name_person,
    remove_activity,
    remove_role,
    remove_stage,
    rename_stage,
    split_role,
    unname_person,
)
from raci.matrices.undo import redo, restore, undo
from tests.factories import make_matrix
from tests.matrices.reading import revision, roles_of, rows_of, stages_of, to

L, S, C, I = Level  # noqa: E741
LSCI, RACI = Notation


@pytest.fixture
def small(owner):
    """Two stages of two rows."""
    return make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)


@pytest.fixture
def cell(small, editor):
    def set_cell(row, role, level):
        ids = {"activity": rows_of(small)[row].pk, "role": roles_of(small)[role].pk}
        return set_level(**to(small, editor), **ids, level=level, seen=revision(small)).change

    return set_cell


@pytest.fixture
def edit(small, editor):
    row = rows_of(small)[0].pk

    def edit_first(**values):
        return edit_activity(**to(small, editor), activity=row, values=values, seen=revision(small)).change

    return edit_first


def both(change, **options):
    """The headlines in Lead-Support and in RACI; one where they are the same."""
    lsci, raci = (tell(change, notation, **options).headline for notation in Notation)
    return lsci if lsci == raci else (lsci, raci)


# --- levels


@pytest.mark.parametrize(
    ("row", "role", "level", "lsci", "raci"),
    [
        (0, 2, S, "Role 3 now supports “Activity 1”.", "Role 3 is now responsible for “Activity 1”."),
        (0, 2, C, "Role 3 now contributes to “Activity 1”.", "Role 3 is now consulted on “Activity 1”."),
        (
            0,
            1,
            C,
            "Role 2 now contributes to “Activity 1”, was Support.",
            "Role 2 is now consulted on “Activity 1”, was Responsible.",
        ),
        (
            0,
            1,
            L,
            "Role 2 now leads “Activity 1”; Role 1 moved to Support.",
            "Role 2 is now accountable for “Activity 1”; Role 1 moved to Responsible.",
        ),
        (
            0,
            0,
            None,
            "Nobody now leads “Activity 1”; Role 1 is no longer involved.",
            "Nobody is now accountable for “Activity 1”; Role 1 is no longer involved.",
        ),
    ],
)
def test_a_cell(cell, row, role, level, lsci, raci):
    assert both(cell(row, role, level)) == (lsci, raci)


def test_a_cell_that_reads_alike_in_both_notations(cell):
    assert both(cell(0, 2, I)) == "Role 3 is now informed of “Activity 1”."
    assert both(cell(0, 2, None)) == "Role 3 is no longer involved in “Activity 1”, was Informed."


def test_a_block_of_many_rows_counts_its_cells_and_tells_each_row_below(small, editor):
    rows, roles = [row.pk for row in rows_of(small)], [roles_of(small)[1].pk]
    done, _ = set_block(**to(small, editor), activities=rows, roles=roles, levels=[[C]] * 4, seen=[1] * 4)
    told = tell(done.change)
    assert told.headline == "4 cells in 4 activities changed."
    assert told.details[2] == "Role 2 now contributes to “Activity 3”."
    assert len(told.details) == 4
    assert tell(done.change, only=rows[2]) == Told("Role 2 now contributes to “Activity 3”.")


# --- activities


def test_the_texts_of_an_activity(edit):
    assert both(edit(name="New")) == "“Activity 1” is now called “New”."
    assert both(edit(description="Why")) == "The description of “New” changed."
    assert both(edit(notes="Mind")) == "The notes of “New” changed."
    assert both(edit(notes="")) == "The notes of “New” went."


def test_who_delivers(small, edit):
    assert both(edit(deliverer_id=roles_of(small)[1].pk)) == "Role 2 now delivers “Activity 1”."
    assert both(edit(deliverer_id=None)) == (
        "The Lead now delivers “Activity 1” itself.",
        "The accountable role now delivers “Activity 1” itself.",
    )


def test_the_stage_of_an_activity(small, edit):
    assert both(edit(stage_id=stages_of(small)[1].pk)) == "“Activity 1” moved to Stage 2."
    assert both(edit(stage_id=None)) == "“Activity 1” stands without a stage."


def test_who_is_named(small, editor):
    row, role = rows_of(small)[0].pk, roles_of(small)[0].pk
    mei, review = ({"role": role, "name": "Mei", "task": task} for task in ("prices", "review"))

    def said(operation, person):
        return both(operation(**to(small, editor), activity=row, person=person).change)

    assert said(name_person, mei) == "Mei is named on “Activity 1”."
    assert said(name_person, review) == "What people do on “Activity 1” changed."
    assert said(unname_person, mei) == "What people do on “Activity 1” changed."
    assert said(unname_person, review) == "Mei is no longer named on “Activity 1”."


def test_two_things_at_once_stand_in_the_line(edit):
    assert both(edit(name="New", notes="Mind")) == "“Activity 1” is now called “New”. The notes of “New” changed."


def test_more_than_two_things_are_counted_and_told_below(small, edit):
    change = edit(name="New", description="Why", notes="Mind")
    details = (
        "“Activity 1” is now called “New”.",
        "The description of “New” changed.",
        "The notes of “New” changed.",
    )
    assert tell(change) == Told("3 changes to “New”.", details)
    assert tell(change, only=rows_of(small)[0].pk) == Told("3 changes to “New”.", details)


def test_rows_come_go_and_move(small, editor):
    mine, rows = to(small, editor), rows_of(small)
    one = add_activities(**mine, activities=[NewActivity("x")]).change
    assert both(one) == "“x” was added."
    three = add_activities(**mine, activities=[NewActivity(name) for name in "abc"], after=rows[0].pk).change
    assert tell(three) == Told("3 activities were added.", ("“a” was added.", "“b” was added.", "“c” was added."))
    assert both(remove_activity(**mine, activity=rows[1].pk).change) == "“Activity 2” was removed."
    down = move_activity(**mine, activity=rows[0].pk, stage=stages_of(small)[0].pk, before=None).change
    assert both(down) == both(down, only=rows[0].pk) == "“Activity 1” moved."
    assert both(undo(**mine).change) == "Undone. “Activity 1” moved."
    away = move_activity(**mine, activity=rows[0].pk, stage=stages_of(small)[1].pk, before=None).change
    assert both(away) == "“Activity 1” moved to Stage 2."


# --- roles and stages


def test_a_role_is_added_changed_and_moved(small, editor):
    mine, roles = to(small, editor), roles_of(small)
    assert both(add_role(**mine, values={"name": "Legal"}).change) == "The role Legal was added."

    def said(**values):
        return tell(edit_role(**mine, role=roles[0].pk, values=values, seen=revision(small)).change)

    assert said(name="Law") == Told("The role Role 1 is now called Law.")
    assert said(short="LW") == Told("Law is “LW” for short.")
    assert said(short="") == Told("Law has no short name now.")
    assert said(people=["Ann", "Bo"]) == Told("Law is filled by Ann, Bo.")
    assert said(people=[]) == Told("No name is typed for Law any more.")
    assert said(headcount=4) == Told("Law has 4 people.")
    assert said(headcount=1) == Told("Law has 1 person.")
    assert said(headcount=None) == Told("The headcount of Law is no longer stated.")
    told = said(short="LA", purpose="Contracts", headcount=2)
    assert (told.headline, len(told.details)) == ("3 changes to Law.", 3)
    assert both(move_role(**mine, role=roles[0].pk, before=None).change) == "The role Law moved."


def test_roles_are_merged_split_and_removed(small, owner):
    mine, roles = to(small, owner), roles_of(small)
    assert both(split_role(**mine, role=roles[0].pk, name="Half").change) == "Half was split off Role 1."
    assert (
        both(merge_roles(**mine, role=roles[1].pk, into=roles[2].pk, seen=2).change) == "Role 2 was merged into Role 3."
    )
    removed = remove_role(**mine, role=roles[0].pk, heir=roles[2].pk).change
    assert both(removed) == "Role 1 was removed; what it answered for went to Role 3."
    assert "The role Role 1 was removed." in tell(removed).details
    bare = remove_role(**mine, role=roles_of(small)[0].pk, heir=None, leaderless=True).change
    assert both(bare) == "Half was removed."


def test_stages(small, editor):
    mine, stages = to(small, editor), stages_of(small)
    assert both(add_stage(**mine, name="Late").change) == "The stage Late was added."
    assert both(rename_stage(**mine, stage=stages[0].pk, name="Early", seen=revision(small)).change) == (
        "The stage Stage 1 is now called Early."
    )
    assert both(move_stage(**mine, stage=stages[0].pk, before=None).change) == "The stage Early moved."
    removed = tell(remove_stage(**mine, stage=stages[1].pk, into=stages[0].pk).change)
    assert removed.headline == "The stage Stage 2 was removed."
    assert "“Activity 3” moved to Early." in removed.details


# --- the matrix


def test_the_matrix_itself(small, editor):
    mine = to(small, editor)
    created = Change.objects.get(matrix=small, revision=1)
    assert both(created) == "Created with 4 activities and 3 roles."
    assert tell(created, only=rows_of(small)[0].pk).headline == "“Activity 1” was added."
    assert both(rename_matrix(**mine, name="Core").change) == "The matrix “Small” is now called “Core”."
    assert both(archive(**mine, archived=True).change) == "The matrix was archived."
    assert both(archive(**mine, archived=False).change) == "The matrix was brought back."
    assert both(switch_rule(**mine, rule="R5", on=False).change) == "The check “All hands” is off now."
    assert both(switch_rule(**mine, rule="R5", on=True).change) == "The check “All hands” is on now."


def test_a_finding_is_set_aside_by_the_name_of_what_it_is_about(small, editor):
    mine = to(small, editor)
    aside = set_aside(**mine, finding="R11:1:", reason="It is fine.", about="“Activity 1”").change
    assert both(aside) == "“Full row” was set aside for “Activity 1”: It is fine."
    assert both(take_up(**mine, finding="R11:1:").change) == "“Full row” is shown again for “Activity 1”."
    assert both(undo(**mine).change) == "Undone. “Full row” was set aside for “Activity 1”: It is fine."
    whole = set_aside(**mine, finding="R15::", reason="It is fine").change
    assert both(whole) == "“Too long” was set aside: It is fine."


# --- the way back


def test_what_was_taken_back_and_done_again(small, editor, cell):
    cell(0, 2, S)
    assert both(undo(**to(small, editor)).change) == (
        "Undone. Role 3 is no longer involved in “Activity 1”, was Support.",
        "Undone. Role 3 is no longer involved in “Activity 1”, was Responsible.",
    )
    assert both(redo(**to(small, editor)).change) == (
        "Redone. Role 3 now supports “Activity 1”.",
        "Redone. Role 3 is now responsible for “Activity 1”.",
    )


def test_a_large_change_taken_back_is_counted(small, editor, edit):
    edit(name="New", description="Why", notes="Mind")
    change = undo(**to(small, editor)).change
    assert both(change) == "Undone. 3 changes to “Activity 1”."
    assert both(change, only=rows_of(small)[0].pk) == both(change)


def test_a_lead_that_goes_back_reads_as_what_holds_now(small, editor, cell):
    cell(0, 1, L)
    undone = tell(undo(**to(small, editor)).change).headline
    assert undone == "Undone. Role 1 now leads “Activity 1”; Role 2 moved to Support."


def test_going_back_to_a_revision(small, editor, cell):
    cell(0, 2, S)
    told = tell(restore(**to(small, editor), revision=1).change, RACI)
    assert told.headline == "Went back to revision 1."
    cell(0, 2, S)
    assert both(restore(**to(small, editor), revision=1, version=3).change) == "Went back to version 3."
    assert told.details == ("Role 3 is no longer involved in “Activity 1”, was Responsible.",)


def test_a_change_of_several_tables_is_counted(small):
    """None of the operations of today makes one without a headline of its own; imports will."""
    rows = [
        {"table": "stage", "id": 1, "name": "A", "before": None, "after": {"name": "A"}},
        {"table": "role", "id": 1, "name": "B", "before": None, "after": {"name": "B"}},
        {"table": "activity", "id": 1, "name": "C", "before": {"notes": ""}, "after": {"notes": "x"}},
    ]
    told = tell(Change(matrix=small, kind="import", edits=rows, names={}))
    assert told.headline == "3 changes."
    assert told.details == ("The stage A was added.", "The role B was added.", "The notes of “C” changed.")


@pytest.fixture
def decide(small, editor):
    """Takes, keeps or lets go of cells of the first row: what a reference has there stands in `theirs`."""

    def decided(operation, theirs, **more):
        roles = [role.pk for role in roles_of(small)]
        row = read_grid(small).activities[0].id
        ours = {role: read_grid(small).level(row, role) for role in roles[: len(theirs)]}
        there = {"theirs": dict(zip(roles, theirs, strict=False))} if operation is not departures.let_go else {}
        against = {} if operation is departures.take else {"against": "market"}
        values = {"activity": row, "ours": ours, "reference": "market-led", "seen": revision(small)}
        return operation(**to(small, editor), **values, **there, **against, **more).change

    return decided


def test_what_is_kept_says_why_and_until_when(decide):
    change = decide(departures.keep, [S, L], reason="Our wins hang on\nthree deals.", until=date(2090, 3, 12))
    assert tell(change) == Told(
        "“Activity 1” keeps Role 1 and Role 2 as they are until 12 Mar 2090, unlike market-led: "
        "Our wins hang on three deals."
    )


def test_what_is_let_go_is_to_be_decided_again(decide):
    decide(departures.keep, [S], reason="So it is", until=None)
    change = decide(departures.let_go, [S])
    assert tell(change) == Told("The level of Role 1 in “Activity 1” is to be decided again against market-led.")


def test_a_departure_that_goes_with_its_level_is_told_with_it(decide, cell):
    decide(departures.keep, [S], reason="So it is", until=None)
    assert tell(cell(0, 0, C)) == Told(
        "Nobody now leads “Activity 1”; Role 1 moved to Contribute. What was kept for Role 1 there went with it: So it is."
    )


def test_taking_the_reference_reads_like_any_move_of_the_lead(decide):
    change = decide(departures.take, [I, L])
    assert tell(change) == Told("Role 2 now leads “Activity 1”; Role 1 moved to Informed.")
    assert tell(change, RACI) == Told("Role 2 is now accountable for “Activity 1”; Role 1 moved to Informed.")


def test_following_another_reference_says_which(small, editor, matrix):
    change = departures.follow(**to(small, editor), culture="sales", house=None, moves={}, seen=1).change
    assert tell(change) == Told("The matrix follows the sales-led reference now.")
    change = undo(**to(small, editor)).change
    assert tell(change) == Told("Undone. The matrix follows no reference now.")
    house = HouseReference.objects.create(workspace=small.workspace, name="Our way", grid={})
    change = departures.follow(**to(small, editor), culture="sales", house=house.pk, moves={}, seen=3).change
    assert tell(change).headline == "The matrix follows “Our way” now."
    rows, roles = rows_of(small), roles_of(small)
    moves = {row.pk: ({roles[2].pk: None}, {roles[2].pk: I}) for row in (rows[0], rows[3])}
    change = departures.follow(**to(small, editor), culture=None, house=None, moves=moves, seen=4).change
    assert tell(change).headline == "The matrix follows no reference now; 2 activities changed with it."
    change = undo(**to(small, editor)).change
    assert tell(change).headline == "Undone. The matrix follows “Our way” now; 2 activities changed with it."
