"""A new person gets a workspace of their own, and nobody else's."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse_lazy

from raci.workspaces import links
from raci.workspaces.invitations import invite
from raci.workspaces.models import Access, Member, Workspace
from raci.workspaces.signup import INVITED, open_workspace
from tests.factories import UserFactory

PASSWORD = "a long enough phrase"
SIGN_UP = reverse_lazy("account_signup")


@pytest.mark.django_db
def test_a_workspace_is_opened_with_its_owner():
    user = UserFactory()
    workspace = open_workspace(user, "Acme")
    member = Member.objects.get(workspace=workspace)
    assert (member.user, member.access) == (user, Access.OWNER)


@pytest.mark.django_db
def test_signing_up_makes_a_user_and_their_own_workspace(client):
    given = {"name": "Ann", "email": "Ann@Example.org", "password1": PASSWORD, "workspace": "1", "access": "owner"}
    client.post(SIGN_UP, given)
    user = get_user_model().objects.get()
    assert (user.email, user.name, user.is_staff, user.is_superuser) == ("ann@example.org", "Ann", False, False)
    assert [(m.workspace.name, m.access) for m in user.memberships.all()] == [("My workspace", Access.OWNER)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["", "\u200b", "a\nb", "a\0b", "x" * 101, "Win at HTTPS://evil.example", "WWW.evil.example"]
)
def test_a_bad_name_makes_neither_a_user_nor_a_workspace(client, name):
    client.post(SIGN_UP, {"name": name, "email": "ann@example.org", "password1": PASSWORD})
    assert not get_user_model().objects.exists()
    assert not Workspace.objects.exists()


@pytest.mark.django_db
def test_where_sign_up_is_closed_nobody_gets_in_that_way(client, settings):
    settings.SIGN_UP_OPEN = False
    client.post(SIGN_UP, {"name": "Ann", "email": "ann@example.org", "password1": PASSWORD})
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_a_sign_up_that_fails_halfway_leaves_nothing(client, monkeypatch):
    def fail(user, name):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("raci.workspaces.signup.open_workspace", fail)
    with pytest.raises(RuntimeError):
        client.post(SIGN_UP, {"name": "Ann", "email": "ann@example.org", "password1": PASSWORD})
    assert not get_user_model().objects.exists()


@pytest.mark.django_db
def test_whoever_comes_with_an_invitation_reads_what_they_join_and_finds_their_address(client, owner):
    plain = client.get(SIGN_UP)
    for address in ("nora@example.org", ""):
        invitation = invite(by=owner, access=Access.EDITOR, email=address).invitation
        client.cookies[INVITED] = links.renew(invitation.link)
        page = client.get(SIGN_UP)
        assert "To join <bdi>Acme</bdi>." in page.text
        assert page.context["form"]["email"].value() == (address or None)
    assert "To join" not in plain.text
