"""The workspaces of a person as their list shows them: those they use, and as an owner those they can restore."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from raci.accounts.models import User
from raci.workspaces.models import Access, Member
from raci.workspaces.operations import RESTORABLE, restorable_until


@dataclass(frozen=True, slots=True)
class Deleted:
    """A workspace that can be restored, and until when."""

    member: Member
    until: datetime


def in_use(user: User) -> list[Member]:
    """Their memberships by the name of the workspace, each with the number of `matrices` in use and of `people`."""
    counted = (
        _of(user)
        .filter(workspace__deleted_at=None)
        .annotate(
            matrices=Count("workspace__matrices", Q(workspace__matrices__is_archived=False), distinct=True),
            people=Count("workspace__members", distinct=True),
        )
    )
    return _by_name(counted)


def restorable(user: User) -> list[Deleted]:
    """What they own and can still restore."""
    rows = _of(user).filter(access=Access.OWNER, workspace__deleted_at__gt=timezone.now() - RESTORABLE)
    found = [(member, restorable_until(member.workspace)) for member in _by_name(rows)]
    return [Deleted(member, until) for member, until in found if until is not None]


def _of(user: User) -> QuerySet[Member]:
    return Member.objects.filter(user=user).select_related("workspace")


def _by_name(members: QuerySet[Member]) -> list[Member]:
    return sorted(members, key=lambda member: (member.workspace.name.casefold(), member.workspace_id))
