"""Who fills a role, and who of them answers for it."""

import pytest
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext

from raci.grid.grid import Grid
from raci.grid.grid import Role as GridRole
from raci.matrices import people
from raci.matrices.departures import follow
from raci.matrices.house import save_reference
from raci.matrices.models import Change, Matrix
from raci.matrices.operations import archive, create_matrix
from raci.matrices.people import answer_for, filling, roles_by_user, step_out, take_part, with_names
from raci.matrices.sentences import tell
from raci.matrices.store import read_grid
from raci.matrices.structure import add_role, edit_role, merge_roles, remove_role, split_role
from raci.matrices.undo import restore, state_at, take_back, undo
from raci.web.refusals import Conflict, Forbidden, Malformed, Refused
from raci.workspaces.models import Access, Member
from tests import invariants
from tests.factories import MemberFactory, UserFactory, make_matrix
from tests.matrices.reading import revision, roles_of, to


@pytest.fixture(autouse=True)
def _invariants_hold(db):
    yield
    invariants.check()


@pytest.fixture
def small(owner) -> Matrix:
    return make_matrix(owner, "LS", "SL")


@pytest.fixture
def mei(workspace) -> Member:
    return MemberFactory(workspace=workspace, user=UserFactory(name="Mei Tanaka"), access=Access.VIEWER)


@pytest.fixture
def tom(workspace) -> Member:
    return MemberFactory(workspace=workspace, user=UserFactory(name="Tom Reyes"))


def fill(matrix, by, role, *members, answers=None):
    for member in members:
        take_part(**to(matrix, by), role=role.pk, user=member.user_id)
    if answers:
        answer_for(**to(matrix, by), role=role.pk, user=answers.user_id, seen=revision(matrix))


def filled(matrix, at=0):
    """The members of one role, and who answers for it."""
    role = roles_of(matrix)[at]
    return role.members, role.answers


def names_read(matrix):
    """What is read at each role where names are shown."""
    return [role.people for role in with_names(read_grid(matrix), matrix).roles]


def last_told(matrix, back=0):
    return tell(Change.objects.filter(matrix=matrix).order_by("-revision")[back])


def test_members_fill_a_role_in_the_order_they_came_and_one_answers_for_it(small, editor, mei, tom):
    role = roles_of(small)[0]
    fill(small, editor, role, tom, mei, answers=mei)
    assert filled(small) == ([tom.user_id, mei.user_id], mei.user_id)
    assert [last_told(small, back).headline for back in (2, 1, 0)] == [
        "Tom Reyes now fills Role 1.",
        "Mei Tanaka now fills Role 1.",
        "Mei Tanaka answers for Role 1.",
    ]


def test_who_fills_a_role_already_is_not_added_twice(small, editor, mei):
    fill(small, editor, roles_of(small)[0], mei)
    assert take_part(**to(small, editor), role=roles_of(small)[0].pk, user=mei.user_id).change is None
    assert filled(small) == ([mei.user_id], None)


def test_a_submission_sent_twice_is_applied_once(small, editor, mei):
    role = roles_of(small)[0].pk
    first = take_part(**to(small, editor, "a-key-of-this-form"), role=role, user=mei.user_id)
    again = take_part(**to(small, editor, "a-key-of-this-form"), role=role, user=mei.user_id)
    assert again.replayed
    assert again.change == first.change
    with pytest.raises(Refused, match="other values"):
        take_part(**to(small, editor, "a-key-of-this-form"), role=role, user=editor.user_id)


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_only_editors_say_who_fills_a_role(request, small, mei, who):
    member = request.getfixturevalue(who)
    fill(small, Member.objects.get(access=Access.OWNER, workspace=small.workspace), roles_of(small)[0], mei)
    role = roles_of(small)[0].pk
    for operation, values in (
        (take_part, {"user": member.user_id}),
        (step_out, {"user": mei.user_id, "seen": revision(small)}),
        (answer_for, {"user": mei.user_id, "seen": revision(small)}),
    ):
        with pytest.raises(Forbidden):
            operation(**to(small, member), role=role, **values)
    assert filled(small) == ([mei.user_id], None)


def test_nobody_of_another_workspace_is_placed_and_none_of_them_places(small, editor, stranger, ex_member):
    role = roles_of(small)[0].pk
    for outsider in (stranger, ex_member):
        with pytest.raises(Refused, match="not in this workspace"):
            take_part(**to(small, editor), role=role, user=outsider.user_id)
        with pytest.raises(Http404):
            take_part(**to(small, outsider), role=role, user=editor.user_id)
    with pytest.raises(Refused, match="not in this workspace"):
        take_part(**to(small, editor), role=role, user=2**63 - 1)


def test_a_role_of_another_matrix_is_not_filled(small, foreign_matrix, editor, mei):
    with pytest.raises(Refused, match="not in this matrix"):
        take_part(**to(small, editor), role=roles_of(foreign_matrix)[0].pk, user=mei.user_id)


def test_only_who_fills_a_role_answers_for_it(small, editor, mei, tom):
    role = roles_of(small)[0]
    fill(small, editor, role, mei)
    with pytest.raises(Refused, match="Only who fills Role 1 can answer for it"):
        answer_for(**to(small, editor), role=role.pk, user=tom.user_id, seen=revision(small))


def test_who_has_left_the_workspace_can_not_be_chosen_to_answer(small, editor, mei):
    role = roles_of(small)[0]
    fill(small, editor, role, mei)
    mei.delete()
    with pytest.raises(Refused, match="not in this workspace"):
        answer_for(**to(small, editor), role=role.pk, user=mei.user_id, seen=revision(small))


def test_nobody_may_answer_for_a_role_again(small, editor, mei):
    role = roles_of(small)[0]
    fill(small, editor, role, mei, answers=mei)
    answer_for(**to(small, editor), role=role.pk, user=None, seen=revision(small))
    assert filled(small) == ([mei.user_id], None)
    assert last_told(small).headline == "Nobody answers for Role 1 any more."


def test_who_steps_out_no_longer_answers(small, editor, mei, tom):
    role = roles_of(small)[0]
    fill(small, editor, role, mei, tom, answers=mei)
    step_out(**to(small, editor), role=role.pk, user=mei.user_id, seen=revision(small))
    assert filled(small) == ([tom.user_id], None)
    assert last_told(small).headline == "Mei Tanaka no longer fills Role 1. Nobody answers for Role 1 any more."
    assert step_out(**to(small, editor), role=role.pk, user=mei.user_id, seen=revision(small)).change is None


def test_a_choice_made_meanwhile_is_not_overwritten(small, owner, editor, mei, tom):
    role = roles_of(small)[0]
    fill(small, owner, role, mei, tom)
    seen = revision(small)
    answer_for(**to(small, owner), role=role.pk, user=mei.user_id, seen=seen)
    with pytest.raises(Conflict, match="Olive Owner changed who answers for Role 1 a moment before: Mei Tanaka does"):
        answer_for(**to(small, editor), role=role.pk, user=tom.user_id, seen=seen)
    with pytest.raises(Conflict, match="Mei Tanaka does now"):
        step_out(**to(small, editor), role=role.pk, user=mei.user_id, seen=seen)
    step_out(**to(small, editor), role=role.pk, user=tom.user_id, seen=seen)  # of whom nothing has changed
    assert filled(small) == ([mei.user_id], mei.user_id)
    with pytest.raises(Malformed):
        answer_for(**to(small, editor), role=role.pk, user=None, seen=revision(small) + 1)


def test_a_role_holds_so_many_people_and_no_more(small, editor, workspace):
    role = roles_of(small)[0]
    full = list(range(10**6, 10**6 + 200))
    type(role).objects.filter(pk=role.pk).update(members=full)
    with pytest.raises(Refused, match="Up to 200 people fill one role; these are 201"):
        take_part(**to(small, editor), role=role.pk, user=editor.user_id)
    type(role).objects.filter(pk=role.pk).update(members=[])


def test_names_are_looked_up_when_read_and_follow_the_account(small, editor, mei):
    role = roles_of(small)[0]
    edit_role(**to(small, editor), role=role.pk, values={"people": ["Ann", "mei tanaka"]}, seen=1)
    fill(small, editor, role, editor, mei)
    assert names_read(small) == [("Ann", "mei tanaka", "Eddie Editor"), ()]
    mei.user.name = "Mei Sato"
    mei.user.save()
    assert names_read(small) == [("Ann", "mei tanaka", "Eddie Editor", "Mei Sato"), ()]
    assert "Mei" not in str([change.edits for change in Change.objects.filter(matrix=small, revision__gt=2)])


def test_who_leaves_is_not_shown_and_is_again_when_they_come_back(small, editor, mei, workspace):
    fill(small, editor, roles_of(small)[0], mei, answers=mei)
    mei.delete()
    assert names_read(small) == [(), ()]
    assert last_told(small).headline == "Somebody who left answers for Role 1."
    MemberFactory(workspace=workspace, user=mei.user)
    assert names_read(small) == [("Mei Tanaka",), ()]
    assert last_told(small).headline == "Mei Tanaka answers for Role 1."


def test_names_cost_one_query_and_none_where_nobody_fills_a_role(small, editor, mei, tom):
    grid = read_grid(small)
    with CaptureQueriesContext(connection) as asked:
        with_names(grid, small)
    assert len(asked) == 0
    for role in roles_of(small):
        fill(small, editor, role, mei, tom)
    grid = read_grid(small)
    with CaptureQueriesContext(connection) as asked:
        with_names(grid, small)
    assert len(asked) == 1


def test_a_copy_and_a_house_reference_carry_nobody(matrix, owner, mei):
    fill(matrix, owner, roles_of(matrix)[0], mei, answers=mei)
    copy = create_matrix(sender=to(matrix, owner)["sender"], name="Copy", grid=read_grid(matrix))
    assert filled(copy) == ([], None)
    house = save_reference(by=owner, matrix=matrix, name="Ours")
    assert "members" not in str(house.grid)
    follow(**to(matrix, owner), culture=None, house=house.pk, moves={}, seen=revision(matrix))
    assert filled(matrix) == ([mei.user_id], mei.user_id)


def test_a_merge_unites_the_people_and_keeps_who_answered(small, editor, mei, tom):
    kept, gone = roles_of(small)
    fill(small, editor, kept, mei)
    fill(small, editor, gone, tom, mei, answers=tom)
    merge_roles(**to(small, editor), role=gone.pk, into=kept.pk, seen=revision(small))
    assert filled(small) == ([mei.user_id, tom.user_id], tom.user_id)
    assert "Tom Reyes now fills Role 1." in last_told(small).details
    undo(**to(small, editor))
    assert filled(small, 0) == ([mei.user_id], None)
    assert filled(small, 1) == ([tom.user_id, mei.user_id], tom.user_id)


def test_after_a_merge_who_answered_for_the_role_that_is_kept_still_does(small, editor, mei, tom):
    kept, gone = roles_of(small)
    fill(small, editor, kept, mei, answers=mei)
    fill(small, editor, gone, tom, answers=tom)
    merge_roles(**to(small, editor), role=gone.pk, into=kept.pk, seen=revision(small))
    assert filled(small) == ([mei.user_id, tom.user_id], mei.user_id)


def test_a_split_leaves_the_people_with_the_first(small, editor, mei):
    fill(small, editor, roles_of(small)[0], mei, answers=mei)
    split_role(**to(small, editor), role=roles_of(small)[0].pk, name="Other half")
    assert filled(small, 0) == ([mei.user_id], mei.user_id)
    assert filled(small, 1) == ([], None)
    add_role(**to(small, editor), values={"name": "Law"})
    assert filled(small, 3) == ([], None)


def test_a_role_that_is_brought_back_has_its_people(small, editor, mei):
    role = roles_of(small)[1]
    fill(small, editor, role, mei, answers=mei)
    remove_role(**to(small, editor), role=role.pk, heir=None, leaderless=True)
    undo(**to(small, editor))
    assert filled(small, 1) == ([mei.user_id], mei.user_id)


def test_every_step_can_be_undone_and_looked_at(small, editor, mei, tom):
    fill(small, editor, roles_of(small)[0], mei, tom, answers=mei)
    undo(**to(small, editor))
    assert filled(small) == ([mei.user_id, tom.user_id], None)
    undo(**to(small, editor))
    assert filled(small) == ([mei.user_id], None)
    (then,) = (row for row in state_at(small, 4)["role"].values() if row["members"])
    assert (then["members"], then["answers"]) == ([mei.user_id, tom.user_id], mei.user_id)
    restore(**to(small, editor), revision=4)
    assert filled(small) == ([mei.user_id, tom.user_id], mei.user_id)


def test_taking_back_that_somebody_fills_a_role_takes_the_answering_along(small, editor, mei):
    """They were chosen to answer after they had come in."""
    fill(small, editor, roles_of(small)[0], mei, answers=mei)
    take_back(**to(small, editor), revision=2)
    assert filled(small) == ([], None)
    undo_of = Change.objects.get(matrix=small, revision=4)
    take_back(**to(small, editor), revision=undo_of.revision)
    assert filled(small) == ([mei.user_id], mei.user_id)


def test_a_log_from_before_can_be_taken_back(small, editor):
    """Its roles were removed without a word on who fills them."""
    role = roles_of(small)[1]
    removed = remove_role(**to(small, editor), role=role.pk, heir=None, leaderless=True).change
    for edit in removed.edits:
        if edit["table"] == "role" and edit["after"] is None:
            del edit["before"]["members"], edit["before"]["answers"]
    removed.save()
    undo(**to(small, editor))
    assert filled(small, 1) == ([], None)


def test_the_parts_of_everybody_are_found_in_one_query(small, foreign_matrix, stranger, editor, mei, workspace):
    first, second = roles_of(small)
    fill(small, editor, first, mei, editor, answers=mei)
    fill(small, editor, second, mei)
    other = make_matrix(editor, "L", name="Another")
    fill(other, editor, roles_of(other)[0], mei, answers=mei)
    away = make_matrix(editor, "L", name="Away")
    fill(away, editor, roles_of(away)[0], mei)
    archive(**to(away, editor), archived=True)
    fill(foreign_matrix, stranger, roles_of(foreign_matrix)[0], stranger)
    with CaptureQueriesContext(connection) as asked:
        parts = roles_by_user(workspace)
        told = {user: [(part.matrix.name, part.role, part.answers) for part in of] for user, of in parts.items()}
    assert len(asked) == 1
    assert told == {
        mei.user_id: [("Another", "Role 1", True), ("Small", "Role 1", True), ("Small", "Role 2", False)],
        editor.user_id: [("Small", "Role 1", False)],
    }


def test_a_grid_of_nobody_is_left_as_it_is(small):
    grid = Grid((), (GridRole(1, "Sales", people=("Ann",)),))
    assert with_names(grid, small) == grid


def test_who_fills_the_roles_of_several_matrices_now_takes_two_queries(small, owner, editor, mei, foreign_matrix):
    other = make_matrix(owner, "LS", name="Other")
    first, third = roles_of(small)[0], roles_of(other)[0]
    for matrix, role, member in ((small, first, editor), (small, first, mei), (other, third, mei)):
        take_part(**to(matrix, owner), role=role.pk, user=member.user_id)
    answer_for(**to(small, owner), role=first.pk, user=mei.user_id, seen=revision(small))
    editor.delete()
    with CaptureQueriesContext(connection) as asked:
        found = filling(small.workspace_id, [small.pk, other.pk, foreign_matrix.pk])
        assert {role: each.names for role, each in found.items()} == {
            first.pk: ("Mei Tanaka",),
            third.pk: ("Mei Tanaka",),
        }
    assert len(asked) == 2
    assert (found[first.pk].answers, found[third.pk].answers) == (mei, None)


def test_a_name_that_somebody_typed_stands_once_before_those_of_members():
    grid = Grid(roles=(GridRole(1, "Sales", people=("mei  tanaka", "Ann Lee")), GridRole(2, "Care")))
    shown = people.filled(grid, {1: ("Mei Tanaka", "Bo Ray")})
    assert [role.people for role in shown.roles] == [("mei  tanaka", "Ann Lee", "Bo Ray"), ()]
