"""What must hold of every workspace."""

from collections.abc import Iterator

from django.db.models import F, Q
from django.utils import timezone

from .models import Access, Invitation, Member, Workspace
from .operations import RESTORABLE


def broken() -> list[str]:
    return [*_owners(), *_invitations()]


def _owners() -> Iterator[str]:
    """I8: a workspace that is in use, or can be restored, has an owner."""
    owned = Member.objects.filter(access=Access.OWNER).values("workspace")
    wanted = Workspace.objects.filter(Q(deleted_at=None) | Q(deleted_at__gt=timezone.now() - RESTORABLE))
    for pk in wanted.exclude(pk__in=owned).order_by("pk").values_list("pk", flat=True):
        yield f"I8: workspace {pk} has no owner"


def _invitations() -> Iterator[str]:
    """The link of an invitation leads where the invitation does."""
    strays = Invitation.objects.exclude(link__workspace=F("workspace")).order_by("pk")
    for pk, workspace in strays.values_list("pk", "workspace"):
        yield f"Invitation {pk} of workspace {workspace} has a link into another"
