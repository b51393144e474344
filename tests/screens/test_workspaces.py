"""The pages of workspaces: the list, a new one, and the settings of one with its name, its export and its end."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from culture.asking import join, open_assessment
from culture.entries import Function
from culture.models import Answer
from raci.notices.models import Outbox
from raci.notices.sending import send_due
from raci.screens.workspace_end import delete_workspace
from raci.workspaces import operations
from raci.workspaces.links import new_token
from raci.workspaces.models import Access, AuditEvent, Member, Workspace
from tests.factories import MemberFactory, WorkspaceFactory, make_matrix
from tests.walk import masked

OUTSIDE = ("editor", "reviewer", "viewer")


def url(name, member) -> str:
    return reverse(name, args=[member.workspace_id])


def restore(workspace: int) -> str:
    return reverse("workspace_restore", args=[workspace])


# --- The list, and a new one


def test_the_list_shows_what_one_belongs_to_and_nothing_else(owner, editor, stranger, sign_in):
    make_matrix(owner, "LS")
    MemberFactory(workspace=WorkspaceFactory(name="Cargo"), user=owner.user, access=Access.VIEWER)
    page = sign_in(owner).get(reverse("workspaces")).text
    assert page.index("Acme") < page.index("Cargo")
    assert "1 matrix, 2 people" in page
    assert "No matrices, 1 person" in page
    assert "Bolt" not in page
    assert (url("workspace", owner) in page, page.count("Settings")) == (True, 1)  # one owns the first alone


def test_the_account_menu_leads_to_the_list(viewer, sign_in):
    assert f'href="{reverse("workspaces")}"' in sign_in(viewer).get(url("matrices", viewer)).text


def test_a_list_of_many_takes_as_many_queries_as_one_of_few(owner, sign_in):
    client, counts = sign_in(owner), []
    for _ in range(2):
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("workspaces"))
        counts.append(len(asked))
        for _ in range(5):
            MemberFactory(user=owner.user)
    assert counts[0] == counts[1] <= 6


def test_a_new_workspace_opens_at_its_matrices(viewer, sign_in):
    answer = sign_in(viewer).post(reverse("workspace_new"), {"name": "My own"}, follow=True)
    made = Workspace.objects.get(name="My own")
    assert answer.redirect_chain[-1][0] == reverse("matrices", args=[made.pk])
    assert "No matrix yet" in answer.text


def test_a_name_one_owns_already_is_asked_for_again_and_what_was_typed_stays(owner, sign_in):
    answer = sign_in(owner).post(reverse("workspace_new"), {"name": "ACME"})
    assert answer.status_code == 409
    assert 'value="ACME"' in answer.text
    assert "You own a workspace called “ACME” already" in answer.text
    assert Workspace.objects.count() == 1


# --- The settings


@pytest.mark.parametrize("who", OUTSIDE)
def test_the_settings_are_for_owners(request, who, owner, sign_in):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(url("workspace", owner)).status_code == 403
    for name in ("workspace_rename", "workspace_export", "workspace_delete"):
        assert client.post(url(name, owner), {"name": "Mine", "was": "Acme", "typed": "Acme"}).status_code == 403
    assert Workspace.objects.get().name == "Acme"
    assert Workspace.objects.get().deleted_at is None
    assert not AuditEvent.objects.exists()


def test_it_is_renamed(owner, sign_in):
    answer = sign_in(owner).post(url("workspace_rename", owner), {"name": "Acme Group", "was": "Acme"}, follow=True)
    assert "The workspace is called “Acme Group” now." in answer.text
    assert Workspace.objects.get().name == "Acme Group"


def test_a_name_somebody_else_changed_is_shown_and_what_was_typed_stays(owner, sign_in):
    Workspace.objects.update(name="Acme Group")
    answer = sign_in(owner).post(url("workspace_rename", owner), {"name": "Acme Ltd", "was": "Acme"})
    assert answer.status_code == 409
    assert 'name="was" value="Acme Group"' in answer.text
    assert 'value="Acme Ltd"' in answer.text


def test_a_rename_without_the_name_that_was_seen_is_refused(owner, sign_in):
    assert sign_in(owner).post(url("workspace_rename", owner), {"name": "Acme Ltd"}).status_code == 400


# --- Its end


def test_deleting_needs_its_name(owner, sign_in):
    answer = sign_in(owner).post(url("workspace_delete", owner), {"typed": "Acm"})
    assert answer.status_code == 422
    assert "That is not its name" in answer.text
    assert "<details" in answer.text[: answer.text.index("That is not its name")]
    assert Workspace.objects.get().deleted_at is None


def test_a_deleted_workspace_is_nobodys_at_once(owner, viewer, matrix, sign_in):
    reader, page = sign_in(viewer), reverse("matrix", args=[matrix.workspace_id, matrix.pk])
    assert reader.get(page).status_code == 200
    sign_in(owner).post(url("workspace_delete", owner), {"typed": "Acme"})
    assert {reader.get(page).status_code, sign_in(owner).get(page).status_code} == {404}
    assert "Acme" not in reader.get(reverse("workspaces")).text
    assert "You are in no workspace" in reader.get("/", follow=True).text


def test_its_guests_find_nothing_any_more_and_what_they_answer_is_not_kept(owner, sign_in):
    opened = open_assessment(by=owner, title="Culture", asks_others=True)
    token, guest = new_token(), Client()
    join(link_token=opened.token, name="Gus", group="", token=token)
    for name, value in (("answers_own", token), ("answers_link", opened.token)):
        guest.cookies[name] = value
    question = reverse("guest_question", args=[opened.assessment.pk, Function.MARKETING_STRATEGY.value])
    assert guest.get(question).status_code == 200
    sign_in(owner).post(url("workspace_delete", owner), {"typed": "Acme"})
    assert guest.get(question).status_code == 410
    assert guest.post(question, {"first": "market"}).status_code == 410
    assert guest.get(reverse("assessment_link", args=[opened.token])).status_code == 410
    assert not Answer.objects.exists()


@time_machine.travel("2026-11-22T10:00:00Z", tick=False)
def test_owners_see_until_when_it_can_be_restored_and_restore_it(owner, sign_in, matrix):
    client = sign_in(owner)
    page = client.post(url("workspace_delete", owner), {"typed": "Acme"}, follow=True).text
    assert "“Acme” is deleted. You can restore it here until 22 Dec 2026." in page
    assert "Deleted <time" in page
    assert "can be restored until <time" in page
    answer = client.post(restore(owner.workspace_id), follow=True)
    assert "“Acme” is back, as it was." in answer.text
    assert "Launch" in answer.text


def test_after_that_it_is_not_shown_any_more(owner, sign_in):
    operations.delete(by=owner, typed="Acme")
    with time_machine.travel(timezone.now() + timedelta(days=30), tick=False):
        client = sign_in(owner)
        assert "Acme" not in client.get(reverse("workspaces")).text
        assert client.post(restore(owner.workspace_id)).status_code == 404


@pytest.mark.parametrize("who", [*OUTSIDE, "ex_member", "stranger"])
def test_restoring_is_for_its_owners_and_others_cannot_tell_it_is_there(request, who, owner, sign_in):
    operations.delete(by=owner, typed="Acme")
    client = sign_in(request.getfixturevalue(who))
    answer, none = client.post(restore(owner.workspace_id)), client.post(restore(999_999))
    assert answer.status_code == none.status_code == 404
    assert masked(answer) == masked(none)
    assert Workspace.objects.get(pk=owner.workspace_id).deleted_at


def test_its_members_are_told_by_mail_but_not_whoever_deleted_it(owner, editor, viewer, stranger, sign_in):
    sign_in(owner).post(url("workspace_delete", owner), {"typed": "Acme"})
    assert not Outbox.objects.exclude(workspace=None).exists()  # or they would go with the workspace
    send_due()
    mails = {sent.to[0]: sent for sent in mail.outbox}
    assert mails.keys() == {editor.user.email, viewer.user.email}
    sent = mails[viewer.user.email]
    assert sent.subject == "“Acme” was deleted"
    assert "Olive Owner deleted the workspace “Acme”" in sent.body
    assert f"until {(timezone.now() + timedelta(days=30)):%-d %b %Y}" in sent.body


def test_deleting_it_takes_as_many_queries_however_many_are_in_it(owner, stranger, django_assert_num_queries):
    """And renders one mail, before anything is locked."""
    MemberFactory.create_batch(2, workspace=owner.workspace)
    MemberFactory.create_batch(40, workspace=stranger.workspace)
    with CaptureQueriesContext(connection) as few:
        delete_workspace(by=owner, typed="Acme")
    with django_assert_num_queries(len(few)):
        delete_workspace(by=stranger, typed="Bolt")
    assert Outbox.objects.count() == 42
    assert Outbox.objects.values("text").distinct().count() == 2


def test_a_deletion_that_fails_tells_nobody(owner, viewer, sign_in):
    Member.objects.filter(pk=owner.pk).update(access=Access.EDITOR)
    assert sign_in(owner).post(url("workspace_delete", owner), {"typed": "Acme"}).status_code == 403
    assert not Outbox.objects.exists()
