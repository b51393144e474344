"""Lets deleted workspaces go for good before their time, by name; `run_due` does the same when their time has come."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from raci.grid.text import counted, day
from raci.workspaces.models import Workspace
from raci.workspaces.operations import MOST_PURGED, purge


class Command(BaseCommand):
    help = "Remove deleted workspaces for good, with all that is in them. They can't be restored after that."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", nargs="+", help="the name or the number of a workspace that was deleted")
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *, name: list[str], dry_run: bool, **options: Any) -> None:
        found = {workspace.pk: workspace for workspace in map(_deleted, dict.fromkeys(name))}
        if len(found) > MOST_PURGED:
            raise CommandError(f"{len(found)} at once are too many; up to {MOST_PURGED} go. Nothing was removed.")
        for workspace in found.values():
            self.stdout.write(f"{'Would remove' if dry_run else 'Removing'} {_described(workspace)}")
        if dry_run:
            self.stdout.write("Nothing was removed.")
            return
        gone = purge(found, deleted_before=timezone.now())
        self.stdout.write(f"{counted(gone, 'workspace')} removed.")


def _deleted(name: str) -> Workspace:
    """The deleted workspace of that name, or with that number."""
    rows = Workspace.objects.exclude(deleted_at=None)
    found = list(rows.filter(name=name).order_by("pk"))
    if not found and name.isdecimal() and int(name) < 2**63:
        found = list(rows.filter(pk=int(name)))
    if not found:
        raise CommandError(f"No deleted workspace is called “{name}”. Nothing was removed.")
    if len(found) > 1:
        numbers = ", ".join(str(each.pk) for each in found)
        raise CommandError(f"Several are called “{name}”. Name one by its number: {numbers}. Nothing was removed.")
    return found[0]


def _described(workspace: Workspace) -> str:
    assert workspace.deleted_at is not None
    matrices, people = workspace.matrices.count(), workspace.members.count()
    holds = f"{counted(matrices, 'matrix', 'matrices')}, {counted(people, 'person', 'people')}"
    return f"“{workspace.name}” ({workspace.pk}), deleted {day(timezone.localtime(workspace.deleted_at))}: {holds}."
