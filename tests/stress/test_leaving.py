"""Accounts that are deleted while others, or they themselves, go on: no workspace is left without an owner, and none is left over."""

import time
from datetime import timedelta
from random import Random

import pytest
from django.http import Http404
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.levels import Level
from raci.matrices.models import Matrix
from raci.matrices.operations import Sender, set_level
from raci.screens.leaving import delete_account
from raci.web.refusals import Conflict, Gone, Refused
from raci.workspaces.invitations import Joined, accept, invite
from raci.workspaces.models import Access, Member, Workspace
from raci.workspaces.operations import open_another
from tests import invariants
from tests.factories import MemberFactory, UserFactory, make_matrix
from tests.matrices.reading import roles_of, rows_of
from tests.stress.together import together, until_late

pytestmark = pytest.mark.django_db(transaction=True)


def leave(member: Member):
    return lambda: delete_account(by=User.objects.get(pk=member.user_id))


def test_two_owners_who_leave_others_behind_do_not_both_go(owner, editor, viewer, matrix):
    Member.objects.filter(pk=editor.pk).update(access=Access.OWNER)
    results = together(leave(owner), leave(editor))
    assert sorted(type(one) for one in results if one is not None) == [Conflict]
    assert Member.objects.filter(workspace=owner.workspace, access=Access.OWNER).count() == 1
    invariants.check()


def test_the_last_two_of_a_workspace_take_it_along(owner, matrix):
    other = MemberFactory(workspace=owner.workspace, access=Access.OWNER)
    assert together(leave(owner), leave(other)) == [None, None]
    assert not Workspace.objects.exists()
    assert not User.objects.exists()


def test_edits_of_the_one_who_leaves_are_made_or_refused_and_nothing_waits_for_ever(owner, editor):
    matrices = [make_matrix(owner, *["LSC."] * 4) for _ in range(3)]
    roles = {matrix.pk: [role.pk for role in roles_of(matrix)] for matrix in matrices}
    rows = {matrix.pk: [row.pk for row in rows_of(matrix)] for matrix in matrices}
    dice = Random(7)

    def edit(member, matrix):
        set_level(
            matrix=matrix.pk,
            sender=Sender(member),
            activity=dice.choice(rows[matrix.pk]),
            role=dice.choice(roles[matrix.pk]),
            level=dice.choice((Level.CONTRIBUTE, Level.INFORMED, None)),
            seen=Matrix.objects.get(pk=matrix.pk).revision,
        )

    def go():
        time.sleep(0.4)
        return delete_account(by=User.objects.get(pk=editor.user_id))

    busy = [until_late(lambda m=matrix, who=who: edit(who, m), 1.2) for matrix in matrices for who in (editor, owner)]
    gone, *edits = together(go, *busy)
    assert gone is None
    broken = [one for many in edits for one in many if not isinstance(one, Refused | Http404 | None)]
    assert not broken, broken[:3]
    assert not User.objects.filter(pk=editor.user_id).exists()
    invariants.check()


def test_a_workspace_opened_by_the_one_who_leaves_goes_along_or_is_refused(owner, editor):
    for _ in range(12):
        user = UserFactory()
        opened, gone = together(
            lambda user=user: open_another(by=user, name="Mine"), lambda user=user: delete_account(by=user)
        )
        assert isinstance(opened, Workspace | Gone)
        assert gone is None
        assert not User.objects.filter(pk=user.pk).exists()
    assert list(Workspace.objects.all()) == [owner.workspace]
    invariants.check()


def test_whoever_joins_while_they_leave_is_no_member_afterwards(owner):
    until = timezone.now() + timedelta(days=1)
    for _ in range(12):
        token = invite(by=owner, access=Access.EDITOR, until=until).token
        user = UserFactory()
        joined, gone = together(
            lambda user=user, token=token: accept(by=user, token=token), lambda user=user: delete_account(by=user)
        )
        assert isinstance(joined, Joined | Gone)
        assert gone is None
    assert list(Member.objects.all()) == [owner]
    invariants.check()
