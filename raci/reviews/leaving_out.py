"""Leaving out who came by the link of a poll and should not have, or came more than once, before it is counted.

Nobody is told, and no answer is looked at: an editor sees a name, where the poll is with names, and when they came.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404

from raci.workspaces import audit
from raci.workspaces.models import Member

from .answering import BY_LINK
from .models import Poll, Respondent
from .polling import locked


@transaction.atomic
def leave_out(*, poll: int, by: Member, respondents: Collection[int]) -> int:
    """Counts these nowhere from now on; how many. Again, nothing changes."""
    return _set(poll, by, respondents, is_left_out=True)


@transaction.atomic
def bring_back(*, poll: int, by: Member, respondents: Collection[int]) -> int:
    """Counts these again; how many."""
    return _set(poll, by, respondents, is_left_out=False)


def to_list(poll: Poll) -> QuerySet[Respondent]:
    """Those who came by the link, whom an editor can leave out, and those who have not sent their answers."""
    rows = Respondent.objects.filter(BY_LINK | Q(submitted_at=None), poll=poll)
    return rows.select_related("user", "mail").order_by("pk")


def _set(poll: int, by: Member, respondents: Collection[int], *, is_left_out: bool) -> int:
    row, by = locked(poll, by, "ask")
    chosen = Respondent.objects.filter(BY_LINK, poll=row, pk__in=set(respondents))
    if not respondents or chosen.count() != len(set(respondents)):
        raise Http404
    changed = chosen.exclude(is_left_out=is_left_out).update(is_left_out=is_left_out)
    if changed:
        kind = "poll.left_out" if is_left_out else "poll.counted_again"
        audit.record(by.workspace, kind, by=by.user, poll=row.title, people=changed)
    return changed
