"""Publishing: what stands in the way, what a version keeps, and that it stands in the log like any change."""

from dataclasses import replace

import pytest
from django.http import Http404

from raci.grid.plain import from_plain, to_plain
from raci.matrices.models import Activity, Change, Matrix
from raci.matrices.operations import Sender, archive, create_matrix, rename_matrix
from raci.matrices.store import grid_of as grid_in
from raci.matrices.store import read_grid
from raci.matrices.structure import remove_activity
from raci.matrices.undo import redo, restore, state_at, undo
from raci.publishing import versions
from raci.publishing.models import Publication, Version
from raci.publishing.versions import MOVED_ON, digest_of, grid_of, grids_of, latest_of, obstacles, publication_of
from raci.web.refusals import Conflict, Forbidden, Refused
from raci.workspaces.models import Access, Member
from tests.factories import make_grid, make_matrix
from tests.invariants import check
from tests.matrices.operating import C, L, S, set_cell
from tests.matrices.reading import letters, revision, rows_of, to
from tests.publishing.making import answers, publish


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LSC", "SLC")


@pytest.fixture
def faulty(owner) -> Matrix:
    """A role that nobody fills leads in it: an error that may be named."""
    grid = make_grid("LS", "SL")
    first, second = grid.roles
    grid = replace(grid, roles=(replace(first, headcount=0), second))
    return create_matrix(sender=Sender(owner), name="Faulty", grid=grid)


def _nameable(matrix: Matrix) -> dict[str, str]:
    row = Matrix.objects.get(pk=matrix.pk)
    return {finding.key: "It is meant so." for finding in obstacles(row, read_grid(row)).nameable}


def test_a_version_keeps_what_stood_there_with_its_name_note_digest_and_who(small, editor):
    answers(small, editor, column=1)
    version = publish(small, editor, note="  Agreed in March.  ")
    grid = read_grid(small)
    assert (version.number, version.name, version.note) == (1, "Small", "Agreed in March.")
    assert (version.published_by, version.logged) == (editor.user, revision(small))
    assert from_plain(Version.objects.get().grid) == grid_of(version)
    assert to_plain(grid_of(version)) == to_plain(grid)
    assert version.digest == digest_of(grid)
    assert version.filled == [grid.roles[1].id]
    assert version.known == []
    assert Publication.objects.get(matrix=small).latest == version
    check()


def test_who_fills_a_role_by_their_account_is_not_kept(small, editor):
    answers(small, editor)
    version = publish(small, editor)
    assert str(editor.user) not in str(version.grid)
    assert all(not role.members and role.answers is None for role in grid_of(version).roles)


def test_numbers_follow_each_other_in_each_matrix(small, owner, editor):
    other = make_matrix(owner, "L")
    assert [publish(each, editor).number for each in (small, other, small, small)] == [1, 1, 2, 3]
    check()


def test_it_stands_in_the_log_as_a_change_that_changes_nothing(small, editor):
    before = letters(small)
    version = publish(small, editor)
    change = Change.objects.get(matrix=small, revision=version.logged)
    assert (change.kind, change.edits, change.by) == ("publish", [], editor.user)
    assert not change.can_be_undone
    assert letters(small) == before


@pytest.mark.parametrize("rows", [("LS", ".S"), ("LS", "..")])
def test_an_activity_without_a_lead_blocks_whatever_was_named(owner, rows):
    matrix = make_matrix(owner, *rows)
    row = Matrix.objects.get(pk=matrix.pk)
    blocking = {finding.key: "Known." for finding in obstacles(row, read_grid(row)).blocking}
    assert {key[:2] for key in blocking} <= {"R1", "R2", "R3"}
    with pytest.raises(Refused, match="1 activity has no Lead yet"):
        publish(matrix, owner, known={**blocking, **_nameable(matrix)})
    assert not Version.objects.exists()
    assert revision(matrix) == row.revision


def test_a_switched_off_or_set_aside_rule_blocks_all_the_same(owner):
    matrix = make_matrix(owner, "LS", ".S")
    Matrix.objects.filter(pk=matrix.pk).update(rules_off=["R1"], asides={"R1:1:": {"reason": "x", "about": ""}})
    with pytest.raises(Refused, match="no Lead yet"):
        publish(matrix, owner)


def test_a_matrix_without_activities_is_not_published(owner):
    with pytest.raises(Refused, match="nothing to publish yet"):
        publish(make_matrix(owner, roles=2), owner)


@pytest.fixture
def nameable(faulty):
    found = _nameable(faulty)
    assert {key.partition(":")[0] for key in found} == {"C6"}
    return found


def test_each_other_error_is_named_with_a_reason_by_an_owner(faulty, nameable, owner, editor):
    with pytest.raises(Refused, match="mended, or named with a reason"):
        publish(faulty, owner)
    with pytest.raises(Refused, match="mended, or named with a reason"):
        publish(faulty, owner, known=dict.fromkeys(nameable, "  "))
    with pytest.raises(Forbidden):
        publish(faulty, editor, known=nameable)
    assert not Version.objects.exists()
    version = publish(faulty, owner, known=nameable)
    assert {one["key"]: one["reason"] for one in version.known} == nameable
    assert all(one["text"] and one["rule"] == one["key"].partition(":")[0] for one in version.known)


def test_a_name_for_an_error_that_is_not_there_is_not_kept(small, editor):
    assert publish(small, editor, known={"R5:1:": "An invention."}).known == []


def test_a_reason_is_one_line(faulty, nameable, owner):
    with pytest.raises(Refused):
        publish(faulty, owner, known=dict.fromkeys(nameable, "x" * 300))
    assert not Version.objects.exists()


@pytest.mark.parametrize("note", ["x" * 4001, "a\x00b"])
def test_a_note_that_does_not_fit_is_refused(small, editor, note):
    with pytest.raises(Refused):
        publish(small, editor, note=note)
    assert not Version.objects.exists()


def test_what_was_looked_at_is_published_and_what_changed_since_is_not(small, owner, editor):
    seen, looked_at = revision(small), digest_of(read_grid(Matrix.objects.get(pk=small.pk)))
    set_cell(small, owner, 0, 2, None)
    rename_matrix(**to(small, owner), name="Later")
    version = publish(small, editor, seen=seen)
    assert (version.digest, version.name, version.revision) == (looked_at, small.name, seen)
    assert version.logged == revision(small) == seen + 3
    set_cell(small, owner, 1, 2, None)
    restore(**to(small, editor), revision=version.revision)
    assert digest_of(read_grid(Matrix.objects.get(pk=small.pk))) == version.digest
    check()


def test_who_looked_before_another_published_looks_again(small, owner, editor):
    seen = revision(small)
    publish(small, owner, seen=seen)
    with pytest.raises(Conflict) as refused:
        publish(small, editor, seen=seen)
    assert str(refused.value) == MOVED_ON
    assert Version.objects.count() == 1
    check()


def test_a_draft_that_lost_a_lead_since_is_no_obstacle_to_what_was_looked_at(small, owner, editor):
    seen = revision(small)
    set_cell(small, owner, 0, 0, None)
    assert publish(small, editor, seen=seen).number == 1
    with pytest.raises(Refused, match="no Lead yet"):
        publish(small, editor)
    check()


def test_a_submission_sent_again_gives_the_version_it_made(small, editor):
    seen = revision(small)
    first = publish(small, editor, "publish-once", seen=seen, note="One")
    again = publish(small, editor, "publish-once", seen=seen, note="One")
    assert (again.pk, Version.objects.count()) == (first.pk, 1)
    with pytest.raises(Refused, match="with other values"):
        publish(small, editor, "publish-once", seen=seen, note="Another")


def test_a_submission_sent_again_after_further_edits_still_gives_its_version(small, owner, editor):
    seen = revision(small)
    first = publish(small, editor, "publish-once", seen=seen)
    set_cell(small, owner, 0, 2, None)
    assert publish(small, editor, "publish-once", seen=seen) == first
    remove_activity(**to(small, owner), activity=rows_of(small)[1].pk)
    set_cell(small, owner, 0, 0, S)
    assert publish(small, editor, "publish-once", seen=seen) == first  # though it could not be published now
    check()


@pytest.mark.parametrize("access", [Access.REVIEWER, Access.VIEWER])
def test_who_may_not_edit_does_not_publish(small, editor, access):
    Member.objects.filter(pk=editor.pk).update(access=access)
    with pytest.raises(Forbidden):
        publish(small, editor)
    assert not Version.objects.exists()


def test_who_left_or_is_of_another_workspace_publishes_nothing(small, ex_member, stranger):
    for member in (ex_member, stranger):
        with pytest.raises(Http404):
            publish(small, member)
    assert not Version.objects.exists()


def test_an_archived_matrix_is_not_published(small, owner):
    archive(**to(small, owner), archived=True)
    with pytest.raises(Refused, match="archived"):
        publish(small, owner)


def test_undo_and_redo_pass_over_what_was_published(small, editor):
    set_cell(small, editor, 0, 2, None)
    publish(small, editor)
    undo(**to(small, editor))
    assert letters(small) == ["LSC", "SLC"]
    redo(**to(small, editor))
    assert letters(small) == ["LS.", "SLC"]
    assert Version.objects.get().number == 1
    check()


def test_going_back_to_the_revision_of_a_version_gives_its_grid_again(small, editor):
    version = publish(small, editor)
    rename_matrix(**to(small, editor), name="Later")
    set_cell(small, editor, 0, 1, L)
    set_cell(small, editor, 1, 2, None)
    restore(**to(small, editor), revision=version.revision)
    assert digest_of(read_grid(Matrix.objects.get(pk=small.pk))) == version.digest
    assert Matrix.objects.get(pk=small.pk).name == version.name
    check()


def test_a_row_that_was_removed_comes_back_as_the_row_it_was(small, editor):
    version = publish(small, editor)
    remove_activity(**to(small, editor), activity=rows_of(small)[0].pk)
    restore(**to(small, editor), revision=version.revision)
    assert digest_of(read_grid(Matrix.objects.get(pk=small.pk))) == version.digest
    assert Activity.objects.filter(matrix=small).count() == 2


def test_each_version_is_what_the_log_leads_to_at_its_revision(small, editor):
    made = [publish(small, editor)]
    for level in (S, C, None):
        set_cell(small, editor, 1, 2, level)
        made.append(publish(small, editor))
    for version in made:
        state = state_at(Matrix.objects.get(pk=small.pk), version.revision)
        assert digest_of(grid_in(state)) == version.digest
        assert state["matrix"][small.pk]["name"] == version.name


def test_a_new_version_asks_for_all_confirmations_anew(small, editor):
    publish(small, editor)
    Publication.objects.update(confirmed={"1": ["renamed:1:x"]})
    publish(small, editor)
    assert Publication.objects.get().confirmed == {}


def test_grids_are_read_once_in_a_process(small, owner, editor, django_assert_num_queries):
    made = [publish(small, editor), publish(make_matrix(owner, "L"), editor)]
    with django_assert_num_queries(1):
        found = grids_of(made)
    with django_assert_num_queries(0):
        assert grids_of(made) == found
        assert grid_of(made[0]) == found[made[0].pk]
        assert grids_of([]) == {}


def test_what_is_not_published_has_no_latest_version_and_one_publication_once(small):
    row = Matrix.objects.get(pk=small.pk)
    assert latest_of(row) is None
    assert publication_of(row) == publication_of(row)
    assert Publication.objects.count() == 1


def test_the_version_of_a_submission_does_not_carry_its_grid_along(small, editor):
    version = versions.publish(matrix=Matrix.objects.get(pk=small.pk), sender=Sender(editor), seen=revision(small))
    assert "grid" in version.get_deferred_fields()
