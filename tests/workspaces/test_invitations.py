"""Invitations: for one address and once, or for whoever has the link; made by owners, never too many."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from raci.web.refusals import Conflict, Forbidden, Gone, Refused, TooMany
from raci.workspaces import invitations, links
from raci.workspaces.invitations import (
    DAILY_LIMIT,
    LIFETIME,
    OPEN_LIMIT,
    accept,
    invite,
    invite_again,
    is_same_address,
    open_in,
    opened_by,
)
from raci.workspaces.members import change_access, leave, remove
from raci.workspaces.models import Access, AuditEvent, Invitation, Link, Member
from tests.factories import MemberFactory, UserFactory
from tests.stress.together import together

ADDRESS = "nora@example.org"


@pytest.fixture
def nora(db):
    return UserFactory(name="Nora Newcomer", email=ADDRESS)


def mailed(owner, address=ADDRESS, access=Access.EDITOR, **options):
    """An invitation with an address, and the token that its mail told."""
    invitation = invite(by=owner, email=address, access=access, **options).invitation
    return invitation, links.renew(invitation.link)


def member_of(owner, user):
    return Member.objects.filter(workspace=owner.workspace, user=user).first()


def kinds(owner):
    return list(AuditEvent.objects.filter(workspace=owner.workspace).order_by("pk").values_list("kind", flat=True))


# ---- Joining


@pytest.mark.parametrize("access", list(Access))
def test_whoever_is_invited_joins_with_the_access_they_were_given(owner, nora, access):
    _, token = mailed(owner, access=access)
    joined = accept(by=nora, token=token)
    assert (joined.member.access, joined.was_there) == (access, False)
    assert member_of(owner, nora).access == access
    event = AuditEvent.objects.get(kind="member.joined")
    assert (event.by, event.whom, event.about) == (nora, owner.user, {"access": access})


def test_an_invitation_with_an_address_works_once(owner, nora):
    _, token = mailed(owner)
    accept(by=nora, token=token)
    leave(by=member_of(owner, nora))
    with pytest.raises(Gone):
        accept(by=nora, token=token)
    assert member_of(owner, nora) is None


def test_one_without_an_address_works_for_many_until_it_is_revoked(owner, nora):
    invited = invite(by=owner, access=Access.VIEWER)
    for user in (nora, UserFactory(), UserFactory()):
        accept(by=user, token=invited.token)
    invitations.revoke(by=owner, invitation=invited.invitation.pk)
    with pytest.raises(Gone):
        accept(by=UserFactory(), token=invited.token)
    assert Member.objects.filter(workspace=owner.workspace).count() == 4


def test_another_account_is_refused_and_uses_nothing_up(owner, nora):
    _, token = mailed(owner)
    with pytest.raises(Forbidden) as refused:
        accept(by=UserFactory(), token=token)
    assert refused.value.sentence.startswith("This invitation is for another address")
    assert owner.workspace.name not in refused.value.sentence
    accept(by=nora, token=token)
    assert member_of(owner, nora)


def test_a_member_who_accepts_stays_what_they_are(owner, viewer, nora):
    token = invite(by=owner, access=Access.EDITOR).token
    joined = accept(by=viewer.user, token=token)
    assert (joined.was_there, joined.member.access) == (True, Access.VIEWER)
    assert kinds(owner) == ["member.invited"]


def test_a_member_who_accepts_one_with_an_address_leaves_it_open(owner, nora):
    _, token = mailed(owner, access=Access.OWNER)
    MemberFactory(workspace=owner.workspace, user=nora, access=Access.VIEWER)
    assert accept(by=nora, token=token).member.access == Access.VIEWER
    assert opened_by(token)


# ---- The address


@pytest.mark.parametrize(
    "other", ["NORA@example.org", "Nora@EXAMPLE.org", " nora@example.org ", "nora@\uff45xample.org"]
)
def test_an_address_is_the_same_however_it_is_written(other):
    assert is_same_address(ADDRESS, other)
    assert is_same_address(other, ADDRESS)


@pytest.mark.parametrize(
    "other",
    [
        "n\u043era@example.org",
        "\uff4eora@example.org",
        "nora@example.com",
        "nora+x@example.org",
        "n.ora@example.org",
        "",
    ],
)
def test_an_address_that_only_looks_alike_is_another(other):
    assert not is_same_address(ADDRESS, other)


@pytest.mark.parametrize("other", ["mi\u212ae@example.org", "m\u0131ke@example.org"])
def test_a_letter_that_folds_to_another_makes_another_address(other):
    assert not is_same_address("mike@example.org", other)
    assert not is_same_address("MIKE@example.org", other)


def test_the_account_may_write_its_address_otherwise(owner, nora):
    _, token = mailed(owner, address="Nora@Example.Org")
    assert not accept(by=nora, token=token).was_there


# ---- Ends


def test_an_invitation_ends_to_the_second(owner, nora):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        _, token = mailed(owner)
        clock.shift(LIFETIME - timedelta(seconds=1))
        assert opened_by(token)
        clock.shift(timedelta(seconds=1))
        with pytest.raises(Gone):
            accept(by=nora, token=token)
        clock.shift(timedelta(seconds=-1))
        accept(by=nora, token=token)


@pytest.mark.parametrize("how", ["revoked", "replaced", "again", "maker left", "maker demoted", "deleted", "closed"])
def test_an_invitation_that_ended_lets_nobody_in(owner, nora, how):
    other = MemberFactory(workspace=owner.workspace, access=Access.OWNER)
    invitation, token = mailed(other)
    match how:
        case "revoked":
            invitations.revoke(by=owner, invitation=invitation.pk)
        case "replaced":
            mailed(owner, address="NORA@example.org")
        case "again":
            invite_again(by=owner, invitation=invitation.pk)
        case "maker left":
            remove(by=owner, member=other.pk)
        case "maker demoted":
            change_access(by=owner, member=other.pk, access=Access.EDITOR)
        case "deleted":
            owner.workspace.deleted_at = timezone.now()
            owner.workspace.save()
        case "closed":
            other.user.is_active = False
            other.user.save()
    assert opened_by(token) is None
    with pytest.raises(Gone):
        accept(by=nora, token=token)
    assert member_of(owner, nora) is None


def test_a_token_of_another_purpose_opens_no_invitation(owner, nora):
    until = timezone.now() + LIFETIME
    purpose = Link.Purpose.ASSESSMENT
    _, token = links.make_link(purpose=purpose, workspace=owner.workspace, by=owner.user, until=until)
    for one in (token, links.make_sign_in_link(owner.user), "", "x", "a\0b"):
        assert opened_by(one) is None


# ---- Inviting


@pytest.mark.parametrize("who", ["editor", "reviewer", "viewer"])
def test_only_an_owner_invites_sends_again_and_revokes(request, owner, who):
    member, invitation = request.getfixturevalue(who), mailed(owner)[0]
    for operation in (
        lambda: invite(by=member, email="x@example.org", access=Access.VIEWER),
        lambda: invite_again(by=member, invitation=invitation.pk),
        lambda: invitations.revoke(by=member, invitation=invitation.pk),
    ):
        with pytest.raises(Forbidden):
            operation()
    assert Invitation.objects.count() == 1
    assert kinds(owner) == ["member.invited"]


def test_the_token_of_a_mailed_invitation_is_told_to_nobody(owner):
    assert invite(by=owner, email=ADDRESS, access=Access.VIEWER).token == ""


def test_the_log_keeps_where_an_address_is_but_not_whose(owner):
    mailed(owner)
    row = Invitation.objects.get()
    assert AuditEvent.objects.get().about == {"access": "editor", "domain": "example.org", "invitation": row.pk}


def test_the_same_address_has_one_open_invitation(owner):
    mailed(owner)
    second = mailed(owner, address="Nora@example.org", access=Access.VIEWER)[0]
    assert list(open_in(owner.workspace)) == [second]


def test_sending_again_makes_a_new_link_that_lasts_as_long_as_the_first(owner):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first, token = mailed(owner, until=timezone.now() + timedelta(days=30))
        clock.shift(timedelta(days=29))
        again = invite_again(by=owner, invitation=first.pk).invitation
        assert again.link.expires_at == timezone.now() + timedelta(days=30)
        assert (again.email, again.access) == (first.email, first.access)
        assert opened_by(token) is None


@pytest.mark.parametrize("address", ["owner", "editor"])
def test_a_member_is_not_invited(request, owner, address):
    email = request.getfixturevalue(address).user.email
    with pytest.raises(Refused, match="member already") as refused:
        invite(by=owner, email=email.upper(), access=Access.OWNER)
    assert refused.value.status == 422
    assert not Invitation.objects.exists()


def test_a_link_for_everyone_makes_no_owners(owner):
    with pytest.raises(Refused, match="cannot make owners"):
        invite(by=owner, access=Access.OWNER)


def test_another_workspaces_invitation_is_no_object_here(owner, stranger):
    theirs = mailed(stranger)[0]
    for operation in (invite_again, invitations.revoke):
        with pytest.raises(Gone):
            operation(by=owner, invitation=theirs.pk)
    assert list(open_in(stranger.workspace)) == [theirs]


def test_twenty_a_day_are_sent_and_the_next_tomorrow(owner, stranger):
    MemberFactory(workspace=stranger.workspace, user=owner.user, access=Access.OWNER)
    elsewhere = Member.objects.get(workspace=stranger.workspace, user=owner.user)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for number in range(DAILY_LIMIT):
            by = elsewhere if number % 2 else owner  # counted by person, not by workspace
            invite(by=by, email=f"person{number}@example.net", access=Access.VIEWER)
        with pytest.raises(TooMany) as refused:
            invite(by=owner, email=ADDRESS, access=Access.VIEWER)
        with pytest.raises(TooMany):
            invite_again(by=owner, invitation=open_in(owner.workspace).first().pk)
        assert refused.value.status == 429
        assert open_in(owner.workspace).count() == DAILY_LIMIT / 2  # the one to be sent again is still open
        clock.shift(timedelta(days=1))
        invite(by=owner, email=ADDRESS, access=Access.VIEWER)


def test_fifty_are_open_and_no_more(owner, monkeypatch):
    monkeypatch.setattr(invitations, "DAILY_LIMIT", OPEN_LIMIT + 10)
    made = [invite(by=owner, email=f"person{n}@example.net", access=Access.VIEWER) for n in range(OPEN_LIMIT)]
    with pytest.raises(Conflict, match="50 invitations are open"):
        invite(by=owner, email=ADDRESS, access=Access.VIEWER)
    invite_again(by=owner, invitation=made[0].invitation.pk)  # which takes the place of the first
    invitations.revoke(by=owner, invitation=made[1].invitation.pk)
    invite(by=owner, email=ADDRESS, access=Access.VIEWER)
    assert open_in(owner.workspace).count() == OPEN_LIMIT


# ---- At the same moment


@pytest.mark.django_db(transaction=True)
def test_of_twenty_tries_at_once_one_joins(owner, nora):
    _, token = mailed(owner)
    results = together(*[lambda: accept(by=nora, token=token)] * 20)
    assert [getattr(result, "was_there", type(result)) for result in results].count(False) == 1
    assert Member.objects.filter(workspace=owner.workspace, user=nora).count() == 1
    assert kinds(owner).count("member.joined") == 1


@pytest.mark.django_db(transaction=True)
def test_of_twenty_people_at_once_only_the_invited_one_joins(owner, nora):
    _, token = mailed(owner)
    people = [nora, *(UserFactory() for _ in range(19))]
    results = together(*(lambda user=user: accept(by=user, token=token) for user in people))
    assert all(isinstance(result, Forbidden | Gone) for result in results[1:]), results
    assert set(owner.workspace.members.values_list("user", flat=True)) == {owner.user_id, nora.pk}


@pytest.mark.django_db(transaction=True)
def test_whoever_revokes_and_whoever_accepts_at_once_do_not_both_succeed(owner, nora):
    invitation, token = mailed(owner)
    revoked, joined = together(
        lambda: invitations.revoke(by=owner, invitation=invitation.pk), lambda: accept(by=nora, token=token)
    )
    assert isinstance(revoked, Gone) != isinstance(joined, Gone)
    assert (member_of(owner, nora) is None) == isinstance(joined, Gone)


@pytest.mark.django_db(transaction=True)
def test_the_same_address_invited_by_two_owners_at_once_has_one_invitation(owner):
    other = MemberFactory(workspace=owner.workspace, access=Access.OWNER)
    together(*(lambda by=by: invite(by=by, email=ADDRESS, access=Access.VIEWER) for by in (owner, other)))
    assert open_in(owner.workspace).count() == 1
