"""A bulletin tells what changed for the roles somebody fills, once their matrix has been quiet for a while: one notice.

`Told` keeps up to which revision each of them knows. A matrix they see for the first time makes no bulletin.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.urls import reverse

from raci.grid.text import counted, listed
from raci.notices.notices import notify
from raci.workspaces.models import Member

from .edits import is_renumbered
from .models import Assignment, Change, Matrix, Role, Told
from .sentences import tell

QUIET = timedelta(minutes=10)  # since the last change, whoever made it
AT_LATEST = timedelta(hours=1)  # after the first change that others made
MOST_LINES = 12
_PEOPLE = {"people", "members", "answers"}  # who fills a role, which is told at once, by name (raci/screens/filling.py)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who fills roles of a matrix, and the revision they know; None where they never heard of it."""

    matrix: int
    user: int
    roles: frozenset[int]
    knows: int | None
    newest: int


def write_bulletins(now: datetime) -> str:
    """Writes the notices whose time has come."""
    told = sum(_tell_all_of(matrix, recipients, now) for matrix, recipients in _behind().items())
    return f"{counted(told, 'notice')} about changes written." if told else ""


def _behind() -> dict[int, list[Recipient]]:
    """Those who do not know the newest revision, by matrix; whoever fills no role any more is forgotten."""
    roles: defaultdict[tuple[int, int], set[int]] = defaultdict(set)
    newest: dict[int, int] = {}
    live = Role.objects.filter(matrix__is_archived=False, matrix__workspace__deleted_at=None).exclude(members=[])
    for pk, matrix, revision, users in live.values_list("pk", "matrix_id", "matrix__revision", "members"):
        newest[matrix] = revision
        for user in users:
            roles[matrix, user].add(pk)
    known, left = {}, []
    for pk, matrix, user, revision in Told.objects.values_list("pk", "matrix_id", "member__user_id", "revision"):
        known[matrix, user] = revision
        if (matrix, user) not in roles:
            left.append(pk)
    Told.objects.filter(pk__in=left).delete()
    found: defaultdict[int, list[Recipient]] = defaultdict(list)
    for (matrix, user), filled in roles.items():
        if known.get((matrix, user)) != newest[matrix]:
            recipient = Recipient(matrix, user, frozenset(filled), known.get((matrix, user)), newest[matrix])
            found[matrix].append(recipient)
    return dict(found)


def _tell_all_of(matrix: int, recipients: Sequence[Recipient], now: datetime) -> int:
    users = [recipient.user for recipient in recipients]
    members = {
        member.user_id: member
        for member in Member.objects.filter(workspace__matrices=matrix, user__in=users, user__is_active=True)
    }
    since = min((recipient.knows for recipient in recipients if recipient.knows is not None), default=None)
    changes: list[tuple[int, int | None, datetime]] = []
    if since is not None:
        log = Change.objects.filter(matrix=matrix, revision__gt=since).order_by("revision")
        changes = list(log.values_list("revision", "by_id", "at"))
    told = 0
    for recipient in recipients:
        if (member := members.get(recipient.user)) is None:
            continue
        if recipient.knows is None:
            Told.objects.get_or_create(matrix_id=matrix, member=member, defaults={"revision": recipient.newest})
        elif _is_ripe(recipient, changes, now):
            told += _tell(recipient, member)
    return told


def _is_ripe(recipient: Recipient, changes: Sequence[tuple[int, int | None, datetime]], now: datetime) -> bool:
    """Whether it is time to tell them; also where others did nothing since, so that there is nothing to tell."""
    since = [(by, at) for revision, by, at in changes if revision > (recipient.knows or 0)]
    by_others = [at for by, at in since if by != recipient.user]
    return not by_others or now - since[-1][1] >= QUIET or now - by_others[0] >= AT_LATEST


@transaction.atomic
def _tell(recipient: Recipient, member: Member) -> bool:
    """Writes the notice, if there is something to say, and how far they know now; once, whoever else tries."""
    knows = recipient.knows or 0
    moved = Told.objects.filter(matrix=recipient.matrix, member=member, revision=knows)
    if moved.update(revision=recipient.newest) != 1:
        return False
    matrix = Matrix.objects.get(pk=recipient.matrix)
    log = Change.objects.filter(matrix=matrix, revision__range=(knows + 1, recipient.newest))
    log = log.exclude(by=recipient.user).order_by("revision")
    rows = set(Assignment.objects.filter(role__in=recipient.roles).values_list("activity_id", flat=True))
    lines = [line for change in log for line in _lines(change, recipient.roles, rows)]
    if not lines:
        return False
    notify(
        member,
        text=_text(matrix, recipient.roles, lines),
        url=reverse("history", args=[matrix.workspace_id, matrix.pk]),
        key=f"bulletin:{matrix.pk}:{recipient.newest}",
    )
    return True


def _lines(change: Change, roles: frozenset[int], rows: set[int]) -> Iterator[str]:
    """What one change did to these roles, and to the activities they have, or had, a part in."""
    if any(_is_about_role(edit, roles) for edit in change.edits):
        yield tell(change).headline
    for edit in change.edits:
        if _is_about_row(edit, roles, rows) and (not is_renumbered(edit) or change.moved("activity", edit["id"])):
            yield tell(change, only=edit["id"]).headline


def _is_about_role(edit: dict[str, Any], roles: frozenset[int]) -> bool:
    if edit["table"] != "role" or edit["id"] not in roles or is_renumbered(edit):
        return False
    return edit["before"] is None or edit["after"] is None or not set(edit["after"]) <= _PEOPLE


def _is_about_row(edit: dict[str, Any], roles: frozenset[int], rows: set[int]) -> bool:
    if edit["table"] != "activity":
        return False
    cells = {**(edit["before"] or {}).get("cells", {}), **(edit["after"] or {}).get("cells", {})}
    return edit["id"] in rows or any(str(role) in cells for role in roles)


def _text(matrix: Matrix, roles: frozenset[int], lines: Sequence[str]) -> str:
    """A headline, and the first lines below it."""
    names = listed(list(Role.objects.filter(pk__in=roles).values_list("name", flat=True)) or ["a role"])
    shown = [f"- {line}" for line in lines[:MOST_LINES]]
    if more := len(lines) - len(shown):
        shown.append(f"- and {more:,} more")
    return "\n".join([f"“{matrix.name}” changed, where you fill {names}:", "", *shown])
