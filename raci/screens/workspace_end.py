"""The end of a workspace as its members learn of it: those who lose it are told by mail, in the same transaction."""

from django.db import transaction
from django.utils import timezone

from raci.accounts.models import User
from raci.grid.text import day
from raci.notices.names import sign_of
from raci.notices.outbox import put_each, write
from raci.workspaces import operations
from raci.workspaces.models import Member, Workspace
from raci.workspaces.operations import RESTORABLE


def delete_workspace(*, by: Member, typed: str) -> Workspace:
    """Deletes it, and writes to everybody in it but whoever did so. `typed` is its name, as proof.

    The mails are no part of the workspace: they must go out although that one is deleted.
    """
    until = day((timezone.now() + RESTORABLE).date())
    letter = write("workspace_deleted", {"workspace": by.workspace, "by": sign_of(by.user), "until": until})
    with transaction.atomic():
        row = operations.delete(by=by, typed=typed)
        others = User.objects.filter(memberships__workspace=row, is_active=True).exclude(pk=by.user_id)
        put_each(letter, to=others.order_by("pk"), key=f"workspace-deleted:{row.pk}:{row.deleted_at:%Y%m%d%H%M%S}")
    return row
