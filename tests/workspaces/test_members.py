"""Who may change what somebody may: only owners grant, and there is always an owner."""

from datetime import timedelta
from itertools import product

import pytest
from django.http import Http404
from django.utils import timezone

from raci.matrices.operations import Sender, set_level
from raci.matrices.undo import undo
from raci.web.refusals import Conflict, Forbidden, Gone, Refused
from raci.workspaces.invitations import invite
from raci.workspaces.links import is_open, make_link
from raci.workspaces.members import change_access, choose_mail, hand_over, is_only_owner, leave, remove
from raci.workspaces.models import Access, AuditEvent, Link, Mail, Member
from tests.factories import MemberFactory
from tests.matrices.reading import roles_of, rows_of
from tests.stress.together import together


def access_of(member):
    return Member.objects.filter(pk=member.pk).values_list("access", flat=True).first()


def events(workspace):
    rows = AuditEvent.objects.filter(workspace=workspace).order_by("pk")
    return [(event.kind, event.by, event.whom, event.about) for event in rows]


def link_of(member, purpose=Link.Purpose.ASSESSMENT):
    until = timezone.now() + timedelta(days=1)
    return make_link(purpose=purpose, workspace=member.workspace, by=member.user, until=until)[0]


# ---- Every actor, target and new access


@pytest.mark.parametrize(("actor", "target", "access"), list(product(Access, Access, Access)))
def test_only_an_owner_gives_access_and_to_anybody(workspace, actor, target, access):
    MemberFactory(workspace=workspace, access=Access.OWNER)  # so that nobody is the last
    by, whom = (MemberFactory(workspace=workspace, access=level) for level in (actor, target))
    if actor != Access.OWNER:
        with pytest.raises(Forbidden):
            change_access(by=by, member=whom.pk, access=access)
        assert access_of(whom) == target
        assert not events(workspace)
        return
    change_access(by=by, member=whom.pk, access=access)
    assert access_of(whom) == access
    told = [("member.access", by.user, whom.user, {"was": target, "access": access})]
    assert events(workspace) == (told if access != target else [])


@pytest.mark.parametrize(("own", "access"), list(product(Access, Access)))
def test_nobody_raises_themselves_and_an_owner_beside_another_may_step_down(workspace, own, access):
    MemberFactory(workspace=workspace, access=Access.OWNER)
    member = MemberFactory(workspace=workspace, access=own)
    if own != Access.OWNER:
        with pytest.raises(Forbidden):
            change_access(by=member, member=member.pk, access=access)
    else:
        change_access(by=member, member=member.pk, access=access)
    assert access_of(member) == (access if own == Access.OWNER else own)


@pytest.mark.parametrize("access", [Access.VIEWER, Access.REVIEWER, Access.EDITOR])
def test_the_only_owner_stays_one(owner, editor, access):
    with pytest.raises(Conflict, match=r"You are the only owner\. Hand the workspace over"):
        change_access(by=owner, member=owner.pk, access=access)
    with pytest.raises(Conflict, match=r"You are the only owner\. Hand the workspace over"):
        leave(by=owner)
    assert access_of(owner) == Access.OWNER
    assert not events(owner.workspace)


def test_an_owner_of_another_workspace_is_nobody_here(owner, editor, stranger):
    for operation in (
        lambda: change_access(by=stranger, member=editor.pk, access=Access.VIEWER),
        lambda: remove(by=stranger, member=editor.pk),
        lambda: hand_over(by=stranger, to=editor.pk),
    ):
        with pytest.raises(Gone):
            operation()
    assert access_of(editor) == Access.EDITOR


# ---- Removing, leaving, handing over


@pytest.mark.parametrize("who", ["editor", "reviewer", "viewer"])
def test_only_an_owner_removes(request, owner, who):
    member = request.getfixturevalue(who)
    other = MemberFactory(workspace=owner.workspace)
    with pytest.raises(Forbidden):
        remove(by=member, member=other.pk)
    remove(by=owner, member=member.pk)
    assert access_of(member) is None
    assert events(owner.workspace) == [("member.removed", owner.user, member.user, {"access": who})]


def test_an_owner_takes_themselves_out_by_leaving(owner):
    MemberFactory(workspace=owner.workspace, access=Access.OWNER)
    with pytest.raises(Refused, match="leave the workspace"):
        remove(by=owner, member=owner.pk)
    leave(by=owner)
    assert access_of(owner) is None
    assert events(owner.workspace) == [("member.left", owner.user, None, {"access": "owner"})]


def test_whoever_left_is_no_target_any_more(owner, ex_member):
    for operation in (
        lambda: change_access(by=owner, member=ex_member.pk, access=Access.OWNER),
        lambda: remove(by=owner, member=ex_member.pk),
        lambda: hand_over(by=owner, to=ex_member.pk),
    ):
        with pytest.raises(Gone):
            operation()


def test_handing_over_makes_the_other_an_owner_and_oneself_an_editor(owner, viewer):
    hand_over(by=owner, to=viewer.pk)
    assert (access_of(viewer), access_of(owner)) == (Access.OWNER, Access.EDITOR)
    assert events(owner.workspace) == [("workspace.handed_over", owner.user, viewer.user, {"was": "viewer"})]
    viewer.refresh_from_db()
    assert is_only_owner(viewer)


def test_nobody_hands_over_to_themselves_or_without_owning(owner, editor, viewer):
    with pytest.raises(Refused, match="already"):
        hand_over(by=owner, to=owner.pk)
    with pytest.raises(Forbidden, match=r"You are an editor here\. Only an owner can do that"):
        hand_over(by=editor, to=viewer.pk)
    assert access_of(owner) == Access.OWNER


def test_a_member_chooses_when_to_hear_by_mail_and_nobody_is_told(viewer):
    choose_mail(by=viewer, mail=Mail.NEVER)
    viewer.refresh_from_db()
    assert viewer.mail == Mail.NEVER
    assert not events(viewer.workspace)


@pytest.mark.parametrize("operation", ["remove", "demote", "leave"])
def test_when_the_log_cannot_be_written_nothing_changes(owner, editor, monkeypatch, operation):
    def fail(*_, **__):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(AuditEvent.objects, "create", fail)
    steps = {
        "remove": lambda: remove(by=owner, member=editor.pk),
        "demote": lambda: change_access(by=owner, member=editor.pk, access=Access.VIEWER),
        "leave": lambda: leave(by=editor),
    }
    link = link_of(editor)
    with pytest.raises(RuntimeError):
        steps[operation]()
    assert access_of(editor) == Access.EDITOR
    assert is_open(link)


# ---- What goes with it


def test_the_links_of_who_leaves_or_is_removed_are_dead_and_stay_dead(owner, editor):
    for operation in (lambda who: leave(by=who), lambda who: remove(by=owner, member=who.pk)):
        member = MemberFactory(workspace=owner.workspace)
        link, others = link_of(member), link_of(editor)
        operation(member)
        MemberFactory(workspace=owner.workspace, user=member.user)  # back again
        assert not is_open(link)
        assert is_open(others)


def test_the_links_they_made_elsewhere_stay(owner, stranger):
    guest = MemberFactory(workspace=owner.workspace, user=stranger.user)
    elsewhere = link_of(stranger)
    remove(by=owner, member=guest.pk)
    assert is_open(elsewhere)


@pytest.mark.parametrize(
    ("access", "alive"), [(Access.EDITOR, [False, True]), (Access.REVIEWER, [False, False]), (Access.OWNER, [True] * 2)]
)
def test_with_less_access_go_the_links_one_may_no_longer_make(owner, access, alive):
    other = MemberFactory(workspace=owner.workspace, access=Access.OWNER)
    invitation = invite(by=other, access=Access.VIEWER).invitation.link
    assessment = link_of(other)
    change_access(by=owner, member=other.pk, access=access)
    assert [is_open(invitation), is_open(assessment)] == alive
    change_access(by=owner, member=other.pk, access=Access.OWNER)
    assert [is_open(invitation), is_open(assessment)] == alive


def test_an_invitation_is_open_only_as_long_as_its_maker_owns_the_workspace(owner):
    link = invite(by=owner, access=Access.VIEWER).invitation.link
    Member.objects.filter(pk=owner.pk).update(access=Access.EDITOR)
    assert not is_open(link)
    Member.objects.filter(pk=owner.pk).update(access=Access.OWNER)
    assert is_open(link)


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_a_step_that_was_made_before_cannot_be_undone_any_more(owner, editor, matrix, how):
    row, role = rows_of(matrix)[0].pk, roles_of(matrix)[3].pk
    step = {"activity": row, "role": role, "level": None, "seen": matrix.revision}
    assert set_level(matrix=matrix.pk, sender=Sender(editor), **step).change is not None
    if how == "removed":
        remove(by=owner, member=editor.pk)
    else:
        change_access(by=owner, member=editor.pk, access=Access.VIEWER)
    with pytest.raises(Http404 if how == "removed" else Forbidden):
        undo(matrix=matrix.pk, sender=Sender(editor))


# ---- At the same moment


@pytest.fixture
def two(workspace):
    return [MemberFactory(workspace=workspace, access=Access.OWNER) for _ in range(2)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["demote each other", "step down", "leave", "remove each other", "hand over"])
def test_of_two_owners_who_act_at_once_one_stays(two, what):
    one, other = two

    def act(by, whom):
        match what:
            case "demote each other":
                return lambda: change_access(by=by, member=whom.pk, access=Access.VIEWER)
            case "step down":
                return lambda: change_access(by=by, member=by.pk, access=Access.EDITOR)
            case "leave":
                return lambda: leave(by=by)
            case "remove each other":
                return lambda: remove(by=by, member=whom.pk)
            case _:
                return lambda: hand_over(by=by, to=whom.pk)

    results = together(act(one, other), act(other, one))
    refused = [result for result in results if isinstance(result, Exception)]
    assert all(isinstance(result, Refused) for result in refused), results
    assert len(refused) <= 1
    assert Member.objects.filter(workspace=one.workspace, access=Access.OWNER).count() >= 1
    assert AuditEvent.objects.count() == 2 - len(refused)
