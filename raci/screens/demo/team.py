"""What the team of the demonstration does beside the matrices: who fills which role, who is invited, what leaves."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from raci.matrices import drafts, people
from raci.matrices.operations import Sender
from raci.matrices.store import read_grid
from raci.workspaces import invitations
from raci.workspaces.models import Access, AuditEvent, Member

from .story import Story


def fill_roles(story: Story, fills: Mapping[str, Sequence[str]], by_name: Mapping[str, Member]) -> None:
    """Members fill the roles of a matrix; the first that is named answers for the role."""
    story.matrix.refresh_from_db()
    if story.matrix.is_archived:
        return
    for role in read_grid(story.matrix).roles:
        for name in fills.get(role.name, ()):
            member = by_name[name]
            about: dict[str, Any] = {"matrix": story.matrix.pk, "sender": Sender(story.people[0]), "role": role.id}
            done = people.take_part(**about, user=member.user_id)
            story.record(done)
            if name == fills[role.name][0]:
                story.record(people.answer_for(**about, user=member.user_id, seen=done.matrix.revision))


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
