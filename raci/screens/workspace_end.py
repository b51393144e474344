"""The end of a workspace as its members learn of it: those who lose it are told by mail, in the same transaction."""

from django.db import transaction

from raci.accounts.models import User
from raci.grid.text import day
from raci.notices.outbox import post
from raci.workspaces import operations
from raci.workspaces.models import Member, Workspace
from raci.workspaces.operations import RESTORABLE


@transaction.atomic
def delete_workspace(*, by: Member, typed: str) -> Workspace:
    """Deletes it, and writes to everybody in it but whoever did so. `typed` is its name, as proof."""
    row = operations.delete(by=by, typed=typed)
    for user in User.objects.filter(memberships__workspace=row, is_active=True).exclude(pk=by.user_id).order_by("pk"):
        _tell(user, row, by)
    return row


def _tell(user: User, workspace: Workspace, by: Member) -> None:
    """No `workspace` with the mail: it must go out although that one is deleted."""
    assert workspace.deleted_at is not None
    until = day((workspace.deleted_at + RESTORABLE).date())
    context = {"name": workspace.name, "by": str(by.user), "until": until}
    key = f"workspace-deleted-{workspace.pk}-{user.pk}-{workspace.deleted_at:%Y%m%d%H%M%S}"
    post(to=user.email, mail="workspace_deleted", context=context, user=user, key=key)
