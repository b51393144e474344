"""Accounts that are deleted at the same moment: no workspace is left without an owner, and none is left over."""

import pytest

from raci.accounts.models import User
from raci.screens.leaving import delete_account
from raci.web.refusals import Conflict
from raci.workspaces.models import Access, Member, Workspace
from tests import invariants
from tests.factories import MemberFactory
from tests.stress.together import together

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
