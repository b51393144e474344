"""What the team of the demonstration does beside the matrices: who is invited, what leaves."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from raci.matrices import drafts
from raci.workspaces import invitations
from raci.workspaces.models import Access, AuditEvent, Member

from .story import Story


def open_doors(entry: Mapping[str, Any], stories: Sequence[Story], by_name: Mapping[str, Member]) -> None:
    """An invitation that nobody has taken up yet, a link to look at a draft, and workbooks that were taken along."""
    for taken in entry["exports"]:
        _note_export(by_name[taken["by"]], taken)
    matrices = {story.matrix.name: story.matrix for story in stories}
    invited, draft = entry["invitation"], entry["draft"]
    invitations.invite(by=by_name[invited["by"]], access=Access(invited["access"]), email=invited["email"])
    drafts.make(matrix=matrices[draft["matrix"]].pk, by=by_name[draft["by"]], name=draft["name"])


def _note_export(by: Member, taken: Mapping[str, Any]) -> None:
    """What no operation does: an entry of the log that says it was made some days ago."""
    AuditEvent.objects.create(
        workspace=by.workspace,
        at=timezone.now() - timedelta(days=taken["days"]),
        kind="exported",
        by=by.user,
        about={"matrix": taken["matrix"], "kind": taken["kind"]},
    )
