"""Who may what in a workspace; a stranger's answer is that of a workspace that does not exist."""

from itertools import pairwise

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from raci.web.refusals import Forbidden, Gone
from raci.workspaces.access import member_or_404, refusal_for, requires, still
from raci.workspaces.models import Access, Member
from tests.factories import MemberFactory


def test_access_grows_from_viewer_to_owner():
    assert list(Access) == [Access.VIEWER, Access.REVIEWER, Access.EDITOR, Access.OWNER]
    for less, more in pairwise(Access):
        assert more.covers(less)
        assert more.covers(more)
        assert not less.covers(more)


def _request(user, method="GET", **headers):
    request = RequestFactory().generic(method, "/", headers=headers)
    request.user = user
    return request


def _visit(needed, member_or_user, workspace, *how, **headers):
    user = getattr(member_or_user, "user", member_or_user)
    view = requires(needed)(lambda request: HttpResponse(request.member.access))
    return view(_request(user, *how, **headers), workspace)


@pytest.mark.parametrize("needed", list(Access))
@pytest.mark.parametrize("who", ["owner", "editor", "reviewer", "viewer"])
def test_a_route_is_open_to_those_with_at_least_the_access_it_asks_for(request, workspace, needed, who):
    member = request.getfixturevalue(who)
    if member.may(needed):
        assert _visit(needed, member, workspace.pk).content.decode() == who
        return
    with pytest.raises(Forbidden) as refusal:
        _visit(needed, member, workspace.pk, "POST")
    assert refusal.value.sentence == refusal_for(member)
    with pytest.raises(Forbidden) as refusal:
        _visit(needed, member, workspace.pk, **{"HX-Request": "true"})
    assert refusal.value.sentence == refusal_for(member)


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (Access.OWNER, "Only owners see this page."),
        (Access.EDITOR, "Only editors and owners see this page."),
        (Access.REVIEWER, "Only reviewers, editors and owners see this page."),
    ],
)
def test_whoever_only_opens_a_page_hears_whose_it_is(viewer, needed, said):
    with pytest.raises(Forbidden) as refusal:
        _visit(needed, viewer, viewer.workspace_id)
    assert refusal.value.sentence == said


@pytest.mark.parametrize("who", ["stranger", "ex_member"])
def test_a_workspace_of_others_is_one_that_does_not_exist(request, workspace, who):
    member = request.getfixturevalue(who)
    for pk in (workspace.pk, 987654, 0, -1):
        with pytest.raises(Http404):
            _visit(Access.VIEWER, member, pk)


def test_nobody_signed_in_is_a_stranger_everywhere(workspace):
    with pytest.raises(Http404):
        member_or_404(_request(AnonymousUser()), workspace.pk)


def test_access_in_one_workspace_is_none_in_another(owner, stranger):
    assert _visit(Access.OWNER, owner, owner.workspace_id).status_code == 200
    with pytest.raises(Http404):
        _visit(Access.VIEWER, owner, stranger.workspace_id)


def test_access_may_differ_from_workspace_to_workspace(owner, stranger):
    guest = MemberFactory(user=owner.user, workspace=stranger.workspace, access=Access.VIEWER)
    assert _visit(Access.VIEWER, guest, stranger.workspace_id).status_code == 200
    with pytest.raises(Forbidden):
        _visit(Access.EDITOR, guest, stranger.workspace_id)


def test_the_view_gets_the_workspace_and_the_member(editor):
    seen = {}

    def view(request):
        seen.update(workspace=request.workspace, member=request.member)
        return HttpResponse()

    requires(Access.VIEWER)(view)(_request(editor.user), editor.workspace_id)
    assert seen == {"workspace": editor.workspace, "member": editor}


@pytest.mark.parametrize("who", ["viewer", "reviewer"])
def test_a_refusal_says_what_one_is_and_whom_to_ask(request, who):
    sentence = refusal_for(request.getfixturevalue(who))
    assert sentence == f"You are a {who} here and can look, not change. Ask an owner for more."


# --- What the database forbids


def test_a_person_is_a_member_once(owner):
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(workspace=owner.workspace, user=owner.user, access=Access.VIEWER)


@pytest.mark.parametrize("access", ["admin", "Owner", ""])
def test_an_unknown_access_is_refused(owner, access):
    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.filter(pk=owner.pk).update(access=access)


def test_a_deleted_user_is_no_member_any_more(editor):
    editor.user.delete()
    assert not Member.objects.filter(pk=editor.pk).exists()


@pytest.mark.parametrize("level", Access)
def test_what_a_member_may_is_read_again_under_the_lock(editor, level):
    Member.objects.filter(pk=editor.pk).update(access=level)  # the object still says editor
    with transaction.atomic():
        if level.covers(Access.EDITOR):
            assert still(editor, Access.EDITOR).access == level
            return
        with pytest.raises(Forbidden, match=f"You are a {level} here"):
            still(editor, Access.EDITOR)


def test_whoever_left_meanwhile_is_told_that_it_is_gone(ex_member):
    with transaction.atomic(), pytest.raises(Gone):
        still(ex_member, Access.VIEWER)
