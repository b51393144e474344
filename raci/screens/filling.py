"""Who fills a role, changed so that those concerned hear of it: written with the change, in its transaction.

What else changes in the matrix of somebody's roles, they hear of later, in one notice (see raci/matrices/bulletins.py).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from django.db import transaction
from django.urls import reverse

from raci.matrices.edits import Row
from raci.matrices.models import Change
from raci.matrices.operations import Done
from raci.notices.names import sign_of
from raci.notices.notices import notify
from raci.workspaces.models import Member

Asked = ParamSpec("Asked")


@dataclass(frozen=True, slots=True)
class News:
    """What a change made of one member's part in a role. `headline` lacks who did it."""

    user: int
    role: int
    headline: str
    is_gone: bool = False  # the role itself


def telling(operation: Callable[Asked, Done], *args: Asked.args, **asked: Asked.kwargs) -> Done:
    """What the operation returns. Whoever fills a role by it, or no longer, or answers for one, is told by name,
    unless they did it themselves."""
    with transaction.atomic():
        done = operation(*args, **asked)
        if done.change is not None and not done.replayed:
            _tell(done.change)
    return done


def _tell(change: Change) -> None:
    news = [one for one in _news(change) if one.user != change.by_id]
    if not news or change.by is None:
        return
    workspace, matrix = change.matrix.workspace_id, change.matrix_id
    users = {one.user for one in news}
    members = {row.user_id: row for row in Member.objects.filter(workspace=workspace, user__in=users)}
    for one in news:
        if one.user not in members:
            continue
        url = reverse("matrix", args=[workspace, matrix])
        if not one.is_gone:
            url = reverse("role", args=[workspace, matrix, one.role])
        text = f"{sign_of(change.by)} {one.headline} in “{change.matrix.name}”."
        notify(members[one.user], text=text, url=url, key=f"part:{change.pk}:{one.role}")


def _news(change: Change) -> Iterator[News]:
    for edit in change.edits:
        if edit["table"] != "role":
            continue
        before, after, name = edit["before"] or {}, edit["after"] or {}, edit["name"]
        for user in sorted(_named(before) | _named(after)):
            if headline := _headline(name, user, before, after):
                yield News(user, edit["id"], headline, is_gone=edit["after"] is None)


def _named(row: Row) -> set[int]:
    return {*row.get("members", ()), *filter(None, [row.get("answers")])}


def _headline(name: str, user: int, before: Row, after: Row) -> str:
    """ "" where their part is as it was. A change holds only what differs: who fills a role, who answers, or both."""
    filled, fills = user in before.get("members", ()), user in after.get("members", ())
    answered, answers = before.get("answers") == user, after.get("answers") == user
    match fills - filled, answers - answered:
        case 1, 1:
            return f"put you into the role {name}, to answer for it"
        case 1, _:
            return f"put you into the role {name}"
        case -1, _:
            return f"took you out of the role {name}"
        case 0, 1:
            return f"chose you to answer for {name}"
        case 0, -1:
            return f"chose that you no longer answer for {name}"
    return ""
