"""Undo, redo, taking one change back from the history, restore; each refused with a reason where it would lose work."""

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices import store
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import archive, rename_matrix, set_aside, set_block, set_level, switch_rule, take_up
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
    remove_activity,
    remove_role,
    remove_stage,
    split_role,
)
from raci.matrices.undo import redo, restore, stack, state_at, take_back, undo
from raci.web.refusals import Conflict, Forbidden, Refused
from tests import invariants
from tests.factories import make_matrix
from tests.matrices.reading import letters, names, revision, roles_of, rows_of, stages_of, to

L, S, C, I = Level.LEAD, Level.SUPPORT, Level.CONTRIBUTE, Level.INFORMED  # noqa: E741


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


def _set(matrix, member, row, column, level):
    return set_level(
        **to(matrix, member),
        activity=rows_of(matrix)[row].pk,
        role=roles_of(matrix)[column].pk,
        level=level,
        seen=revision(matrix),
    ).change


def _reloaded(matrix):
    """The matrix as the next request finds it: nothing of undo lives in a session or a page."""
    return Matrix.objects.get(pk=matrix.pk)


# --- Undo and redo


def test_undo_takes_back_my_latest_change_and_is_itself_a_change(small, editor):
    _set(small, editor, 0, 2, L)
    done = undo(**to(small, editor))
    assert letters(small)[0] == "LS."
    assert (done.change.kind, done.change.revision, done.change.undoes.revision) == ("undo", 3, 2)


def test_redo_does_it_again(small, editor):
    _set(small, editor, 0, 2, L)
    undo(**to(small, editor))
    assert redo(**to(small, editor)).change.kind == "redo"
    assert letters(small)[0] == "SSL"


def test_a_chain_of_undos_and_redos_walks_back_and_forth(small, editor):
    seen = [letters(small)]
    for column, level in ((1, C), (2, I), (1, I), (2, L)):
        _set(small, editor, 0, column, level)
        seen.append(letters(small))
    for expected in reversed(seen[:-1]):
        undo(**to(_reloaded(small), editor))
        assert letters(small) == expected
    for expected in seen[1:]:
        redo(**to(_reloaded(small), editor))
        assert letters(small) == expected
    for expected in reversed(seen[:-1]):
        undo(**to(_reloaded(small), editor))
        assert letters(small) == expected


def test_undo_then_redo_then_undo_alternate(small, editor):
    _set(small, editor, 0, 1, C)
    for _ in range(3):
        undo(**to(small, editor))
        assert letters(small)[0] == "LS."
        redo(**to(small, editor))
        assert letters(small)[0] == "LC."


def test_a_new_change_ends_redo(small, editor):
    _set(small, editor, 0, 1, C)
    undo(**to(small, editor))
    _set(small, editor, 1, 0, C)
    assert stack(_reloaded(small), editor.user_id).redo is None
    with pytest.raises(Refused, match="nothing to redo"):
        redo(**to(small, editor))


def test_redo_after_a_partial_undo_and_a_new_change_does_not_return(small, editor):
    _set(small, editor, 0, 1, C)
    _set(small, editor, 1, 0, C)
    undo(**to(small, editor))
    _set(small, editor, 2, 1, I)
    undo(**to(small, editor))
    undo(**to(small, editor))
    assert letters(small) == ["LS.", ".LI", "C.L", "L.."]


def test_undo_takes_back_my_own_change_past_those_of_others(small, owner, editor):
    _set(small, editor, 0, 1, C)
    _set(small, owner, 1, 0, C)
    undo(**to(small, editor))
    assert letters(small)[:2] == ["LS.", "CLI"]


def test_undo_keeps_what_somebody_else_did_in_the_same_row(small, owner, editor):
    _set(small, editor, 0, 1, C)
    _set(small, owner, 0, 2, I)
    undo(**to(small, editor))
    assert letters(small)[0] == "LSI"


def test_undo_is_refused_where_a_later_change_stands_on_it(small, owner, editor):
    _set(small, editor, 0, 1, C)
    _set(small, owner, 0, 1, I)
    with pytest.raises(Conflict, match="Olive Owner has changed “Activity 1” since") as refusal:
        undo(**to(small, editor))
    assert refusal.value.status == 409
    assert letters(small)[0] == "LI."


def test_undo_passes_over_what_others_have_built_on(small, owner, editor):
    _set(small, editor, 1, 0, C)
    _set(small, editor, 0, 1, C)
    _set(small, owner, 0, 1, I)
    undo(**to(small, editor))
    assert letters(small)[:2] == ["LI.", ".LI"]
    with pytest.raises(Conflict, match="Olive Owner has changed “Activity 1” since"):
        undo(**to(small, editor))
    redo(**to(small, editor))
    assert letters(small)[:2] == ["LI.", "CLI"]


def test_an_undo_tries_few_changes(small, owner, editor, django_assert_max_num_queries):
    rows, roles = [row.pk for row in rows_of(small)], [role.pk for role in roles_of(small)]
    for level in (C, I, S, C, I, S, C, I, S, C, I, S):
        _set(small, editor, 0, 1, level)
    _set(small, owner, 0, 1, None)
    with django_assert_max_num_queries(40), pytest.raises(Conflict):
        undo(**to(small, editor))
    set_block(**to(small, editor), activities=rows, roles=roles, levels=[[C, C, C]] * 4, seen=[revision(small)] * 4)
    with django_assert_max_num_queries(20):
        undo(**to(small, editor))


def test_there_is_nothing_to_undo_for_who_has_done_nothing(small, editor):
    with pytest.raises(Refused, match="nothing of yours to undo") as refusal:
        undo(**to(small, editor))
    assert (refusal.value.kind, refusal.value.status) == ("nothing", 409)


def test_making_the_matrix_is_not_undone(small, owner):
    with pytest.raises(Refused, match="nothing of yours"):
        undo(**to(small, owner))
    with pytest.raises(Refused, match="can't be taken back"):
        take_back(**to(small, owner), revision=1)


def test_archiving_is_not_undone_by_the_way(small, owner):
    _set(small, owner, 0, 1, C)
    archive(**to(small, owner), archived=True)
    archive(**to(small, owner), archived=False)
    undo(**to(small, owner))
    assert letters(small)[0] == "LS."


def test_undo_waits_while_the_matrix_is_archived(small, owner):
    _set(small, owner, 0, 1, C)
    archive(**to(small, owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        undo(**to(small, owner))


def test_undo_is_for_editors_of_this_workspace(small, editor, viewer, stranger):
    _set(small, editor, 0, 1, C)
    with pytest.raises(Forbidden):
        take_back(**to(small, viewer), revision=2)
    with pytest.raises((Refused, Http404)):
        take_back(**to(small, stranger), revision=2)
    with pytest.raises((Refused, Http404)):
        restore(**to(small, stranger), revision=1)


def test_an_editor_who_was_demoted_takes_nothing_back(small, editor):
    _set(small, editor, 0, 1, C)
    editor.access = "viewer"
    editor.save()
    with pytest.raises(Forbidden):
        undo(**to(small, editor))


# --- The same submission again


def test_an_undo_sent_twice_undoes_once(small, editor):
    _set(small, editor, 0, 1, C)
    _set(small, editor, 1, 0, C)
    first = undo(**to(small, editor, "k"))
    again = undo(**to(small, editor, "k"))
    assert (again.replayed, again.change) == (True, first.change)
    assert letters(small)[:2] == ["LC.", ".LI"]


def test_a_key_of_something_else_is_refused_by_undo(small, editor):
    set_level(**to(small, editor, "k"), activity=rows_of(small)[0].pk, role=roles_of(small)[1].pk, level=C, seen=1)
    with pytest.raises(Refused, match="other values"):
        undo(**to(small, editor, "k"))
    assert letters(small)[0] == "LC."


# --- Each kind of change can be taken back


def _kinds(matrix, member):
    rows, roles, stages = rows_of(matrix), roles_of(matrix), stages_of(matrix)
    to_it = to(matrix, member)
    person = {"role": roles[1].pk, "name": "Ann", "task": "decides"}
    values = {"name": "x", "stage_id": stages[1].pk, "deliverer_id": roles[1].pk, "people": [person]}
    return {
        "rename": lambda: rename_matrix(**to_it, name="Other"),
        "aside": lambda: set_aside(**to_it, finding="f", reason="Fine"),
        "rule": lambda: switch_rule(**to_it, rule="r", on=False),
        "block": lambda: set_block(
            **to_it,
            activities=[row.pk for row in rows],
            roles=[role.pk for role in roles],
            levels=[[I, C, L]] * 4,
            seen=[1] * 4,
        )[0],
        "activity_add": lambda: add_activities(**to_it, activities=[NewActivity("x", lead="role-1"), NewActivity("y")]),
        "activity": lambda: edit_activity(**to_it, activity=rows[0].pk, values=values, seen=1),
        "move": lambda: move_activity(**to_it, activity=rows[0].pk, stage=stages[1].pk, before=rows[3].pk),
        "activity_remove": lambda: remove_activity(**to_it, activity=rows[1].pk),
        "stage_add": lambda: add_stage(**to_it, name="x"),
        "stage_remove": lambda: remove_stage(**to_it, stage=stages[0].pk, into=stages[1].pk),
        "role_add": lambda: add_role(**to_it, values={"name": "x"}),
        "role": lambda: edit_role(**to_it, role=roles[0].pk, values={"name": "x", "headcount": 3}, seen=1),
        "role_move": lambda: move_role(**to_it, role=roles[0].pk, before=None),
        "role_remove": lambda: remove_role(**to_it, role=roles[0].pk, heir=roles[1].pk),
        "role_merge": lambda: merge_roles(**to_it, role=roles[0].pk, into=roles[1].pk, seen=1),
        "role_split": lambda: split_role(**to_it, role=roles[0].pk, name="x"),
    }


KINDS = [
    "rename",
    "aside",
    "rule",
    "block",
    "activity_add",
    "activity",
    "move",
    "activity_remove",
    "stage_add",
    "stage_remove",
    "role_add",
    "role",
    "role_move",
    "role_remove",
    "role_merge",
    "role_split",
]


@pytest.mark.parametrize("kind", KINDS)
def test_undo_leaves_everything_as_it_was_and_redo_as_it_became(small, owner, kind):
    before = store.read_state(small.pk)
    assert _kinds(small, owner)[kind]().change.revision == 2
    after = store.read_state(small.pk)
    assert after != before
    undo(**to(small, owner))
    assert store.read_state(small.pk) == before
    redo(**to(small, owner))
    assert store.read_state(small.pk) == after
    undo(**to(small, owner))
    assert store.read_state(small.pk) == before


@pytest.mark.parametrize("kind", KINDS)
def test_restore_leaves_everything_as_it_was_and_its_undo_as_it_became(small, owner, editor, kind):
    before = store.read_state(small.pk)
    _kinds(small, owner)[kind]()
    after = store.read_state(small.pk)
    assert restore(**to(small, editor), revision=1).change.kind == "restore"
    assert store.read_state(small.pk) == before
    undo(**to(small, editor))
    assert store.read_state(small.pk) == after


@pytest.mark.parametrize("kind", KINDS)
def test_the_state_at_an_earlier_revision_can_be_looked_at(small, owner, kind):
    before = store.read_state(small.pk)
    _kinds(small, owner)[kind]()
    assert state_at(_reloaded(small), 1) == before
    assert state_at(_reloaded(small), 2) == store.read_state(small.pk)


def test_a_finding_taken_up_again_can_be_set_aside_by_undo(small, owner):
    set_aside(**to(small, owner), finding="f", reason="Fine")
    take_up(**to(small, owner), finding="f")
    undo(**to(small, owner))
    assert list(_reloaded(small).asides) == ["f"]


# --- What stands on a change


def test_the_adding_of_a_role_is_not_taken_back_after_it_was_given_levels(small, owner, editor):
    add_role(**to(small, editor), values={"name": "New"})
    _set(small, owner, 0, 3, C)
    with pytest.raises(Conflict, match="“Activity 1” has come to depend on it"):
        undo(**to(small, editor))
    assert letters(small)[0] == "LS.C"


@pytest.mark.parametrize("how", ["deliverer", "people"])
def test_the_adding_of_a_role_is_not_taken_back_after_it_was_named_in_a_row(small, owner, editor, how):
    add_role(**to(small, editor), values={"name": "New"})
    role, row = roles_of(small)[-1].pk, rows_of(small)[0].pk
    values = {"deliverer_id": role} if how == "deliverer" else {"people": [{"role": role, "name": "A", "task": ""}]}
    edit_activity(**to(small, owner), activity=row, values=values, seen=2)
    with pytest.raises(Conflict, match="depend on it"):
        undo(**to(small, editor))


def test_the_adding_of_a_stage_is_not_taken_back_after_a_row_moved_into_it(small, owner, editor):
    add_stage(**to(small, editor), name="New")
    move_activity(**to(small, owner), activity=rows_of(small)[0].pk, stage=stages_of(small)[-1].pk, before=None)
    with pytest.raises(Conflict, match="depend on it"):
        undo(**to(small, editor))


def test_the_adding_of_a_row_is_not_taken_back_after_somebody_filled_it(small, owner, editor):
    add_activities(**to(small, editor), activities=[NewActivity("New")])
    _set(small, owner, 4, 0, L)
    with pytest.raises(Conflict, match="Olive Owner has changed “New” since"):
        undo(**to(small, editor))


def test_a_removed_row_does_not_come_back_with_a_role_that_is_gone(small, owner, editor):
    remove_activity(**to(small, editor), activity=rows_of(small)[0].pk)
    remove_role(**to(small, owner), role=roles_of(small)[1].pk, heir=roles_of(small)[0].pk)
    with pytest.raises(Conflict, match="“Activity 1” needs a role or a stage that has been removed since"):
        undo(**to(small, editor))
    undo(**to(small, owner))
    undo(**to(small, editor))
    assert letters(small)[0] == "LS."


def test_a_removed_level_does_not_come_back_in_a_role_that_is_gone(small, owner, editor):
    _set(small, editor, 0, 1, None)
    remove_role(**to(small, owner), role=roles_of(small)[1].pk, heir=roles_of(small)[0].pk)
    with pytest.raises(Conflict, match="needs a role"):
        undo(**to(small, editor))


def test_a_row_does_not_move_back_into_a_stage_that_is_gone(small, owner, editor):
    first, second = stages_of(small)
    for row in rows_of(small)[:2]:
        move_activity(**to(small, editor), activity=row.pk, stage=second.pk, before=None)
    remove_stage(**to(small, owner), stage=first.pk, into=None)
    with pytest.raises(Conflict, match="needs a role or a stage"):
        undo(**to(small, editor))


def test_a_deliverer_does_not_come_back_in_a_role_that_is_gone(small, owner, editor):
    row, role = rows_of(small)[0].pk, roles_of(small)[1].pk
    edit_activity(**to(small, editor), activity=row, values={"deliverer_id": role}, seen=1)
    edit_activity(**to(small, editor), activity=row, values={"deliverer_id": None}, seen=2)
    remove_role(**to(small, owner), role=role, heir=roles_of(small)[0].pk)
    with pytest.raises(Conflict, match="needs a role"):
        undo(**to(small, editor))


def test_a_lead_is_not_given_back_beside_a_new_one(small, owner, editor):
    """The editor takes the Lead from role 1; the owner then gives it to role 3: two Leads must not meet."""
    _set(small, editor, 0, 0, None)
    _set(small, owner, 0, 2, L)
    with pytest.raises(Conflict, match="“Activity 1” went to another role since") as refusal:
        undo(**to(small, editor))
    assert refusal.value.status == 409
    assert letters(small)[0] == ".SL"


def test_a_removed_role_comes_back_with_its_levels_and_leads(small, owner):
    before, roles = letters(small), names(roles_of(small))
    remove_role(**to(small, owner), role=roles_of(small)[0].pk, heir=roles_of(small)[2].pk)
    undo(**to(small, owner))
    assert (letters(small), names(roles_of(small))) == (before, roles)


def test_a_removed_role_comes_back_beside_roles_that_were_added_since(small, owner, editor):
    remove_role(**to(small, editor), role=roles_of(small)[1].pk, heir=roles_of(small)[0].pk)
    add_role(**to(small, owner), values={"name": "New"})
    undo(**to(small, editor))
    assert sorted(names(roles_of(small))) == ["New", "Role 1", "Role 2", "Role 3"]


# --- From the history


def test_an_editor_takes_back_somebody_elses_change_from_the_history(small, owner, editor):
    _set(small, owner, 0, 1, C)
    _set(small, owner, 1, 0, C)
    done = take_back(**to(small, editor), revision=2)
    assert letters(small)[:2] == ["LS.", "CLI"]
    assert (done.change.by, done.change.undoes.revision) == (editor.user, 2)


def test_a_change_is_not_taken_back_twice(small, owner, editor):
    _set(small, owner, 0, 1, C)
    take_back(**to(small, editor), revision=2)
    with pytest.raises(Conflict, match=r"^You have changed “Activity 1” since"):
        take_back(**to(small, editor), revision=2)


@pytest.mark.parametrize("at", [0, -1, 99, 2**63, 2**70])
def test_a_revision_that_is_not_there_is_refused(small, owner, at):
    with pytest.raises(Refused, match="no such change"):
        take_back(**to(small, owner), revision=at)
    with pytest.raises(Refused, match="no such revision"):
        restore(**to(small, owner), revision=at)


def test_a_restore_can_go_back_past_another_restore(small, owner):
    states = {1: store.read_state(small.pk)}
    for kind in ("block", "activity_remove", "role_split"):
        _kinds(small, owner)[kind]()
        states[revision(small)] = store.read_state(small.pk)
    for at in (2, 4, 1, 3):
        restore(**to(small, owner), revision=at)
        assert store.read_state(small.pk) == states[at]


def test_restoring_what_is_changes_nothing(small, owner):
    assert restore(**to(small, owner), revision=1).change is None


def test_a_restore_keeps_an_archived_matrix_archived_or_not(small, owner):
    archive(**to(small, owner), archived=True)
    archive(**to(small, owner), archived=False)
    _set(small, owner, 0, 1, C)
    restore(**to(small, owner), revision=2)
    assert not _reloaded(small).is_archived
    assert letters(small)[0] == "LS."


def test_the_log_is_only_ever_added_to(small, owner, editor):
    _set(small, editor, 0, 1, C)
    before = list(Change.objects.filter(matrix=small).order_by("revision").values())
    undo(**to(small, editor))
    redo(**to(small, editor))
    restore(**to(small, owner), revision=1)
    assert list(Change.objects.filter(matrix=small).order_by("revision").values())[: len(before)] == before
