"""manage.py check_invariants: whether what must always hold does hold. It only looks, also while people work."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from raci.grid.text import counted
from raci.matrices import invariants as of_matrices
from raci.matrices.models import Change, Matrix
from raci.notices import invariants as of_mail
from raci.publishing import invariants as of_published
from raci.reviews import invariants as of_reviews
from raci.web.orphans import orphans
from raci.workspaces import invariants as of_workspaces
from raci.workspaces.models import Workspace


class Command(BaseCommand):
    help = "Look whether what must always hold does: one Lead a row, the log leads to the tables, an owner, and so on."

    def handle(self, *args: Any, **options: Any) -> None:
        rooms = (of_matrices, of_workspaces, of_mail, of_published, of_reviews)
        broken = [*(sentence for room in rooms for sentence in room.broken()), *orphans()]
        for sentence in broken:
            self.stdout.write(sentence)
        matrices, changes = (
            counted(Matrix.objects.count(), "matrix", "matrices"),
            counted(Change.objects.count(), "change"),
        )
        workspaces = counted(Workspace.objects.count(), "workspace")
        if broken:
            raise CommandError(f"{counted(len(broken), 'thing')} broken in {workspaces}, {matrices} and {changes}.")
        self.stdout.write(f"Looked at {workspaces}, {matrices} and {changes}. Everything holds.")
