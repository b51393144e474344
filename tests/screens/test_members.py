"""The pages about the people of a workspace: who they are, what they may, leaving, removal, handing over."""

import pytest
from django.test import Client
from django.urls import reverse

from raci.matrices.operations import Sender
from raci.matrices.people import answer_for, take_part
from raci.workspaces.models import Access, AuditEvent, Mail, Member
from tests.factories import MemberFactory
from tests.matrices.reading import roles_of


def url(name, member, *ids):
    return reverse(name, args=[member.workspace_id, *ids])


def members(client: Client, member) -> str:
    return client.get(url("members", member)).text


@pytest.mark.parametrize("who", ["viewer", "reviewer", "editor"])
def test_everybody_sees_who_belongs_to_the_workspace_and_only_owners_their_addresses(request, sign_in, owner, who):
    member = request.getfixturevalue(who)
    page = members(sign_in(member), member)
    assert "Olive Owner" in page
    assert "(you)" in page
    assert owner.user.email not in page.replace(member.user.email, "")
    for owners_part in ("Invite somebody", "Invited", reverse("audit", args=[member.workspace_id])):
        assert owners_part not in page
    assert member.user.email in members(sign_in(owner), owner)


def test_owners_stand_first_then_the_others_by_what_they_may_and_by_name(sign_in, owner, editor, viewer):
    MemberFactory(workspace=owner.workspace, user__name="Anna Adder", access=Access.EDITOR)
    page = sign_in(viewer).get(url("members", viewer))
    shown = [str(one.member.user) for one in page.context["people"]]
    assert shown == ["Olive Owner", "Anna Adder", "Eddie Editor", "Vic Viewer"]


def test_a_member_is_shown_with_the_roles_they_fill(sign_in, owner, viewer, matrix):
    role = roles_of(matrix)[0]
    done = take_part(matrix=matrix.pk, sender=Sender(owner), role=role.pk, user=viewer.user_id)
    answer = {"role": role.pk, "user": viewer.user_id, "seen": done.matrix.revision}
    answer_for(matrix=matrix.pk, sender=Sender(owner), **answer)
    client = sign_in(owner)
    assert f"fills {role.name} in Launch (answers for it)" in members(client, owner)
    assert "fills 1 role<" in members(client, owner)  # where there is no room for more
    page = client.get(url("member", owner, viewer.pk)).text
    assert reverse("role", args=[owner.workspace_id, matrix.pk, role.pk]) in page
    assert "answers for it" in page


def test_before_a_member_goes_or_owns_it_all_the_question_names_them_and_the_workspace(sign_in, owner, viewer):
    page = sign_in(owner).get(url("member", owner, viewer.pk)).text
    assert "Remove Vic Viewer from Acme?" in page
    assert "Hand Acme over to Vic Viewer?" in page
    assert "Leave Acme?" in members(sign_in(viewer), viewer)
    viewer.user.name, owner.workspace.name = "<b>&", "7"
    viewer.user.save()
    owner.workspace.save()
    assert "Remove &lt;b&gt;&amp; from 7?" in sign_in(owner).get(url("member", owner, viewer.pk)).text


def test_the_page_asks_the_database_as_often_for_many_as_for_few(
    sign_in, owner, matrix, django_assert_max_num_queries, django_assert_num_queries
):
    client = sign_in(owner)
    with django_assert_max_num_queries(12) as few:
        members(client, owner)
    MemberFactory.create_batch(20, workspace=owner.workspace)
    with django_assert_num_queries(len(few)):
        members(client, owner)


def test_an_owner_changes_what_a_member_may_from_the_next_click_on(sign_in, owner, editor, matrix):
    theirs = sign_in(editor)
    rename = reverse("matrix_rename", args=[owner.workspace_id, matrix.pk])
    answer = sign_in(owner).post(url("member_access", owner, editor.pk), {"access": "viewer"}, follow=True)
    assert "Eddie Editor is a viewer now." in answer.text
    refused = theirs.post(rename, {"name": "Mine", "seen": matrix.revision})
    assert refused.status_code == 403
    assert theirs.get(reverse("matrix", args=[owner.workspace_id, matrix.pk])).status_code == 200


def test_an_open_page_of_who_was_removed_is_of_no_use_any_more(sign_in, owner, editor, matrix):
    theirs, place = sign_in(editor), [owner.workspace_id, matrix.pk]
    theirs.post(reverse("matrix_rename", args=place), {"name": "Mine", "seen": matrix.revision})
    answer = sign_in(owner).post(url("member_remove", owner, editor.pk), follow=True)
    assert "Eddie Editor is no member any more." in answer.text
    assert theirs.post(reverse("undo", args=place)).status_code == 404
    assert theirs.post(reverse("undo", args=place), headers={"HX-Request": "true"}).status_code == 404
    assert theirs.get(reverse("matrix", args=place)).status_code == 404
    matrix.refresh_from_db()
    assert matrix.name == "Mine"


@pytest.mark.parametrize("access", ["", "admin", "Owner", "owner\n"])
def test_an_access_that_there_is_not_changes_nothing(sign_in, owner, editor, access):
    answer = sign_in(owner).post(url("member_access", owner, editor.pk), {"access": access})
    assert answer.status_code == 400
    editor.refresh_from_db()
    assert editor.access == Access.EDITOR


def test_the_only_owner_reads_why_they_stay_one(sign_in, owner, editor):
    client = sign_in(owner)
    assert "You are the only owner" in client.get(url("member", owner, owner.pk)).text
    page = members(client, owner)
    assert "hand the workspace over first" in page
    assert "leave-dialog" not in page
    refused = client.post(url("member_leave", owner))
    assert refused.status_code == 409
    assert "Hand the workspace over to somebody else first." in refused.text
    assert client.post(url("member_access", owner, owner.pk), {"access": "viewer"}).status_code == 409


def test_whoever_is_alone_is_shown_how_to_delete_the_workspace(sign_in, owner):
    page = members(sign_in(owner), owner)
    assert "You are the only member." in page
    assert reverse("workspace", args=[owner.workspace_id]) in page


def test_a_workspace_is_handed_over(sign_in, owner, editor):
    client = sign_in(owner)
    assert "hand-over-dialog" in client.get(url("member", owner, editor.pk)).text
    answer = client.post(url("member_hand_over", owner, editor.pk), follow=True)
    assert "Eddie Editor owns the workspace now. You are an editor." in answer.text
    assert "Invite somebody" not in answer.text
    assert "Invite somebody" in members(sign_in(editor), editor)


def test_a_member_leaves_and_is_a_stranger_then(sign_in, owner, viewer):
    client = sign_in(viewer)
    assert "leave-dialog" in members(client, viewer)
    answer = client.post(url("member_leave", viewer))
    assert answer.status_code == 302
    assert answer.url == reverse("home")
    assert client.get(url("members", viewer)).status_code == 404
    assert not Member.objects.filter(pk=viewer.pk).exists()


@pytest.mark.parametrize("mail", list(Mail))
def test_a_member_chooses_when_to_hear_by_mail(sign_in, viewer, mail):
    client = sign_in(viewer)
    client.post(url("member_mail", viewer), {"mail": mail})
    viewer.refresh_from_db()
    assert viewer.mail == mail
    assert f'value="{mail.value}" selected' in members(client, viewer)
    assert client.post(url("member_mail", viewer), {"mail": "hourly"}).status_code == 400


def test_only_owners_are_offered_what_only_they_may(sign_in, owner, editor, viewer):
    page = sign_in(editor).get(url("member", editor, viewer.pk)).text
    for part in ("Change access", "Hand it over", "remove-dialog", viewer.user.email):
        assert part not in page


@pytest.mark.parametrize("name", ["member", "member_access", "member_remove", "member_hand_over"])
def test_a_member_of_another_workspace_is_none_here(sign_in, owner, stranger, name):
    client = sign_in(owner)
    for pk in (stranger.pk, 987654):
        ask = client.get if name == "member" else client.post
        assert ask(url(name, owner, pk), {"access": "viewer"}).status_code == 404
    stranger.refresh_from_db()
    assert stranger.access == Access.OWNER
    assert not AuditEvent.objects.exists()
