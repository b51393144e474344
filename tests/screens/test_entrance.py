"""The ways in: the front door, the one-use link, sign-up and the list of sessions."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.accounts.models import User
from raci.notices.sending import send_due
from raci.workspaces.links import make_sign_in_link
from raci.workspaces.models import Access, Link, Member, Workspace
from tests.factories import MemberFactory

TOKEN = re.compile(r'(csrfmiddlewaretoken" value="|X-CSRFToken":")[A-Za-z0-9]+')


@pytest.fixture
def link(owner) -> str:
    return reverse("sign_in_link", args=[make_sign_in_link(owner.user)])


def test_a_link_signs_in_once(client, owner, link):
    answer = client.post(link, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("matrices", args=[owner.workspace_id])
    assert Client().post(link).status_code == 410


def test_looking_at_a_link_uses_nothing_up(client, link):
    for _ in range(3):
        assert client.get(link).status_code == 200
        assert client.head(link).status_code == 200
    assert client.post(link).status_code == 302


def test_a_link_dies_after_a_day(client, link):
    with time_machine.travel(timezone.now() + timedelta(hours=24, seconds=1), tick=False):
        assert client.get(link).status_code == 410
        assert client.post(link).status_code == 410


def test_an_unknown_token_looks_like_a_used_one(client, link):
    client.post(link)
    used, unknown = Client().get(link), Client().get(reverse("sign_in_link", args=["never-made"]))
    assert used.status_code == unknown.status_code == 410
    assert TOKEN.sub("", used.content.decode()) == TOKEN.sub("", unknown.content.decode())


def test_the_token_itself_is_not_stored(owner):
    token = make_sign_in_link(owner.user)
    stored = Link.objects.get()
    assert token not in str(vars(stored))
    assert len(token) >= 43


def test_a_deactivated_person_cannot_use_a_link(client, owner, link):
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    assert client.post(link).status_code == 410


def test_a_session_begun_by_link_is_listed_and_ends_when_all_others_are_signed_out(client, owner, link):
    elsewhere = Client()
    elsewhere.post(reverse("sign_in_link", args=[make_sign_in_link(owner.user)]))
    client.post(link)
    assert client.get(reverse("usersessions_list")).content.decode().count("127.0.0.1") == 2
    client.post(reverse("usersessions_list"))
    home = reverse("matrices", args=[owner.workspace_id])
    assert elsewhere.get(home).status_code == 302
    assert client.get(home).status_code == 200


def test_signing_up_makes_a_person_with_a_workspace_of_their_own(client, seeded):
    fields = {"name": "Nia New", "email": "nia@example.org", "password1": "a-long-passphrase-77"}
    answer = client.post(reverse("account_signup"), fields, follow=True)
    member = Member.objects.get(user__email="nia@example.org")
    assert (str(member.user), member.workspace.name, member.access) == ("Nia New", "My workspace", Access.OWNER)
    assert answer.redirect_chain[-1][0] == reverse("matrices", args=[member.workspace_id])


def test_sign_up_is_closed_by_one_setting(client, settings, seeded):
    settings.SIGN_UP_OPEN = False
    fields = {"name": "Nia New", "email": "nia@example.org", "password1": "a-long-passphrase-77"}
    client.post(reverse("account_signup"), fields)
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 101, "zero\x00"])
def test_a_name_that_is_none_is_refused_at_sign_up(client, seeded, name):
    fields = {"name": name, "email": "nia@example.org", "password1": "a-long-passphrase-77"}
    page = client.post(reverse("account_signup"), fields)
    assert page.status_code == 200
    assert not User.objects.exists()
    assert "aria-invalid" in page.content.decode()


def test_a_password_is_reset_by_mail_and_other_sessions_end(client, owner, sign_in):
    owner.user.set_password("the-old-passphrase-1")
    owner.user.save()
    elsewhere = sign_in(owner)
    client.post(reverse("account_reset_password"), {"email": owner.user.email})
    send_due()
    (letter,) = mail.outbox
    path = next(word for word in letter.body.split() if "/password/reset/" in word).split("localhost:8000", 1)[-1]
    page = client.get(path, follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": "the-new-passphrase-2", "password2": "the-new-passphrase-2"})
    owner.user.refresh_from_db()
    assert owner.user.check_password("the-new-passphrase-2")
    assert elsewhere.get(reverse("matrices", args=[owner.workspace_id])).status_code == 302


def test_the_sixth_wrong_password_is_refused_and_so_is_the_right_one_then(client, owner):
    owner.user.set_password("the-right-passphrase-1")
    owner.user.save()
    for _ in range(6):
        client.post(reverse("account_login"), {"login": owner.user.email, "password": "wrong"})
    page = client.post(reverse("account_login"), {"login": owner.user.email, "password": "the-right-passphrase-1"})
    assert page.status_code == 200
    assert "Too many" in page.content.decode()


@pytest.mark.parametrize("to", ["//evil.example", "https:evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_elsewhere(client, owner, to):
    owner.user.set_password("the-right-passphrase-1")
    owner.user.save()
    fields = {"login": owner.user.email, "password": "the-right-passphrase-1", "next": to}
    answer = client.post(f"{reverse('account_login')}?next={to}", fields)
    assert answer.status_code == 302
    assert answer["Location"] == "/"


def test_somebody_in_no_workspace_is_told_so(client, ex_member, sign_in):
    page = sign_in(ex_member).get("/", follow=True)
    assert "You are in no workspace" in page.text
    assert reverse("workspace_new") in page.text


def test_the_front_door_leads_to_the_one_workspace_or_to_the_list_of_several(owner, sign_in):
    client = sign_in(owner)
    assert client.get("/")["Location"] == reverse("matrices", args=[owner.workspace_id])
    other = MemberFactory(user=owner.user)
    assert client.get("/")["Location"] == reverse("workspaces")
    Workspace.objects.filter(pk=other.workspace_id).update(deleted_at=timezone.now())
    assert client.get("/")["Location"] == reverse("matrices", args=[owner.workspace_id])


def test_pages_of_the_account_are_kept_nowhere_and_signing_out_clears_the_rest(owner, sign_in):
    client = sign_in(owner)
    assert "no-store" in client.get(reverse("account_change_password"))["Cache-Control"]
    page = client.get(reverse("matrices", args=[owner.workspace_id]))
    assert page["Cache-Control"] == "private, no-cache"
    assert {"Cookie", "HX-Request"} <= {part.strip() for part in page["Vary"].split(",")}
    answer = client.post(reverse("account_logout"))
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("matrices", args=[owner.workspace_id])).status_code == 302
