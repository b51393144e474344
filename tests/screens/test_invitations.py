"""Invitations: what owners send and see, and how somebody gets in by one, with an account or on the way to one."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.core import mail
from django.db import DataError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from raci.accounts.models import User
from raci.notices.models import Outbox
from raci.notices.names import sign_of
from raci.notices.sending import send_due
from raci.screens.inviting import invite
from raci.workspaces import invitations, links
from raci.workspaces.links import new_token
from raci.workspaces.models import Access, AuditEvent, Invitation, Link, Member, Workspace
from tests.factories import MemberFactory, UserFactory

ADDRESS = "nora@example.org"
PASSWORD = "a long enough phrase"
SIGN_UP = {"name": "Nora Newcomer", "email": ADDRESS, "password1": PASSWORD}


def until(days=7):
    return f"{timezone.localdate() + timedelta(days=days):%Y-%m-%d}"


def sent(**changes):
    return {"email": ADDRESS, "access": "editor", "until": until(), "way": "mail", **changes}


def url(name, member, *ids):
    return reverse(name, args=[member.workspace_id, *ids])


def mailed(owner, address=ADDRESS, access=Access.EDITOR):
    """An invitation by mail, and the token its mail told."""
    ends = timezone.now() + timedelta(days=7)
    row = invite(by=owner, email=address, access=access, until=ends).invitation
    return row, links.renew(row.link)


def by_link(owner, access=Access.VIEWER):
    invited = invitations.invite(by=owner, access=access)
    return invited.invitation, invited.token


def opened(token, client=None) -> Client:
    """A browser that followed an invitation."""
    client = client or Client()
    assert client.get(reverse("invitation_link", args=[token])).status_code == 302
    return client


def page_of(row):
    return reverse("invitation", args=[row.pk])


def joined(owner, email=ADDRESS):
    return Member.objects.filter(workspace=owner.workspace, user__email=email).first()


# ---- Owners invite


def test_an_owner_invites_by_mail(sign_in, owner):
    answer = sign_in(owner).post(url("invitation_new", owner), sent(), follow=True)
    assert f"An invitation is on its way to {ADDRESS}." in answer.text
    assert "on its way</span>" in answer.text
    row, letter = Invitation.objects.get(), Outbox.objects.get()
    assert (row.email, row.access) == (ADDRESS, "editor")
    assert (letter.to, letter.link, letter.workspace) == (ADDRESS, row.link, owner.workspace)
    assert letter.subject == f"{sign_of(owner.user)} invites you to Acme"
    assert "You may change its matrices." in letter.text
    assert not mail.outbox  # nothing is sent inside the request


def test_an_owner_makes_a_link_which_is_shown_once(sign_in, owner):
    client = sign_in(owner)
    page = client.post(url("invitation_new", owner), sent(way="link", email="", access="viewer"), follow=True)
    shown = page.context["link"]
    assert shown in page.text
    assert invitations.opened_by(shown.rstrip("/").rpartition("/")[2]) == Invitation.objects.get()
    assert page.headers["Cache-Control"] == "no-store"
    assert shown not in client.get(url("members", owner)).text
    assert not Outbox.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"email": "a@b.example\nBcc: x@y.example"}, 422),
        ({"email": "a@b.example\r\n"}, 422),
        ({"email": "a@b.example, c@d.example"}, 422),
        ({"email": "x" * 250 + "@example.org"}, 422),
        ({"email": "\n".join(f"p{n}@example.org" for n in range(500))}, 422),
        ({"email": "nobody"}, 422),
        ({"email": ""}, 422),
        ({"email": "m\u0131ke@example.org"}, 422),
        ({"email": "olive@example.org"}, 422),
        ({"email": "EDDIE@example.org"}, 422),
        ({"access": "admin"}, 422),
        ({"access": ""}, 422),
        ({"way": "link", "access": "owner"}, 422),
        ({"until": until(-1)}, 422),
        ({"until": until(91)}, 422),
        ({"until": "soon"}, 422),
        ({"way": ""}, 400),
        ({"way": "pigeon"}, 400),
    ],
)
def test_what_cannot_be_sent_is_refused_with_what_was_typed(sign_in, owner, editor, changes, status):
    answer = sign_in(owner).post(url("invitation_new", owner), sent(**changes))
    assert answer.status_code == status
    assert not Invitation.objects.exists()
    assert not Outbox.objects.exists()
    if status == 422:
        assert "<title>Error: Members" in answer.text
        assert answer.text.count(" autofocus") == 1  # the page opens there, however far below it is
    if changes.get("email") == "nobody":
        assert 'value="nobody"' in answer.text


def test_it_may_last_ninety_days(sign_in, owner):
    sign_in(owner).post(url("invitation_new", owner), sent(until=until(90)))
    assert Invitation.objects.get().link.expires_at > timezone.now() + timedelta(days=89)


def test_a_flood_is_stopped_after_twenty(sign_in, owner):
    client = sign_in(owner)
    answers = [
        client.post(url("invitation_new", owner), sent(email=f"p{n}@example.net")).status_code for n in range(22)
    ]
    assert answers == [302] * 20 + [429] * 2
    assert Outbox.objects.count() == 20
    again = client.post(url("invitation_again", owner, Invitation.objects.first().pk))
    assert again.status_code == 429
    assert "Send more tomorrow." in again.text


def test_what_became_of_the_mail_stands_beside_it(sign_in, owner):
    mailed(owner)
    client, now = sign_in(owner), timezone.now()
    for fields, said in (({}, "on its way"), ({"sent_at": now}, "sent"), ({"failed_at": now}, "not delivered")):
        Outbox.objects.update(**fields)
        assert f"</svg> {said}</span>" in client.get(url("members", owner)).text


def test_it_is_sent_again_with_another_link(sign_in, owner):
    row, token = mailed(owner)
    sign_in(owner).post(url("invitation_again", owner, row.pk))
    assert Outbox.objects.filter(to=ADDRESS).count() == 2
    assert invitations.opened_by(token) is None
    assert invitations.open_in(owner.workspace).get().pk != row.pk


def test_it_is_revoked(sign_in, owner):
    row, token = mailed(owner)
    answer = sign_in(owner).post(url("invitation_revoke", owner, row.pk), follow=True)
    assert f"The invitation for {ADDRESS} is revoked." in answer.text
    assert Client().get(reverse("invitation_link", args=[token])).status_code == 410


def test_a_mail_that_cannot_be_put_leaves_no_invitation(sign_in, owner):
    def fail_at_the_mail(execute, sql, *rest):
        if sql.startswith("INSERT") and "notices_outbox" in sql:
            raise DataError("too long")
        return execute(sql, *rest)

    client = sign_in(owner)
    with pytest.raises(DataError), connection.execute_wrapper(fail_at_the_mail):
        client.post(url("invitation_new", owner), sent())
    assert not Link.objects.filter(purpose="invitation").exists()
    assert not AuditEvent.objects.exists()


# ---- The link


def test_the_token_moves_from_the_address_into_cookies_for_two_pages(owner):
    row, token = mailed(owner)
    answer = Client().get(reverse("invitation_link", args=[token]))
    assert answer.url == page_of(row)
    places = {cookie["path"] for cookie in answer.cookies.values() if cookie.value == token}
    assert places == {page_of(row), reverse("account_signup")}
    assert all(cookie["httponly"] and cookie["samesite"] == "Lax" for cookie in answer.cookies.values())
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Cache-Control"] == "no-store"


def test_looking_uses_nothing_up(owner):
    row, token = mailed(owner)
    client = Client()
    for ask in (client.get, client.head, client.get):
        assert ask(reverse("invitation_link", args=[token])).status_code == 302
        assert ask(page_of(row)).status_code == 200
    assert invitations.opened_by(token) == row
    assert token not in client.get(page_of(row)).text


@pytest.mark.parametrize("how", ["unknown", "revoked", "used", "ended"])
def test_a_dead_invitation_is_gone_with_the_same_words_whatever_ended_it(owner, how):
    row, token = mailed(owner)
    client = opened(token)
    match how:
        case "unknown":
            token = new_token()
        case "revoked":
            links.revoke(row.link)
        case "used":
            invitations.accept(by=UserFactory(email=ADDRESS), token=token)
        case "ended":
            Link.objects.update(expires_at=timezone.now())
    answers = [Client().get(reverse("invitation_link", args=[token]))]
    if how != "unknown":
        answers.append(client.get(page_of(row)))
    for answer in answers:
        assert answer.status_code == 410
        assert 'data-error="expired_link"' in answer.text
        assert "This invitation does not open anything" in answer.text
        assert "Acme" not in answer.text


def test_the_page_opens_nothing_without_the_token_or_with_that_of_another(owner):
    row, _ = mailed(owner)
    other, token = by_link(owner)
    client = opened(token)
    client.cookies["invitation"]["path"] = "/"
    assert Client().get(page_of(row)).status_code == 410
    assert client.get(page_of(row)).status_code == 410
    assert client.get(page_of(other)).status_code == 200
    assert client.get(reverse("invitation", args=[987654])).status_code == 410


def test_thirty_wrong_links_a_minute_are_told_and_the_next_is_too_many(db):
    client = Client()
    answers = [client.get(reverse("invitation_link", args=[new_token()])).status_code for _ in range(31)]
    assert answers == [410] * 30 + [429]


def test_the_log_does_not_know_the_token(owner, caplog):
    links.revoke(mailed(owner)[0].link)
    token = new_token()
    Client().get(reverse("invitation_link", args=[token]))
    assert "/invitations/·" in caplog.text
    assert token not in caplog.text


# ---- Joining


def test_it_says_who_invites_into_what_as_what_and_until_when(owner):
    row, token = mailed(owner, access=Access.VIEWER)
    page = opened(token).get(page_of(row)).text
    ends = timezone.localtime(row.link.expires_at)
    for said in ("Olive Owner", "Acme", "as a viewer", "look at everything in it", f"{ends:%Y}", ADDRESS):
        assert said in page
    assert f"{reverse('account_login')}?next=%2Finvitations%2F{row.pk}%2F" in page
    assert f"{reverse('account_signup')}?next=%2Finvitations%2F{row.pk}%2F" in page


def test_the_right_account_joins_with_one_button(sign_in, owner, stranger):
    row, token = mailed(owner, address=stranger.user.email)
    client = opened(token, sign_in(stranger))
    assert ">Join</button>" in client.get(page_of(row)).text
    answer = client.post(page_of(row), follow=True)
    assert answer.redirect_chain[-1][0] == reverse("matrices", args=[owner.workspace_id])
    assert "Welcome to “Acme”." in answer.text
    assert joined(owner, stranger.user.email).access == Access.EDITOR
    assert client.post(page_of(row)).status_code == 410
    assert Member.objects.filter(workspace=owner.workspace).count() == 2


def test_another_account_is_refused_without_a_word_about_the_workspace(sign_in, owner, stranger):
    row, token = mailed(owner)
    client = opened(token, sign_in(stranger))
    for ask in (client.get, client.post):
        answer = ask(page_of(row))
        assert answer.status_code == 403
        assert "This invitation is for another address" in answer.text
        for secret in ("Acme", "Olive", ADDRESS):
            assert secret not in answer.text
    assert not joined(owner, stranger.user.email)
    assert invitations.opened_by(token)


def test_a_look_alike_address_is_another_account(sign_in, owner, stranger):
    row, token = mailed(owner)
    User.objects.filter(pk=stranger.user_id).update(email="n\u043era@example.org")
    assert opened(token, sign_in(stranger)).post(page_of(row)).status_code == 403


def test_whoever_is_signed_in_as_another_signs_out_and_comes_back(sign_in, owner, stranger):
    row, token = mailed(owner)
    client = opened(token, sign_in(stranger))
    answer = client.post(reverse("account_logout"), {"next": page_of(row)})
    assert answer.url == page_of(row)
    assert client.get(page_of(row)).status_code == 200


def test_a_member_reads_that_they_are_one_and_nothing_changes(sign_in, owner, viewer):
    row, token = by_link(owner, Access.EDITOR)
    client = opened(token, sign_in(viewer))
    assert "You are a member of <bdi>Acme</bdi> already." in client.get(page_of(row)).text
    assert "You were a member of “Acme” already." in client.post(page_of(row), follow=True).text
    viewer.refresh_from_db()
    assert viewer.access == Access.VIEWER


def test_signing_in_leads_back_to_the_invitation(owner):
    UserFactory(email=ADDRESS, password=PASSWORD)
    row, token = mailed(owner)
    client = opened(token)
    assert client.post(page_of(row)).url == f"{reverse('account_login')}?next=%2Finvitations%2F{row.pk}%2F"
    answer = client.post(reverse("account_login"), {"login": ADDRESS, "password": PASSWORD, "next": page_of(row)})
    assert answer.url == page_of(row)
    assert client.post(page_of(row)).url == reverse("matrices", args=[owner.workspace_id])


# ---- On the way to an account


def test_whoever_signs_up_by_an_invitation_comes_back_and_joins_without_a_workspace_of_their_own(owner, settings):
    settings.SIGN_UP_OPEN = False
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    row, token = mailed(owner)
    client = opened(token)
    answer = client.post(reverse("account_signup"), {**SIGN_UP, "next": page_of(row)})
    assert answer.url == page_of(row)  # the invitation proved the address: nothing is left to confirm
    assert EmailAddress.objects.get(email=ADDRESS).verified
    assert not Outbox.objects.exclude(link=row.link).exists()
    assert not mail.outbox
    client.post(page_of(row))
    assert joined(owner).access == Access.EDITOR
    assert Workspace.objects.count() == 1


@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_whoever_signs_up_later_for_themselves_is_brought_to_the_invitation_and_may_go_their_own_way(
    owner, settings, verification
):
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    row, token = by_link(owner)
    client = opened(token)
    answer = client.post(reverse("account_signup"), {**SIGN_UP, "next": "/account/"})
    if verification == "mandatory":
        key = EmailConfirmationHMAC.create(EmailAddress.objects.get(email=ADDRESS)).key
        answer = client.post(reverse("account_confirm_email", args=[key]))
    assert answer.url == page_of(row)
    page = client.get(answer.url).text
    assert "Join <bdi>Acme</bdi>" in page
    assert f'href="{reverse("workspace_new")}">Open a workspace of your own instead' in page
    assert reverse("workspace_new") in client.get(reverse("home"), follow=True).text
    client.post(reverse("workspace_new"), {"name": "Nora Ltd"})
    assert "of your own instead" not in client.get(page_of(row)).text
    assert [each.workspace.name for each in Member.objects.filter(user__email=ADDRESS)] == ["Nora Ltd"]


def test_a_name_that_looks_like_a_web_address_is_no_link_in_mail(owner):
    User.objects.filter(pk=owner.user_id).update(name="www.evil.example")
    Workspace.objects.filter(pk=owner.workspace_id).update(name="https://evil.example/login – locked")
    mailed(Member.objects.get(pk=owner.pk))
    send_due()
    (letter,) = mail.outbox
    html = letter.alternatives[0].content
    for part in (letter.subject, letter.body, html):
        assert "https:\u200b//evil.\u200bexample/login – locked" in part
        assert "www.\u200bevil.\u200bexample" in part
        assert "://evil" not in part


def test_a_link_for_everyone_opens_sign_up_and_proves_no_address(owner, settings):
    settings.SIGN_UP_OPEN = False
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    row, token = by_link(owner)
    client = opened(token)
    assert client.get(reverse("account_signup")).status_code == 200
    answer = client.post(reverse("account_signup"), {**SIGN_UP, "next": page_of(row)})
    assert answer.url == reverse("account_email_verification_sent")
    address = EmailAddress.objects.get(email=ADDRESS)
    assert not address.verified
    key = EmailConfirmationHMAC.create(address).key
    assert client.post(reverse("account_confirm_email", args=[key])).url == page_of(row)
    client.post(page_of(row))
    assert joined(owner).access == Access.VIEWER
    assert Workspace.objects.count() == 1


def test_where_sign_up_is_closed_an_invitation_opens_it_for_its_own_address(owner, settings):
    settings.SIGN_UP_OPEN = False
    _, token = mailed(owner)
    client = opened(token)
    answer = client.post(reverse("account_signup"), {**SIGN_UP, "email": "nora@example.com"})
    assert "Your invitation is for another address." in answer.text
    assert not User.objects.filter(email="nora@example.com").exists()


@pytest.mark.parametrize("how", ["none", "revoked", "unknown"])
def test_without_an_open_invitation_sign_up_stays_closed(owner, settings, how):
    settings.SIGN_UP_OPEN = False
    row, token = mailed(owner)
    client = opened(token) if how != "none" else Client()
    if how == "revoked":
        links.revoke(row.link)
    if how == "unknown":
        client.cookies["invited"] = new_token()
    assert "Sign-up is closed" in client.get(reverse("account_signup")).text
    client.post(reverse("account_signup"), SIGN_UP)
    assert not User.objects.filter(email=ADDRESS).exists()


def test_another_address_signs_up_as_anybody_does(owner):
    _, token = mailed(owner)
    opened(token).post(reverse("account_signup"), {**SIGN_UP, "email": "other@example.org"})
    assert Member.objects.get(user__email="other@example.org").workspace.name == "My workspace"
    assert not EmailAddress.objects.filter(email="other@example.org", verified=True).exists()


def test_an_invited_person_is_a_stranger_until_they_join(sign_in, owner, matrix):
    mailed(owner, address="stan@example.org")
    guest = MemberFactory(user__email="stan@example.org")
    client = sign_in(guest)
    for name, ids in (("matrices", []), ("members", []), ("matrix", [matrix.pk])):
        assert client.get(url(name, owner, *ids)).status_code == 404
