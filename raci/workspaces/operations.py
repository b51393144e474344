"""A workspace as a whole: opened, renamed, deleted, restored while that is possible, and gone for good."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from raci.accounts.models import User
from raci.accounts.operations import lock_user
from raci.grid.text import plain_line
from raci.web.refusals import Conflict, Gone, Refused

from . import audit
from .access import lock, still
from .models import Access, Member, Workspace
from .signup import open_workspace

MOST_OWNED = 20  # by one person, those that can still be restored among them
RESTORABLE = timedelta(days=30)
MOST_PURGED = 20  # in one run


def restorable_until(workspace: Workspace) -> datetime | None:
    """Until when a deleted workspace can be restored; None for one that is in use."""
    return None if workspace.deleted_at is None else workspace.deleted_at + RESTORABLE


@transaction.atomic
def open_another(*, by: User, name: str) -> Workspace:
    """A new workspace, owned by whoever opens it; 409 where they own one of that name, so that sent twice it is one."""
    title = _checked(name)
    lock_user(by)
    owned = Workspace.objects.filter(members__user=by, members__access=Access.OWNER)
    if any(_same(title, each.name) and each.deleted_at is None for each in owned):
        raise Conflict(f"You own a workspace called “{title}” already. Choose another name.")
    if len(owned) >= MOST_OWNED:
        raise Refused(f"You own {MOST_OWNED} workspaces, those that can be restored included. Hand one over first.")
    return open_workspace(by, title)


@transaction.atomic
def rename(*, by: Member, name: str, was: str) -> Workspace:
    """Another name; `was` is the one the sender saw: 409 where somebody has given it yet another one since."""
    title = _checked(name)
    row = _locked(by)
    if row.name not in (was, title):
        said = f"It was called “{was}” when you opened this page, and is called “{row.name}” now."
        raise Conflict(f"{said} Send yours again if it should be called so all the same.")
    if row.name != title:
        audit.record(row, "workspace.renamed", by=by.user, name=title)  # what it was called may name a person
        row.name = title
        row.save(update_fields=["name"])
    return row


@transaction.atomic
def delete(*, by: Member, typed: str) -> Workspace:
    """From this moment nobody can use it. `typed` is its name, as proof that this one is meant."""
    row = _locked(by)
    if not _same(typed, row.name):
        raise Refused(f"That is not its name. Type “{row.name}” to delete it.")
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    audit.record(row, "workspace.deleted", by=by.user)
    return row


@transaction.atomic
def restore(*, by: User, workspace: int) -> Workspace:
    """A deleted workspace as it was, for one of its owners. A second time changes nothing."""
    row = Workspace.objects.select_for_update(no_key=True).filter(pk=workspace).first()
    owners = Member.objects.filter(workspace=workspace, user=by, access=Access.OWNER)
    until = None if row is None else restorable_until(row)
    if row is None or not owners.exists() or (until is not None and until <= timezone.now()):
        raise Gone("That workspace is not here any more, or you may not restore it.")
    if row.deleted_at is not None:
        row.deleted_at = None
        row.save(update_fields=["deleted_at"])
        audit.record(row, "workspace.restored", by=by)
    return row


def purge_due(now: datetime) -> int:
    """Lets go for good what can't be restored any more, the longest deleted first, a few at a time; how many went."""
    due = Workspace.objects.filter(deleted_at__lte=now - RESTORABLE).order_by("deleted_at", "pk")
    return purge(due.values_list("pk", flat=True)[:MOST_PURGED], deleted_before=now - RESTORABLE)


def purge(workspaces: Iterable[int], *, deleted_before: datetime) -> int:
    """Lets deleted workspaces go with all that is in them, one by one; how many went.

    One that was restored a moment ago stays.
    """
    gone = 0
    for pk in list(workspaces):
        with transaction.atomic():
            found = Workspace.objects.select_for_update().filter(pk=pk, deleted_at__lte=deleted_before).first()
            if found is not None:
                found.delete()
                gone += 1
    return gone


def _locked(by: Member) -> Workspace:
    """The workspace under its lock, for a member who owns it still."""
    row = lock(by.workspace_id)
    still(by, Access.OWNER)
    return row


def _checked(name: str) -> str:
    try:
        return plain_line(name)
    except ValueError as error:
        raise Refused(str(error)) from error


def _same(one: str, other: str) -> bool:
    """Whether somebody typed that name: case and spaces around it are set aside."""
    return unicodedata.normalize("NFC", one).strip().casefold() == other.strip().casefold()
