"""Polls: opened, put to whoever has a link, closed. Asking people and reminding them stands in asking.py, what those
who are asked do in answering.py; nothing else writes polls, respondents and answers. How far one is: counting.py.

Every operation is one transaction that reads its member again and locks the poll, so that nothing is answered after it
closed. What locks the matrix too locks it first.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from raci.grid.grid import Grid
from raci.matrices.models import Matrix
from raci.matrices.operations import OTHER_VALUES, checked_line
from raci.matrices.store import read_grid
from raci.notices.models import Outbox
from raci.web.refusals import Conflict, Refused
from raci.workspaces import audit
from raci.workspaces.access import still
from raci.workspaces.links import is_open, make_link, revoke
from raci.workspaces.models import Access, Link, Member

from .counting import count
from .evidence import evidence_of
from .locking import lock_matrix
from .models import Answer, Poll, Respondent
from .states import PollState, poll_after, poll_may

SHORTEST, LONGEST = timedelta(hours=1), timedelta(days=92)  # that a poll is open


@dataclass(frozen=True, slots=True)
class Opened:
    """A poll, and the token of its new link, told this once; "" where a form was sent a second time."""

    poll: Poll
    token: str = ""


@transaction.atomic
def open_poll(
    *, matrix: int, by: Member, title: str, until: datetime, naming: str = Poll.Naming.NAMED, key: str = ""
) -> Opened:
    """A new poll about the activities of a matrix as they are now, with a link for whoever is to have it. Sent twice it
    is opened once; 409 while another one of the matrix is open."""
    name = checked_line(title, what="title")
    if naming not in Poll.Naming.values:
        raise Refused("Choose how names are treated.")
    row = lock_matrix(matrix, by.workspace_id)
    by = still(by, Access.EDITOR)
    before = Poll.objects.filter(matrix=row, opened_by=by.user_id, key=key).first() if key else None
    if before is not None:
        if (before.title, before.until) != (name, until):
            raise Refused(OTHER_VALUES)
        return Opened(before)
    _refuse_closed_matrix(row)
    if not SHORTEST <= until - timezone.now() <= LONGEST:
        raise Refused("A poll is open for an hour at least and three months at most. Choose another day.")
    poll = Poll.objects.create(
        matrix=row,
        title=name,
        naming=naming,
        asked=_asked(read_grid(row), row.revision),
        opened_by=by.user,
        until=until,
        key=key,
    )
    audit.record(by.workspace, "poll.opened", by=by.user, poll=name, matrix=row.name)
    return Opened(poll, _new_link(poll, by))


@transaction.atomic
def set_naming(*, poll: int, by: Member, naming: str) -> Poll:
    """Another way to treat names; refused once anybody has answered. Whoever had begun is told anew before they go on.
    Again, nothing changes."""
    if naming not in Poll.Naming.values:
        raise Refused("Choose how names are treated.")
    row, by = locked(poll, by, "name")
    if row.naming == naming:
        return row
    if Answer.objects.filter(respondent__poll=row).exists():
        raise Conflict("Somebody has answered by now, and was told how names are treated. It stays as it is.")
    row.naming = naming
    row.save(update_fields=["naming"])
    Respondent.objects.filter(poll=row).update(joined_at=None, name="")
    return row


@transaction.atomic
def new_link(*, poll: int, by: Member) -> Opened:
    """A link for whoever is to have it, in the place of the one there was, which leads nowhere from now on."""
    row, by = locked(poll, by, "ask")
    return Opened(row, _new_link(row, by))


@transaction.atomic
def revoke_link(*, poll: int, by: Member) -> Poll:
    """Nobody new comes in by the link of the poll. Those who have come by it go on, and so do those who were sent one
    of their own. Again, nothing changes."""
    row, by = locked(poll, by, "ask")
    if row.link is not None:
        if is_open(row.link):
            audit.record(by.workspace, "poll.revoked", by=by.user, poll=row.title)
        revoke(row.link)
    return row


@transaction.atomic
def close(*, poll: int, by: Member, then: Callable[[Poll], None] | None = None) -> Poll:
    """Nothing is answered any more, and everyone sees what was; `then` follows under the same locks. A second time
    changes nothing."""
    found = Poll.objects.filter(pk=poll, matrix__workspace=by.workspace_id).first()
    if found is None:
        raise Http404
    lock_matrix(found.matrix_id, by.workspace_id)
    by = still(by, Access.EDITOR)
    row = lock_poll(poll, by.workspace_id)
    if row.is_open:
        _close(row, by, then)
    return row


def close_due(now: datetime, then: Callable[[Poll], None] | None = None) -> int:
    """Closes the polls whose time has come, each followed by `then`; how many."""
    due = Poll.objects.filter(state=PollState.OPEN, until__lte=now, matrix__workspace__deleted_at=None)
    rows = due.order_by("pk").values_list("pk", "matrix", "matrix__workspace")
    return sum(_close_by_itself(poll, matrix, workspace, then) for poll, matrix, workspace in rows)


def called(respondent: Respondent) -> str:
    """What an editor reads for somebody who is asked: their name, else their address, else ""."""
    return str(respondent.user) if respondent.user else respondent.name or respondent.address


def locked(poll: int, by: Member, step: str) -> tuple[Poll, Member]:
    """The poll of the member's workspace and the member as they are now, both locked, so that this step can be done; a
    404 where there is none, a refusal where they may not or it cannot be done any more."""
    by = still(by, Access.EDITOR)
    row = lock_poll(poll, by.workspace_id)
    poll_after(row.state, step)
    return row, by


def lock_poll(poll: int, workspace: int | None = None) -> Poll:
    """The poll, locked, with its matrix; with `workspace`, if it is one of that. 404 for one that is not there."""
    rows = Poll.objects.select_for_update(of=("self",), no_key=True).select_related("matrix__workspace", "link")
    rows = rows.filter(pk=poll, matrix__workspace__deleted_at=None)
    row = (rows.filter(matrix__workspace=workspace) if workspace is not None else rows).first()
    if row is None:
        raise Http404
    return row


def _asked(grid: Grid, revision: int) -> dict[str, object]:
    """What is asked about, as it is at this revision: never a level. Refused where there is nothing to ask."""
    if not grid.activities or not grid.roles:
        raise Refused("A poll asks which role leads each activity. Give the matrix some of both first.")
    stages = {stage.id: stage.name for stage in grid.stages}
    return {
        "activities": [
            {
                "id": each.id,
                "name": each.name,
                "stage": stages.get(each.stage or 0, ""),
                "description": each.description,
            }
            for each in grid.activities
        ],
        "roles": [{"id": role.id, "name": role.name} for role in grid.roles],
        "revision": revision,
    }


def _new_link(poll: Poll, by: Member) -> str:
    if poll.link is not None:
        revoke(poll.link)
    poll.link, token = make_link(purpose=Link.Purpose.POLL, workspace=by.workspace, by=by.user, until=poll.until)
    poll.save(update_fields=["link"])
    audit.record(by.workspace, "poll.shared", by=by.user, poll=poll.title)
    return token


def _refuse_closed_matrix(matrix: Matrix) -> None:
    """Under the lock of the matrix: it is not archived, and no poll of it is open."""
    if matrix.is_archived:
        raise Refused("This matrix is archived. Bring it back to ask people about it.", "conflict", 409)
    if Poll.objects.filter(matrix=matrix, state=PollState.OPEN).exists():
        raise Conflict("A poll of this matrix is open. Close it before you open another one.")


@transaction.atomic
def _close_by_itself(poll: int, matrix: int, workspace: int, then: Callable[[Poll], None] | None) -> int:
    """1 where it was still open, 0 where somebody closed it, or it went, a moment before."""
    try:
        lock_matrix(matrix, workspace)
        row = lock_poll(poll)
    except Http404:
        return 0
    if not poll_may(row.state, "close"):
        return 0
    _close(row, None, then)
    return 1


def _close(row: Poll, by: Member | None, then: Callable[[Poll], None] | None) -> None:
    """Counts what was sent and ends all links; under the locks of the matrix and the poll."""
    row.state = poll_after(row.state, "close")
    row.closed_at, row.result = timezone.now(), count(row)
    row.save(update_fields=["state", "closed_at", "result"])
    evidence = evidence_of(row.matrix)
    evidence.poll, evidence.settled = row, []
    evidence.save(update_fields=["poll", "settled"])
    _end_links(row)
    if row.is_named:
        Answer.objects.filter(respondent__poll=row, respondent__submitted_at=None).delete()  # never sent
    else:
        _take_identities(row)
    workspace, user, matrix = row.matrix.workspace, by.user if by else None, row.matrix.name
    audit.record(workspace, "poll.closed", by=user, poll=row.title, matrix=matrix, by_itself=by is None)
    if then is not None:
        then(row)


def _end_links(poll: Poll) -> None:
    """That of the poll, and those of everyone who was asked."""
    now, people = timezone.now(), Respondent.objects.filter(poll=poll)
    if poll.link is not None:
        revoke(poll.link)
    Link.objects.filter(pk__in=people.values("link"), revoked_at=None).update(revoked_at=now)


def _take_identities(poll: Poll) -> None:
    """From now on nobody can tell who was asked, who answered or what: everybody goes, with all mails to them.

    Those who have a token come again as somebody with that token and nothing else, in an order that chance made."""
    now = poll.closed_at or timezone.now()
    people = Respondent.objects.filter(poll=poll)
    tokens = people.exclude(digest="").order_by("digest").values_list("digest", "submitted_at", "is_left_out")
    known = [
        Respondent(
            poll=poll,
            digest=digest,
            asked_at=now,
            joined_at=now,
            submitted_at=now if sent else None,
            is_left_out=is_left_out,
        )
        for digest, sent, is_left_out in tokens
    ]
    Outbox.objects.filter(link__in=people.values("link")).delete()
    Answer.objects.filter(respondent__poll=poll).delete()
    people.delete()
    Respondent.objects.bulk_create(known, batch_size=500)
