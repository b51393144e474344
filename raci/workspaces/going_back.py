"""What the migrations ask before a database goes back to a release that knows no deleted workspaces."""

from typing import Any

from django.core.management.base import CommandError

from raci.grid.text import listed


def refuse_while_one_is_deleted(apps: Any, schema_editor: Any) -> None:
    """There a deleted workspace would be in use again, without anybody having restored it.

    Each migration asks that came with deleted workspaces: whichever is taken back first, nothing is lost by then.
    """
    rows = apps.get_model("workspaces", "Workspace").objects.exclude(deleted_at=None).order_by("name", "pk")
    if names := [f"“{name}”" for name in rows.values_list("name", flat=True)]:
        raise CommandError(
            f"Deleted, and in use again if you went back: {listed(names)}. Restore each, or let it go for good with "
            "manage.py purge_workspaces NAME. Nothing was changed."
        )
