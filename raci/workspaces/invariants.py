"""What must hold of every workspace."""

from .models import Access, Member, Workspace


def broken() -> list[str]:
    """I8: a workspace that is in use has an owner."""
    owned = Member.objects.filter(access=Access.OWNER).values("workspace")
    without = Workspace.objects.filter(deleted_at=None).exclude(pk__in=owned).order_by("pk")
    return [f"I8: workspace {pk} has no owner" for pk in without.values_list("pk", flat=True)]
