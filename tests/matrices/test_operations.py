"""The one write path: levels, blocks, the matrix's own values, and every way it refuses."""

import threading
import time

import pytest
from django.db import connection, transaction
from django.http import Http404

from raci.matrices import work
from raci.matrices.conflicts import CellConflict
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import (
    OTHER_VALUES,
    Sender,
    archive,
    create_matrix,
    rename_matrix,
    set_aside,
    set_level,
    switch_rule,
    take_up,
)
from raci.matrices.structure import remove_activity
from raci.matrices.undo import restore
from raci.matrices.work import changes_since
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from raci.workspaces.models import Access, Member
from tests import invariants
from tests.factories import MemberFactory, make_grid, make_matrix
from tests.matrices.operating import C, I, L, S, set_cell
from tests.matrices.reading import letters, revision, roles_of, rows_of, to


@pytest.fixture
def small(owner):
    return make_matrix(owner, "LS.", ".LI")


@pytest.fixture(autouse=True)
def _invariants_hold(request, db):
    yield
    invariants.check()


# ---- Making a matrix


def test_a_matrix_made_from_a_reference_is_revision_1_of_its_log(matrix, owner):
    change = Change.objects.get(matrix=matrix)
    assert (matrix.revision, change.revision, change.kind, change.by) == (1, 1, "create", owner.user)
    assert matrix.culture_id == "market"
    assert all(row.revision == 1 for row in rows_of(matrix))


def test_a_matrix_needs_a_visible_name(owner):
    with pytest.raises(Refused, match="visible character"):
        create_matrix(sender=Sender(owner), name=" \u200b ", grid=make_grid("L"))
    assert not Matrix.objects.exists()


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_a_matrix_is_made_by_editors_and_owners_only(request, owner, who):
    with pytest.raises(Forbidden, match="look, not change"):
        create_matrix(sender=Sender(request.getfixturevalue(who)), name="Launch", grid=make_grid("L"))
    assert not Matrix.objects.exists()


def test_making_a_matrix_twice_with_one_key_makes_one(owner):
    first = create_matrix(sender=Sender(owner, "k"), name="Launch", grid=make_grid("L"))
    assert create_matrix(sender=Sender(owner, "k"), name="Launch", grid=make_grid("L")) == first
    assert Matrix.objects.count() == 1


def test_making_another_matrix_with_a_used_key_is_refused(owner):
    create_matrix(sender=Sender(owner, "k"), name="Launch", grid=make_grid("L"))
    with pytest.raises(Refused, match="other values"):
        create_matrix(sender=Sender(owner, "k"), name="Relaunch", grid=make_grid("L"))
    assert Matrix.objects.count() == 1


def test_a_key_of_one_workspace_tells_nothing_in_another(owner, stranger):
    both = MemberFactory(user=owner.user, workspace=stranger.workspace, access=Access.OWNER)
    create_matrix(sender=Sender(owner, "k"), name="Launch", grid=make_grid("L"))
    with pytest.raises(Refused, match="other values"):
        create_matrix(sender=Sender(both, "k"), name="Launch", grid=make_grid("L"))


# ---- One cell


def test_a_level_is_set_and_logged(small, editor):
    done = set_cell(small, editor, 0, 2, C)
    assert letters(small) == ["LSC", ".LI"]
    assert (done.change.revision, done.change.kind, done.change.by) == (2, "level", editor.user)
    activity, role = rows_of(small)[0], roles_of(small)[2]
    assert done.change.edits == [
        {
            "table": "activity",
            "id": activity.pk,
            "name": "Activity 1",
            "before": {"cells": {str(role.pk): None}},
            "after": {"cells": {str(role.pk): "C"}},
        }
    ]
    assert done.change.names["role"] == {str(role.pk): "Role 3"}
    assert (activity.revision, rows_of(small)[1].revision) == (2, 1)


def test_giving_the_lead_makes_the_former_lead_support(small, editor):
    set_cell(small, editor, 0, 2, L)
    assert letters(small) == ["SSL", ".LI"]


def test_the_supporting_role_can_take_the_lead(small, editor):
    set_cell(small, editor, 0, 1, L)
    assert letters(small) == ["SL.", ".LI"]


def test_a_lead_can_be_taken_away_on_purpose(small, editor):
    set_cell(small, editor, 0, 0, None)
    assert letters(small) == [".S.", ".LI"]


def test_setting_what_is_there_changes_nothing(small, editor):
    done = set_cell(small, editor, 0, 1, S)
    assert done.change is None
    assert revision(small) == 1


# ---- Refusals


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_those_who_may_only_look_are_refused(small, request, who):
    with pytest.raises(Forbidden, match="can look, not change"):
        set_cell(small, request.getfixturevalue(who), 0, 1, C)
    assert letters(small) == ["LS.", ".LI"]


@pytest.mark.parametrize("who", ["ex_member", "stranger"])
def test_for_those_outside_the_matrix_does_not_exist(small, request, who):
    with pytest.raises(Http404):
        set_cell(small, request.getfixturevalue(who), 0, 1, C)


@pytest.mark.parametrize("matrix", [0, -1, 987654, 2**63, 2**70])
def test_a_matrix_that_does_not_exist_is_not_found(owner, editor, matrix):
    with pytest.raises(Http404):
        set_level(matrix=matrix, sender=Sender(editor), activity=1, role=1, level=C, seen=0)


def test_access_is_asked_again_at_every_change(small, editor):
    Member.objects.filter(pk=editor.pk).update(access=Access.VIEWER)
    assert editor.access == Access.EDITOR  # what an open page still believes
    with pytest.raises(Forbidden):
        set_cell(small, editor, 0, 1, C)


def test_an_archived_matrix_is_not_changed(small, owner, editor):
    archive(**to(small, owner), archived=True)
    with pytest.raises(Refused, match="Bring it back") as refusal:
        set_cell(small, editor, 0, 1, C)
    assert refusal.value.status == 409
    archive(**to(small, owner), archived=False)
    set_cell(small, editor, 0, 1, C)
    assert letters(small)[0] == "LC."


def _refusal_of_role(matrix, member, role):
    with pytest.raises(Refused) as refusal:
        set_level(**to(matrix, member), activity=rows_of(matrix)[0].pk, role=role, level=C, seen=1)
    return refusal.value


def test_a_role_of_another_matrix_or_tenant_or_none_gets_one_and_the_same_refusal(small, owner, foreign_matrix):
    other = make_matrix(owner, "L")
    refusals = [
        _refusal_of_role(small, owner, role)
        for role in (roles_of(other)[0].pk, roles_of(foreign_matrix)[0].pk, 987654, 0, -1, 2**70)
    ]
    assert {(refusal.status, refusal.kind, refusal.sentence) for refusal in refusals} == {
        (422, "validation", "That role is not in this matrix. Somebody may have removed it; reload the page.")
    }
    assert letters(small) == ["LS.", ".LI"]


def test_an_activity_of_another_matrix_or_tenant_or_none_gets_one_and_the_same_refusal(small, owner, foreign_matrix):
    other, role = make_matrix(owner, "L"), roles_of(small)[0].pk
    sentences = set()
    for activity in (rows_of(other)[0].pk, rows_of(foreign_matrix)[0].pk, 987654, 0, -1, 2**70):
        with pytest.raises(Refused) as refusal:
            set_level(**to(small, owner), activity=activity, role=role, level=C, seen=1)
        assert refusal.value.status == 422
        sentences.add(refusal.value.sentence)
    assert sentences == {"That activity is not in this matrix. Somebody may have removed it; reload the page."}


@pytest.mark.parametrize("seen", [-1, 2, 10**9, 2**63])
def test_a_revision_that_cannot_have_been_seen_is_malformed(small, editor, seen):
    with pytest.raises(Malformed) as refusal:
        set_cell(small, editor, 0, 1, C, seen=seen)
    assert refusal.value.status == 400
    assert letters(small) == ["LS.", ".LI"]


# ---- The matrix's own values


def test_a_matrix_is_renamed(small, editor):
    rename_matrix(**to(small, editor), name="  Relaunch ")
    small.refresh_from_db()
    assert (small.name, small.revision) == ("Relaunch", 2)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "visible character"),
        ("   ", "visible character"),
        ("\u200b\u200d", "visible character"),
        ("x" * 201, "201 characters; 200 fit"),
        ("a\0b", "control character"),
        ("a\nb", "control character"),
        ("a\rb", "control character"),
        ("a\x1b[31mb", "control character"),
        ("a\u2028b", "control character"),
        ("a\ud800b", "control character"),
    ],
)
def test_a_bad_name_is_refused_with_a_sentence(small, editor, name, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        rename_matrix(**to(small, editor), name=name)
    assert (refusal.value.status, refusal.value.kind) == (422, "validation")
    assert revision(small) == 1


@pytest.mark.parametrize(
    "name",
    ["x" * 200, "a\u202eb", "<img src=x onerror=alert(1)>", 'a","role":"owner', '=HYPERLINK("http://x","y")', "𝔏"],
)
def test_an_odd_name_is_kept_as_it_is(small, editor, name):
    rename_matrix(**to(small, editor), name=name)
    small.refresh_from_db()
    assert small.name == name


def test_archiving_and_bringing_back_are_in_the_log(small, owner):
    archive(**to(small, owner), archived=True)
    assert Matrix.objects.archived().get() == small
    archive(**to(small, owner), archived=False)
    assert Matrix.objects.live().get() == small
    assert [change.kind for change in changes_since(small.pk, 1)] == ["unarchive", "archive"]


def test_archiving_twice_is_one_change(small, owner):
    archive(**to(small, owner), archived=True)
    assert archive(**to(small, owner), archived=True).change is None


def test_a_finding_is_set_aside_with_a_reason_and_taken_up_again(small, editor):
    set_aside(**to(small, editor), finding="overload:7", reason="Temporary")
    small.refresh_from_db()
    assert small.asides == {"overload:7": {"reason": "Temporary", "about": ""}}
    take_up(**to(small, editor), finding="overload:7")
    small.refresh_from_db()
    assert small.asides == {}


def test_two_findings_set_aside_do_not_replace_each_other(small, owner, editor):
    set_aside(**to(small, editor), finding="a", reason="One")
    set_aside(**to(small, owner), finding="b", reason="Two")
    small.refresh_from_db()
    assert set(small.asides) == {"a", "b"}


def test_setting_aside_needs_a_reason(small, editor):
    with pytest.raises(Refused, match="reason"):
        set_aside(**to(small, editor), finding="a", reason=" ")


@pytest.mark.parametrize("finding", ["a\0b", "a\ud800b", "", "x" * 201])
def test_a_finding_with_an_impossible_key_is_refused_on_both_engines(small, editor, finding):
    with pytest.raises(Refused):
        set_aside(**to(small, editor), finding=finding, reason="Fine")
    with pytest.raises(Refused):
        switch_rule(**to(small, editor), rule=finding, on=False)


def test_a_rule_is_switched_off_and_on(small, editor):
    switch_rule(**to(small, editor), rule="no-lead", on=False)
    switch_rule(**to(small, editor), rule="a-rule", on=False)
    small.refresh_from_db()
    assert small.rules_off == ["a-rule", "no-lead"]
    switch_rule(**to(small, editor), rule="no-lead", on=True)
    small.refresh_from_db()
    assert small.rules_off == ["a-rule"]


# ---- The log


def test_changes_since_a_revision_come_newest_first(small, editor):
    set_cell(small, editor, 0, 1, C)
    set_cell(small, editor, 0, 2, C)
    assert [change.revision for change in changes_since(small.pk, 1)] == [3, 2]
    assert changes_since(small.pk, 3) == []


def test_the_log_of_a_deleted_user_stays_without_a_name(small, editor, owner):
    set_cell(small, editor, 0, 1, C, seen=1)
    editor.user.delete()
    assert Change.objects.get(matrix=small, revision=2).by is None
    with pytest.raises(Conflict, match="Somebody"):
        set_cell(small, owner, 0, 1, I, seen=1)


def test_a_change_of_one_cell_locks_first_and_takes_few_statements(small, editor, django_assert_max_num_queries):
    row, role = rows_of(small)[0].pk, roles_of(small)[2].pk
    with django_assert_max_num_queries(13) as captured:
        set_level(**to(small, editor, "key"), activity=row, role=role, level=C, seen=1)
    statements = [query["sql"] for query in captured if not query["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert "UPDATE matrices_matrix" in statements[0]
    assert not any(statement.startswith(("INSERT", "UPDATE", "DELETE")) for statement in statements[:4])


def test_limits_are_those_of_the_contract():
    assert (work.MAX_ACTIVITIES, work.MAX_ROLES, work.MAX_CELLS) == (1_000, 100, 30_000)


# ---- What a review found


def test_a_row_that_went_and_came_back_since_is_a_conflict(small, owner, editor):
    set_cell(small, owner, 0, 0, None)
    set_cell(small, owner, 0, 0, L)
    remove_activity(**to(small, owner), activity=rows_of(small)[0].pk)
    restore(**to(small, owner), revision=2)
    with pytest.raises(CellConflict):
        set_cell(small, editor, 0, 2, L, seen=3)


@pytest.mark.parametrize("finding", ["R1:1:", "R2:1:", "R3:1:"])
def test_what_publishing_insists_on_is_neither_set_aside_nor_turned_off(small, editor, finding):
    with pytest.raises(Refused, match="publishing insists"):
        set_aside(**to(small, editor), finding=finding, reason="Fine")
    with pytest.raises(Refused, match="publishing insists"):
        switch_rule(**to(small, editor), rule=finding[:2], on=False)


def test_a_matrix_that_somebody_else_renamed_is_not_renamed_unseen(small, owner, editor):
    rename_matrix(**to(small, owner), name="Theirs", seen=1)
    with pytest.raises(Conflict, match=r"Olive Owner changed the name .* now “Theirs”; you wrote “Mine”"):
        rename_matrix(**to(small, editor), name="Mine", seen=1)
    rename_matrix(**to(small, editor), name="Mine", seen=2)


@pytest.mark.django_db(transaction=True)
def test_a_key_sent_to_two_matrices_at_once_is_used_for_one(small, owner, editor):
    """On PostgreSQL the second waits for the first to commit; on SQLite it waits to begin. Both then find the key."""
    other, results, begun = make_matrix(owner, "LS."), [], threading.Event()

    def second():
        begun.set()
        try:
            results.append(set_cell(other, editor, 0, 2, C, key="a-key"))
        except Refused as refused:
            results.append(refused.sentence)
        finally:
            connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        set_cell(small, editor, 0, 2, C, key="a-key")
        thread.start()
        begun.wait()
        time.sleep(0.3)
    thread.join()
    assert results == [OTHER_VALUES]
