"""Who hears when somebody's place in a workspace changes, and by which mail."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from raci.notices.models import Notice
from raci.notices.notices import mail_notices
from raci.notices.sending import send_due
from raci.screens import membership
from raci.workspaces import invitations
from raci.workspaces.models import Access, Mail, Member
from tests.factories import MemberFactory, UserFactory

pytestmark = pytest.mark.django_db


def _mailed():
    before = len(mail.outbox)
    mail_notices(timezone.now())
    send_due()
    return {message.to[0]: message for message in mail.outbox[before:]}


def _post(client, name, member, **fields):
    return client.post(reverse(name, args=[member.workspace_id, member.pk]), fields)


def test_a_member_hears_of_their_new_access(sign_in, owner, viewer):
    _post(sign_in(owner), "member_access", viewer, access="editor")
    assert {to: sent.subject for to, sent in _mailed().items()} == {
        viewer.user.email: "Olive Owner made you an editor in “Acme”"
    }


def test_the_access_one_has_already_is_no_news(sign_in, owner, viewer):
    client = sign_in(owner)
    _post(client, "member_access", viewer, access="viewer")
    assert _mailed() == {}
    for access in ("editor", "editor", "viewer"):
        _post(client, "member_access", viewer, access=access)
    assert Notice.objects.count() == 2


def test_what_one_does_to_oneself_is_no_news(sign_in, owner):
    MemberFactory(workspace=owner.workspace, access=Access.OWNER)
    _post(sign_in(owner), "member_access", owner, access="editor")
    assert _mailed() == {}


def test_a_refused_change_is_no_news(sign_in, editor, viewer):
    _post(sign_in(editor), "member_access", viewer, access="editor")
    assert _mailed() == {}


def test_whoever_is_taken_out_hears_of_it_once(sign_in, owner, viewer):
    _post(sign_in(owner), "member_remove", viewer)
    sent = _mailed()[viewer.user.email]
    assert sent.subject == "Olive Owner took you out of “Acme”"
    assert "You get this mail because you were a member of “Acme”." in sent.body
    assert _mailed() == {}


def test_who_wanted_no_mail_from_there_gets_none_about_being_taken_out(sign_in, owner, viewer):
    Member.objects.filter(pk=viewer.pk).update(mail=Mail.NEVER)
    _post(sign_in(owner), "member_remove", viewer)
    assert _mailed() == {}


def test_the_new_owner_hears_that_the_workspace_is_theirs(sign_in, owner, editor):
    _post(sign_in(owner), "member_hand_over", editor)
    (sent,) = _mailed().values()
    assert sent.to == [editor.user.email]
    assert "Olive Owner handed “Acme” over to you: you own it now." in sent.body


def test_owners_hear_who_joined_and_nobody_else_does(client, owner, editor, viewer):
    until = timezone.now() + timedelta(days=1)
    token = invitations.invite(by=owner, email="", access=Access.EDITOR, until=until).token
    newcomer = UserFactory(name="Nia New", email="nia@example.org")
    client.force_login(newcomer)
    page = client.get(reverse("invitation_link", args=[token]))
    client.post(page.url)
    (sent,) = _mailed().values()
    assert sent.to == [owner.user.email]
    assert sent.subject == "Nia New joined “Acme” as an editor"
    client.get(reverse("invitation_link", args=[token]))
    client.post(page.url)
    assert _mailed() == {}


def test_joining_takes_as_many_queries_however_many_own_the_workspace(owner, stranger, django_assert_num_queries):
    MemberFactory.create_batch(30, workspace=stranger.workspace, access=Access.OWNER)
    newcomer = UserFactory()
    first, second = (invitations.invite(by=one, access=Access.VIEWER).token for one in (owner, stranger))
    with CaptureQueriesContext(connection) as few:
        membership.accept(by=newcomer, token=first)
    with django_assert_num_queries(len(few)):
        membership.accept(by=newcomer, token=second)
    assert Notice.objects.count() == 32
