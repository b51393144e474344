"""The audit log: the database refuses to change it, and each link that goes with the access of its maker stands in it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from culture.asking import open_assessment
from raci.matrices import drafts
from raci.screens.audit import sentence
from raci.workspaces import audit, members, operations
from raci.workspaces.invitations import invite
from raci.workspaces.models import Access, AuditEvent, Link, Workspace
from tests.factories import MemberFactory, UserFactory

CHANGES = {
    "kind": lambda rows, _: rows.update(kind="member.joined"),
    "about": lambda rows, _: rows.update(about={"name": "Other"}),
    "at": lambda rows, _: rows.update(at=timezone.now() - timedelta(days=1)),
    "another person": lambda rows, user: rows.update(by=user),
    "another person beside": lambda rows, user: rows.update(whom=user),
    "removed": lambda rows, _: rows.delete(),
}


@pytest.fixture
def noted(owner, editor) -> AuditEvent:
    audit.record(owner.workspace, "member.removed", by=owner.user, whom=editor.user, access="editor")
    return AuditEvent.objects.get()


@pytest.mark.parametrize("change", CHANGES)
def test_no_entry_is_changed_or_removed(noted, change):
    other, before = UserFactory(), AuditEvent.objects.values().get()
    with pytest.raises(IntegrityError, match="audit log"), transaction.atomic():
        CHANGES[change](AuditEvent.objects.filter(pk=noted.pk), other)
    assert AuditEvent.objects.values().get() == before


def test_an_entry_forgets_who_it_names(noted):
    AuditEvent.objects.update(by=None)
    AuditEvent.objects.update(whom=None)
    assert AuditEvent.objects.values_list("by", "whom", "kind").get() == (None, None, "member.removed")


def test_it_goes_with_a_workspace_that_was_deleted_and_no_other(noted, owner):
    with pytest.raises(IntegrityError), transaction.atomic():
        owner.workspace.delete()
    operations.delete(by=owner, typed=owner.workspace.name)
    assert operations.purge([owner.workspace_id], deleted_before=timezone.now()) == 1
    assert not Workspace.objects.exists()
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize(
    ("lose", "own", "lost"),
    [
        ("demote to editor", Access.OWNER, ["invitation"]),
        ("demote to viewer", Access.OWNER, ["assessment", "draft", "invitation"]),
        ("remove", Access.EDITOR, ["assessment", "draft"]),
        ("hand over", Access.OWNER, ["invitation"]),
    ],
)
def test_each_link_that_goes_with_the_access_of_its_maker_is_noted_once(owner, matrix, lose, own, lost):
    maker = MemberFactory(workspace=owner.workspace, user__name="Mia Maker", access=own)
    drafts.make(matrix=matrix.pk, by=maker)
    open_assessment(by=maker, title="A round", asks_others=True)
    invite(by=maker if own == Access.OWNER else owner, access=Access.VIEWER)
    ended = drafts.make(matrix=matrix.pk, by=maker).draft
    drafts.revoke_draft(matrix=matrix.pk, draft=ended.pk, by=owner)
    before = AuditEvent.objects.latest("pk").pk
    match lose:
        case "demote to editor":
            members.change_access(by=owner, member=maker.pk, access=Access.EDITOR)
        case "demote to viewer":
            members.change_access(by=owner, member=maker.pk, access=Access.VIEWER)
        case "remove":
            members.remove(by=owner, member=maker.pk)
        case "hand over":
            members.hand_over(by=maker, to=owner.pk)
    noted = AuditEvent.objects.filter(pk__gt=before, kind__endswith=".revoked")
    assert sorted(event.kind for event in noted) == [f"{purpose}.revoked" for purpose in lost]
    by = "Mia Maker" if lose == "hand over" else "Olive Owner"
    assert {event.by.name for event in noted} == {by}
    said = [sentence(event) for event in noted]
    assert (f"{by} revoked a link of Mia Maker to look at a draft." in said) == ("draft" in lost)
    assert not Link.objects.filter(user=maker.user, purpose__in=lost, revoked_at=None).exists()


def test_who_leaves_gives_up_their_links(editor, owner, matrix):
    drafts.make(matrix=matrix.pk, by=editor)
    members.leave(by=editor)
    event = AuditEvent.objects.latest("pk")
    assert sentence(event) == "Eddie Editor gave up a link to look at a draft."
