"""Rows, stages and columns: added, changed, moved, removed; roles merged and split."""

import pytest
from django.http import Http404

from raci.grid.levels import Level
from raci.matrices import work
from raci.matrices.models import Activity, Change, Role
from raci.matrices.operations import Sender, archive, create_matrix, set_level
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
    remove_activity,
    remove_role,
    remove_stage,
    rename_stage,
    split_role,
)
from raci.web.refusals import Forbidden, Refused
from tests import invariants
from tests.factories import make_grid, make_matrix
from tests.matrices.reading import letters, names, revision, roles_of, rows_of, stages_of, to
from tests.matrices.structuring import NEW_ROLE, _peopled


@pytest.fixture
def small(owner):
    """Two stages of two activities, three roles."""
    return make_matrix(owner, "LS.", ".LI", "C.L", "L..", stages=2)


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


# ---- Stages


def test_a_stage_is_added_renamed_and_moved(small, editor):
    add_stage(**to(small, editor), name="Retire")
    first, _, third = stages_of(small)
    rename_stage(**to(small, editor), stage=third.pk, name="Phase out", seen=revision(small))
    move_stage(**to(small, editor), stage=third.pk, before=first.pk)
    assert names(stages_of(small)) == ["Phase out", "Stage 1", "Stage 2"]


@pytest.mark.parametrize("into", [True, False])
def test_the_activities_of_a_removed_stage_stay(small, editor, into):
    first, second = stages_of(small)
    remove_stage(**to(small, editor), stage=first.pk, into=second.pk if into else None)
    assert [row.stage_id for row in rows_of(small)] == [second.pk if into else None] * 2 + [second.pk] * 2


def test_a_stage_cannot_go_into_itself(small, editor):
    stage = stages_of(small)[0].pk
    with pytest.raises(Refused, match="another stage"):
        remove_stage(**to(small, editor), stage=stage, into=stage)


def _each_operation(matrix, sender, *, ids_of=None):
    """Every operation of this module with values that would change something; ids may come from another matrix."""
    source = ids_of or matrix
    rows, roles, stages = rows_of(source), roles_of(source), stages_of(source)
    to_it = {"matrix": matrix.pk, "sender": sender}
    a, r, s = rows[0].pk, roles[0].pk, stages[0].pk
    return {
        "add_activities": lambda: add_activities(**to_it, activities=[NewActivity("New")]),
        "edit_activity": lambda: edit_activity(**to_it, activity=a, values={"name": "x"}, seen=revision(matrix)),
        "move_activity": lambda: move_activity(**to_it, activity=a, stage=None, before=None),
        "remove_activity": lambda: remove_activity(**to_it, activity=a),
        "add_stage": lambda: add_stage(**to_it, name="New"),
        "rename_stage": lambda: rename_stage(**to_it, stage=s, name="x", seen=1),
        "move_stage": lambda: move_stage(**to_it, stage=s, before=None),
        "remove_stage": lambda: remove_stage(**to_it, stage=s, into=None),
        "add_role": lambda: add_role(**to_it, values=NEW_ROLE),
        "edit_role": lambda: edit_role(**to_it, role=r, values={"name": "x"}, seen=revision(matrix)),
        "move_role": lambda: move_role(**to_it, role=r, before=None),
        "remove_role": lambda: remove_role(**to_it, role=r, heir=roles[1].pk),
        "merge_roles": lambda: merge_roles(**to_it, role=r, into=roles[1].pk, seen=1),
        "split_role": lambda: split_role(**to_it, role=r, name="New"),
    }


OPERATIONS = [
    "add_activities",
    "edit_activity",
    "move_activity",
    "remove_activity",
    "add_stage",
    "rename_stage",
    "move_stage",
    "remove_stage",
    "add_role",
    "edit_role",
    "move_role",
    "remove_role",
    "merge_roles",
    "split_role",
]


# ---- What holds for each operation


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_one_change_by_its_sender(small, editor, name):
    change = _each_operation(small, Sender(editor))[name]().change
    assert (change.revision, change.by, revision(small)) == (2, editor.user, 2)
    assert Change.objects.filter(matrix=small).count() == 2


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_refuses_viewers_strangers_and_archived_matrices(small, owner, viewer, stranger, name):
    with pytest.raises(Forbidden):
        _each_operation(small, Sender(viewer))[name]()
    with pytest.raises(Http404):
        _each_operation(small, Sender(stranger))[name]()
    archive(**to(small, owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        _each_operation(small, Sender(owner))[name]()
    assert revision(small) == 2


@pytest.mark.parametrize("name", OPERATIONS)
def test_each_operation_is_applied_once_for_one_key(small, editor, name):
    act = _each_operation(small, Sender(editor, "k"))[name]
    first, again = act(), act()
    assert (again.replayed, again.change) == (True, first.change)
    assert revision(small) == 2


@pytest.mark.parametrize("name", [name for name in OPERATIONS if not name.startswith("add_")])
def test_each_operation_refuses_rows_of_another_tenant(owner, small, foreign_matrix, name):
    act = _each_operation(small, Sender(owner), ids_of=foreign_matrix)[name]
    with pytest.raises(Refused, match="is not in this matrix") as refusal:
        act()
    assert refusal.value.status == 422
    assert (revision(small), revision(foreign_matrix)) == (1, 1)


# ---- Limits


def test_one_activity_more_than_the_limit_is_refused(owner, monkeypatch):
    matrix = make_matrix(owner, "L", "L")
    monkeypatch.setattr(work, "MAX_ACTIVITIES", 3)
    add_activities(**to(matrix, owner), activities=[NewActivity("x")])
    with pytest.raises(Refused, match="up to 3 activities") as refusal:
        add_activities(**to(matrix, owner), activities=[NewActivity("y")])
    assert refusal.value.status == 422
    assert Activity.objects.filter(matrix=matrix).count() == 3


def test_one_role_more_than_the_limit_is_refused(owner, monkeypatch):
    matrix = make_matrix(owner, "L", "L")
    monkeypatch.setattr(work, "MAX_ROLES", 2)
    add_role(**to(matrix, owner), values=NEW_ROLE)
    with pytest.raises(Refused, match="up to 2 roles"):
        add_role(**to(matrix, owner), values=NEW_ROLE)
    with pytest.raises(Refused, match="up to 2 roles"):
        split_role(**to(matrix, owner), role=roles_of(matrix)[0].pk, name="x")
    assert Role.objects.filter(matrix=matrix).count() == 2


def test_one_cell_more_than_the_limit_is_refused(owner, monkeypatch):
    matrix = make_matrix(owner, "LS", "LS")
    monkeypatch.setattr(work, "MAX_CELLS", 6)
    add_role(**to(matrix, owner), values=NEW_ROLE)
    with pytest.raises(Refused, match="up to 6 cells; this would make 9"):
        add_activities(**to(matrix, owner), activities=[NewActivity("x")])


def test_a_grid_past_the_limit_makes_no_matrix(owner, monkeypatch):
    monkeypatch.setattr(work, "MAX_ACTIVITIES", 2)
    with pytest.raises(Refused, match="up to 2 activities"):
        create_matrix(sender=Sender(owner), name="Large", grid=make_grid("L", "L", "L"))
    assert not owner.workspace.matrices.exists()


def test_merged_headcounts_stay_within_what_both_engines_hold(owner):
    matrix = _peopled(owner)
    product, sales = roles_of(matrix)
    edit_role(**to(matrix, owner), role=sales.pk, values={"headcount": 1_000_000}, seen=1)
    edit_role(**to(matrix, owner), role=product.pk, values={"headcount": 1_000_000}, seen=1)
    merge_roles(**to(matrix, owner), role=sales.pk, into=product.pk, seen=3)
    product.refresh_from_db()
    assert product.headcount == 2_000_000


def test_a_level_can_be_set_in_a_role_that_was_just_added(small, editor):
    add_role(**to(small, editor), values=NEW_ROLE)
    set_level(**to(small, editor), activity=rows_of(small)[0].pk, role=roles_of(small)[-1].pk, level=Level.LEAD, seen=2)
    assert letters(small)[0] == "SS.L"
