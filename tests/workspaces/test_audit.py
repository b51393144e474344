"""The audit log is written once: the database refuses to change it, whoever asks."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from raci.workspaces import audit, operations
from raci.workspaces.models import AuditEvent, Workspace
from tests.factories import UserFactory

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
