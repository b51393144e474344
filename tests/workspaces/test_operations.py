"""A workspace as a whole: opened, renamed, deleted, restored within thirty days, and gone for good after that."""

from datetime import timedelta

import pytest
import time_machine
from django.http import Http404
from django.utils import timezone

from culture.references import reference_grid
from raci.accounts.models import User
from raci.matrices import operations as matrices
from raci.matrices.house import save_reference
from raci.matrices.models import Change, HouseReference, Matrix
from raci.matrices.operations import Sender
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces import operations
from raci.workspaces.links import find_open, is_open, make_link
from raci.workspaces.models import Access, AuditEvent, Link, Member, Workspace
from tests import invariants, walk
from tests.factories import MemberFactory, UserFactory, WorkspaceFactory


def kinds(workspace) -> list[str]:
    return [event.kind for event in AuditEvent.objects.filter(workspace=workspace).order_by("pk")]


def delete(member, typed=None) -> Workspace:
    return operations.delete(by=member, typed=typed or member.workspace.name)


# --- Opened


def test_whoever_opens_a_workspace_owns_it_alone(stranger):
    made = operations.open_another(by=stranger.user, name="  Second  ")
    assert made.name == "Second"
    (member,) = made.members.all()
    assert (member.user, member.access) == (stranger.user, Access.OWNER)


def test_sent_twice_it_is_opened_once(stranger):
    operations.open_another(by=stranger.user, name="Second")
    with pytest.raises(Conflict, match="You own a workspace called “second” already"):
        operations.open_another(by=stranger.user, name="second")
    assert stranger.user.memberships.count() == 2


def test_somebody_elses_workspace_may_have_the_same_name(stranger, owner):
    assert operations.open_another(by=owner.user, name="Bolt").pk != stranger.workspace_id


def test_one_person_owns_twenty_at_most_deleted_ones_included(stranger):
    for number in range(operations.MOST_OWNED - 1):
        last = operations.open_another(by=stranger.user, name=f"Number {number}")
    delete(last.members.get())
    with pytest.raises(Refused, match="You own 20 workspaces"):
        operations.open_another(by=stranger.user, name="One too many")
    MemberFactory(workspace=WorkspaceFactory(), user=stranger.user, access=Access.EDITOR)  # which is not owned
    Member.objects.filter(user=stranger.user, workspace=last).delete()
    operations.open_another(by=stranger.user, name="In its place")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 201, "zero\x00", "\ud800", "www.a.example – log in"])
def test_a_name_that_is_none_is_refused(owner, name):
    with pytest.raises(Refused):
        operations.open_another(by=owner.user, name=name)
    with pytest.raises(Refused):
        operations.rename(by=owner, name=name, was="Acme")
    assert Workspace.objects.get().name == "Acme"


# --- Renamed


def test_a_new_name_stands_in_the_audit_log_without_the_old_one_which_may_be_a_person_s(owner):
    assert operations.rename(by=owner, name="Acme Group", was="Acme").name == "Acme Group"
    (event,) = AuditEvent.objects.all()
    assert (event.kind, event.by, event.about) == (
        "workspace.renamed",
        owner.user,
        {"name": "Acme Group"},
    )


def test_the_name_it_has_already_changes_nothing(owner):
    operations.rename(by=owner, name="Acme", was="Acme")
    assert not AuditEvent.objects.exists()


def test_whoever_saw_another_name_is_told_so(owner):
    operations.rename(by=owner, name="Acme Group", was="Acme")
    with pytest.raises(Conflict, match="is called “Acme Group” now"):
        operations.rename(by=owner, name="Acme Ltd", was="Acme")
    assert Workspace.objects.get().name == "Acme Group"


@pytest.mark.parametrize("who", ["editor", "reviewer", "viewer"])
def test_only_an_owner_renames_and_deletes(request, who):
    member = request.getfixturevalue(who)
    with pytest.raises(Forbidden):
        operations.rename(by=member, name="Mine", was="Acme")
    with pytest.raises(Forbidden):
        delete(member)
    assert Workspace.objects.get().name == "Acme"


def test_an_owner_demoted_meanwhile_does_neither(owner):
    Member.objects.filter(pk=owner.pk).update(access=Access.EDITOR)  # after the page was opened
    with pytest.raises(Forbidden):
        operations.rename(by=owner, name="Mine", was="Acme")
    with pytest.raises(Forbidden):
        delete(owner)


# --- Deleted


@pytest.mark.parametrize("typed", ["", "Acm", "Acme Group", "Bolt"])
def test_another_name_than_its_own_deletes_nothing(owner, typed):
    with pytest.raises(Refused, match="Type “Acme”"):
        operations.delete(by=owner, typed=typed)
    assert Workspace.objects.get().deleted_at is None
    assert not AuditEvent.objects.exists()


def test_a_deleted_workspace_takes_no_change_and_its_links_lead_nowhere(owner, editor, matrix):
    until = timezone.now() + timedelta(days=1)
    link, token = make_link(purpose=Link.Purpose.ASSESSMENT, workspace=owner.workspace, by=owner.user, until=until)
    delete(owner, " acme ")
    with pytest.raises(Http404):
        matrices.rename_matrix(matrix=matrix.pk, sender=Sender(editor), name="Late")
    assert Matrix.objects.get().name == "Launch"
    assert find_open(Link.Purpose.ASSESSMENT, token) is None
    assert not is_open(link)
    with pytest.raises(Gone):
        delete(owner)
    assert kinds(owner.workspace) == ["workspace.deleted"]


# --- Restored


def test_what_is_restored_is_row_for_row_what_was_deleted(seeded):
    ours, theirs = (world := walk.our_world()), walk.their_world(world)
    log = "workspaces.AuditEvent"
    before, others = walk.digest(ours.ids["workspace"], without=log), walk.digest(theirs.ids["workspace"])
    member = Member.objects.select_related("workspace").get(workspace=ours.ids["workspace"], user=ours.people["owner"])
    noted = list(AuditEvent.objects.values())
    delete(member)
    assert walk.digest(ours.ids["workspace"], without=log) != before
    with time_machine.travel(timezone.now() + operations.RESTORABLE - timedelta(seconds=1), tick=False):
        operations.restore(by=member.user, workspace=ours.ids["workspace"])
    assert kinds(ours.ids["workspace"])[-2:] == ["workspace.deleted", "workspace.restored"]
    assert list(AuditEvent.objects.filter(pk__in=[row["id"] for row in noted]).values()) == noted
    assert walk.digest(ours.ids["workspace"], without=log) == before
    assert walk.digest(theirs.ids["workspace"]) == others


def test_after_thirty_days_it_is_not_restored_any_more(owner):
    delete(owner)
    with (
        time_machine.travel(Workspace.objects.get().deleted_at + operations.RESTORABLE, tick=False),
        pytest.raises(Gone),
    ):
        operations.restore(by=owner.user, workspace=owner.workspace_id)


def test_restoring_twice_changes_nothing(owner):
    delete(owner)
    for _ in range(2):
        operations.restore(by=owner.user, workspace=owner.workspace_id)
    assert kinds(owner.workspace) == ["workspace.deleted", "workspace.restored"]


@pytest.mark.parametrize("who", ["editor", "viewer", "ex_member", "stranger"])
def test_nobody_but_an_owner_restores_it(request, owner, who):
    member = request.getfixturevalue(who)
    delete(owner)
    with pytest.raises(Gone) as refused:
        operations.restore(by=member.user, workspace=owner.workspace_id)
    with pytest.raises(Gone) as none:
        operations.restore(by=member.user, workspace=999_999)
    assert refused.value == none.value
    assert Workspace.objects.get(pk=owner.workspace_id).deleted_at


# --- Gone for good


def test_it_goes_with_all_that_is_in_it_after_thirty_days_and_others_stay(seeded):
    ours, theirs = (world := walk.our_world()), walk.their_world(world)
    others = walk.digest(theirs.ids["workspace"])
    member = Member.objects.select_related("workspace").get(workspace=ours.ids["workspace"], user=ours.people["owner"])
    deleted = delete(member).deleted_at
    assert operations.purge_due(deleted + operations.RESTORABLE - timedelta(hours=1)) == 0
    assert Matrix.objects.filter(workspace=ours.ids["workspace"]).exists()
    assert operations.purge_due(deleted + operations.RESTORABLE + timedelta(minutes=1)) == 3  # two were deleted before
    assert not any(model.objects.filter(workspace=ours.ids["workspace"]).exists() for model in (Matrix, HouseReference))
    assert not Change.objects.filter(matrix__workspace=ours.ids["workspace"]).exists()
    assert walk.digest(theirs.ids["workspace"]) == others
    assert User.objects.filter(pk__in=[user.pk for user in ours.people.values()]).count() == len(ours.people)
    invariants.check()


def test_a_matrix_that_follows_a_house_reference_goes_with_it(owner):
    source = matrices.create_matrix(sender=Sender(owner), name="Source", grid=reference_grid("market"))
    house = save_reference(by=owner, matrix=source, name="House")
    matrices.create_matrix(sender=Sender(owner), name="Follower", grid=reference_grid("market"), house=house.pk)
    delete(owner)
    assert operations.purge_due(timezone.now() + operations.RESTORABLE) == 1
    assert not Workspace.objects.exists()
    assert not HouseReference.objects.exists()


def test_a_run_lets_twenty_go_the_longest_deleted_first(seeded):
    user = UserFactory()
    for day in range(22):
        member = MemberFactory(workspace=WorkspaceFactory(), user=user, access=Access.OWNER)
        at = timezone.now() - timedelta(days=60 - day)
        Workspace.objects.filter(pk=member.workspace_id).update(deleted_at=at, name=f"Day {day}")
    assert operations.purge_due(timezone.now()) == operations.MOST_PURGED == 20
    assert sorted(Workspace.objects.values_list("name", flat=True)) == ["Day 20", "Day 21"]
    assert operations.purge_due(timezone.now()) == 2
    assert operations.purge_due(timezone.now()) == 0


def test_one_restored_a_moment_before_stays(owner):
    delete(owner)
    late = timezone.now() + operations.RESTORABLE
    due = [owner.workspace_id]
    operations.restore(by=owner.user, workspace=owner.workspace_id)
    assert operations.purge(due, deleted_before=late) == 0
    assert Workspace.objects.exists()
